"""Bypass: a track crosses the gate without having been in the counter zone, where nearly everybody is seen there."""

from collections import deque
from collections.abc import Callable

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.quick import Seen
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

WINDOW = 200
LEAST = 30
RELIABLE = 0.9


class Bypass:
    """Tracks of one gate, and how reliably the camera sees them at the counter."""

    def __init__(self, site: Site, pool: Pool, book: Book) -> None:
        self._site, self._pool, self._book = site, pool, book
        self._been: deque[bool] = deque(maxlen=WINDOW)

    def see(self, crossing: Crossing, now: float) -> None:
        """Judge one crossing by the zones its track was in."""
        zones = self._pool.gate.counter_zones
        if not zones or crossing.visited is None:
            return
        been = any(zone in crossing.visited for zone in zones)
        share = (sum(self._been) + 1.0) / (len(self._been) + 2.0)
        known = len(self._been)
        self._been.append(been)
        if been or known < LEAST or share < RELIABLE:
            return
        self._book.report(
            Finding(
                kind="bypass",
                site=self._site.id,
                line=crossing.line,
                direction=crossing.direction,
                cause=f"bypass:{crossing.id}",
                time=crossing.time,
                probability=share,
                events={crossing.id: crossing.time},
                reason=Reason("no_counter_visit", {"usual_share": round(share, 3), "zones": zones}),
                innocent=(Explanation("track_lost"), Explanation("officer")),
            ),
            now,
        )

    def update(self, touched: list[Seen], now: float) -> None:
        """Close what a record explains: whoever has one was at a counter."""
        if not self._pool.gate.counter_zones:
            return
        for seen in touched:
            if seen.unmatched < 0.1:
                self._book.close(f"bypass:{seen.crossing.id}", Reason("record_arrived"), now)

    def excuse(self, why: Callable[[Crossing], Reason | None], now: float) -> None:
        """Close what a plan entered since explains."""
        for alert in [one for one in self._book.open.values() if one.kind == "bypass" and one.site == self._site.id]:
            seen = self._pool.crossings.get(alert.event_ids[0])
            because = why(seen.crossing) if seen is not None else None
            if because is not None:
                self._book.close_alert(alert.id, because, now)
