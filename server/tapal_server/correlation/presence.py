"""Presence: somebody crosses, lands or boards where or when no service is planned."""

from dataclasses import dataclass
from math import prod

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.groups import Groups
from tapal_server.correlation.hours import day_and_night, in_service, local
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

REMEMBERED_S = 10 * 86400.0  # a plan entered later than this explains no alert by itself


def reason_for(site: Site, crossing: Crossing, plans: Plans) -> str | None:
    """Return why a crossing is out of place, or None when it is not or a plan explains it."""
    why = out_of_place(site, crossing, plans)
    return None if why is None or plans.covering(crossing) is not None else why


def out_of_place(site: Site, crossing: Crossing, plans: Plans) -> str | None:
    """Return why a crossing is out of place unless somebody planned it; None when it is not."""
    if site.kind == "unofficial":
        return "unofficial_path"
    if (in_service(site, crossing.time) and not site.scheduled_only) or plans.voyage_of(crossing) is not None:
        return None
    return "no_scheduled_call" if site.scheduled_only else "outside_hours"


def always_open(site: Site) -> bool:
    """Whether nobody is ever out of place at a site."""
    return site.kind != "unofficial" and not site.scheduled_only and day_and_night(site)


@dataclass(frozen=True, slots=True)
class Stray:
    """Somebody out of place, and why."""

    site: Site
    crossing: Crossing
    why: str


class Presence:
    """Groups people who come together into one alert."""

    def __init__(self, book: Book, gap_s: float) -> None:
        self._book = book
        self._gap = gap_s
        self._groups: dict[tuple[str, str, str], Groups[Stray]] = {}

    def see(self, site: Site, crossing: Crossing, why: str, now: float) -> None:
        """Raise an alert for a crossing out of place, or add it to the group it belongs to."""
        key = (site.id, crossing.line, crossing.direction)
        groups = self._groups.setdefault(key, Groups("presence", self._gap))
        if crossing.id in groups:
            return
        for old in groups.forget(min(now, crossing.time) - REMEMBERED_S):
            self._book.forget(old.cause)
        groups.add(crossing.time, crossing.id, Stray(site, crossing, why))
        self._settle(groups, now, Reason("joined"))

    def reconsider(self, plans: Plans, now: float) -> None:
        """Close the alerts that plans entered since explain, and take out of others whom they cover."""
        for groups in self._groups.values():
            for stray in groups.everybody():
                one = stray.crossing
                if reason_for(stray.site, one, plans) is None:
                    groups.remove(one.time, one.id)
                    self._settle(groups, now, plans.because(one) or Reason("planned", {"note": ""}))

    def _settle(self, groups: Groups[Stray], now: float, because: Reason) -> None:
        left, gone = groups.settle()
        for group in gone:
            self._book.close(group.cause, Reason("joined") if group.joined else because, now)
        for group in left:
            self._tell(group.cause, sorted(group.members.values(), key=lambda stray: stray.crossing.time), now)

    def _tell(self, cause: str, strays: list[Stray], now: float) -> None:
        first = strays[0]
        site, crossing = first.site, first.crossing
        events = {one.crossing.id: one.crossing.time for one in strays}
        mistaken = prod(1.0 - min(max(one.crossing.confidence, 0.5), 0.99) for one in strays)
        self._book.report(
            Finding(
                kind="presence",
                site=site.id,
                line=crossing.line,
                direction=crossing.direction,
                cause=cause,
                time=crossing.time,
                probability=1.0 - mistaken,
                events=events,
                reason=Reason(first.why, {"count": len(events), "at": local(site, crossing.time).strftime("%H:%M")}),
                innocent=(Explanation("resident_or_worker"), Explanation("officer"), Explanation("false_count")),
            ),
            now,
        )
