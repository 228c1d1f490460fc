"""Bypass: a track crosses the gate without having been in the counter zone, where nearly everybody is seen there."""

from collections.abc import Callable

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.seen import Seen
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

WINDOW = 200
LEAST = 30
RELIABLE = 0.9
EXPLAINED = 0.1  # P(unmatched) below which a record speaks for somebody


class Bypass:
    """Tracks of one gate, and how reliably the camera sees them at the counter.

    Each is judged by those who passed before it, not by those who were reported before it: whoever is reported late
    has those after it judged again.
    """

    def __init__(self, site: Site, pool: Pool, book: Book, plans: Plans) -> None:
        self._site, self._pool, self._book, self._plans = site, pool, book, plans

    def see(self, crossing: Crossing, now: float) -> None:
        """Judge a crossing by the zones its track was in, and those who passed soon after it once more."""
        crossings = self._pool.crossings
        seen = crossings.get(crossing.id)
        if seen is None:
            return  # forgotten meanwhile
        place = crossings.place_of(seen)
        for other, one in enumerate(crossings.seen_at(place, min(place + WINDOW + 1, crossings.end)), place):
            if self._been(one) is False:
                self._judge(other, one, now)

    def _been(self, seen: Seen) -> bool | None:
        """Whether a track was in a counter zone; None when the camera does not say."""
        visited = seen.crossing.visited
        return None if visited is None else any(zone in visited for zone in self._pool.gate.counter_zones)

    def _judge(self, place: int, seen: Seen, now: float) -> None:
        crossing, cause = seen.crossing, f"bypass:{seen.crossing.id}"
        crossings = self._pool.crossings
        before = [self._been(other) for other in crossings.seen_at(max(place - WINDOW, crossings.first), place)]
        known = len(before) - before.count(None)
        share = (before.count(True) + 1.0) / (known + 2.0)
        if known < LEAST or share < RELIABLE:
            self._book.close(cause, Reason("counter_unreliable"), now)
            return
        if (seen.decided and seen.unmatched < EXPLAINED) or self._plans.covering(crossing) is not None:
            return
        self._book.report(
            Finding(
                kind="bypass",
                site=self._site.id,
                line=crossing.line,
                direction=crossing.direction,
                cause=cause,
                time=crossing.time,
                probability=share,
                events={crossing.id: crossing.time},
                reason=Reason(
                    "no_counter_visit", {"usual_share": round(share, 3), "zones": self._pool.gate.counter_zones}
                ),
                innocent=(Explanation("track_lost"), Explanation("officer")),
            ),
            now,
        )

    def update(self, touched: list[Seen], now: float) -> None:
        """Close what a record explains: whoever has one was at a counter."""
        if not self._pool.gate.counter_zones:
            return
        for seen in touched:
            if seen.unmatched < EXPLAINED:
                self._book.close(f"bypass:{seen.crossing.id}", Reason("record_arrived"), now)

    def excuse(self, why: Callable[[Crossing], Reason | None], now: float) -> None:
        """Close what a plan entered since explains."""
        for alert in [one for one in self._book.open.values() if one.kind == "bypass" and one.site == self._site.id]:
            seen = self._pool.crossings.get(alert.event_ids[0])
            because = why(seen.crossing) if seen is not None else None
            if because is not None:
                self._book.close_alert(alert.id, because, now)
