"""Presence: somebody crosses, lands or boards where or when no service is planned."""

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.hours import in_service, local
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

LONGEST_GROUP_S = 600.0


def reason_for(site: Site, crossing: Crossing, plans: Plans) -> str | None:
    """Return why a crossing is out of place, or None when it is not or a plan explains it."""
    if plans.covering(crossing) is not None:
        return None
    if site.kind == "unofficial":
        return "unofficial_path"
    scheduled = plans.voyage_of(crossing) is not None
    if site.scheduled_only and not scheduled:
        return "no_scheduled_call"
    if not scheduled and not in_service(site, crossing.time):
        return "outside_hours"
    return None


class Presence:
    """Groups people who come together into one alert."""

    def __init__(self, book: Book, gap_s: float) -> None:
        self._book = book
        self._gap = gap_s
        self._groups: dict[tuple[str, str, str], tuple[str, dict[str, float], float]] = {}

    def see(self, site: Site, crossing: Crossing, why: str, now: float) -> None:
        """Raise an alert for a crossing out of place, or add it to the group it belongs to."""
        key = (site.id, crossing.line, crossing.direction)
        cause, events, sure = self._groups.get(key, ("", {}, 0.0))
        near = any(abs(crossing.time - time) <= self._gap for time in events.values())
        far = any(abs(crossing.time - time) > LONGEST_GROUP_S for time in events.values())
        if not near or far or self._book.find(cause) is None:
            cause, events, sure = f"presence:{crossing.id}", {}, 0.0
        events[crossing.id] = crossing.time
        sure = 1.0 - (1.0 - sure) * (1.0 - min(max(crossing.confidence, 0.5), 0.99))
        self._groups[key] = (cause, events, sure)
        self._book.report(
            Finding(
                kind="presence",
                site=site.id,
                line=crossing.line,
                direction=crossing.direction,
                cause=cause,
                time=min(events.values()),
                probability=sure,
                events=events,
                reason=Reason(why, {"count": len(events), "at": local(site, crossing.time).strftime("%H:%M")}),
                innocent=(Explanation("resident_or_worker"), Explanation("officer"), Explanation("false_count")),
            ),
            now,
        )
