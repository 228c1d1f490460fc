"""Presence: somebody crosses, lands or boards where or when no service is planned."""

from math import prod

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.hours import in_service, local
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

LONGEST_GROUP_S = 600.0
REMEMBERED_S = 10 * 86400.0  # a plan entered later than this explains no alert by itself


def reason_for(site: Site, crossing: Crossing, plans: Plans) -> str | None:
    """Return why a crossing is out of place, or None when it is not or a plan explains it."""
    if plans.covering(crossing) is not None:
        return None
    if site.kind == "unofficial":
        return "unofficial_path"
    if (in_service(site, crossing.time) and not site.scheduled_only) or plans.voyage_of(crossing) is not None:
        return None
    return "no_scheduled_call" if site.scheduled_only else "outside_hours"


class Presence:
    """Groups people who come together into one alert."""

    def __init__(self, book: Book, gap_s: float) -> None:
        self._book = book
        self._gap = gap_s
        self._newest: dict[tuple[str, str, str], str] = {}
        self._groups: dict[str, tuple[Site, dict[str, Crossing]]] = {}

    def see(self, site: Site, crossing: Crossing, why: str, now: float) -> None:
        """Raise an alert for a crossing out of place, or add it to the group it belongs to."""
        key = (site.id, crossing.line, crossing.direction)
        cause = self._newest.get(key, "")
        _, group = self._groups.get(cause, (site, {}))
        near = any(abs(crossing.time - one.time) <= self._gap for one in group.values())
        far = any(abs(crossing.time - one.time) > LONGEST_GROUP_S for one in group.values())
        if not near or far or self._book.find(cause) is None:
            cause, group = f"presence:{crossing.id}", {}
        group[crossing.id] = crossing
        self._newest[key], self._groups[cause] = cause, (site, group)
        self._tell(cause, crossing, why, now)

    def reconsider(self, plans: Plans, now: float) -> None:
        """Close the alerts that plans entered since explain, and take out of others whom they cover."""
        for cause, (site, group) in list(self._groups.items()):
            if self._book.find(cause) is None or max(one.time for one in group.values()) < now - REMEMBERED_S:
                del self._groups[cause]
                continue
            left = {one.id: one for one in group.values() if reason_for(site, one, plans) is not None}
            if not left:
                del self._groups[cause]
                because = plans.because(next(iter(group.values())))
                self._book.close(cause, because or Reason("planned", {"note": ""}), now)
            elif len(left) < len(group):
                self._groups[cause] = (site, left)
                newest = list(left.values())[-1]
                self._tell(cause, newest, str(reason_for(site, newest, plans)), now)

    def _tell(self, cause: str, crossing: Crossing, why: str, now: float) -> None:
        site, group = self._groups[cause]
        events = {one.id: one.time for one in group.values()}
        mistaken = prod(1.0 - min(max(one.confidence, 0.5), 0.99) for one in group.values())
        self._book.report(
            Finding(
                kind="presence",
                site=site.id,
                line=crossing.line,
                direction=crossing.direction,
                cause=cause,
                time=min(events.values()),
                probability=1.0 - mistaken,
                events=events,
                reason=Reason(why, {"count": len(events), "at": local(site, crossing.time).strftime("%H:%M")}),
                innocent=(Explanation("resident_or_worker"), Explanation("officer"), Explanation("false_count")),
            ),
            now,
        )
