"""How long to wait before repeating what nobody answered."""

import time
from collections.abc import Callable

from tapal_edge.clock import backoff

_SMOOTH, _SMOOTH_SPREAD, _SPREADS = 1 / 8, 1 / 4, 4  # RFC 6298, section 2


class Patience:
    """Waits as long as answers have taken, and longer each time nothing is answered.

    A server that is behind does not catch up on repeats: they only lengthen what it has to read. So each silence
    doubles the wait (shortened by chance, so that nodes do not repeat in step), and the next answer ends that. How long
    the first wait is follows the round trips that were measured, as TCP's does (RFC 6298): over a jetty's radio a
    second is nothing, on a cable it is a loss that can be mended at once. What was repeated measures nothing, because
    its answer may be to either (Karn's rule).
    """

    def __init__(
        self,
        first_s: float,
        longest_s: float,
        *,
        shortest_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with ``first_s``, which is also the most that round trips may make of the first wait."""
        self._first_s, self._longest_s = first_s, longest_s
        self._shortest_s = first_s if shortest_s is None else min(shortest_s, first_s)
        self._clock = clock
        self._timed: tuple[int, float] | None = None
        self._trip_s: float | None = None
        self._spread_s = 0.0
        self.answered()

    @property
    def left_s(self) -> float:
        """Seconds until it is time to repeat."""
        return self._since + self._wait_s - self._clock()

    def begin(self) -> None:
        """Start waiting anew, no longer and no shorter than before: something was sent."""
        self._since = self._clock()

    def sent(self, seq: int) -> None:
        """Take the time of this message, unless that of another is being taken."""
        if self._timed is None:
            self._timed = seq, self._clock()

    def answered(self, through: int = 0) -> None:
        """Hear that everything up to this number got through."""
        if self._timed is not None and through >= self._timed[0]:
            self._measure(self._clock() - self._timed[1])
            self._timed = None
        self._wait_s = self._usual_s()
        self._waits = backoff(2 * self._wait_s, self._longest_s)
        self.begin()

    def unanswered(self) -> None:
        """Take the silence into account; the next wait is longer."""
        self._wait_s = next(self._waits)
        self.repeats()
        self.begin()

    def repeats(self) -> None:
        """Measure nothing by what is on its way: some of it will be sent a second time."""
        self._timed = None

    def _measure(self, trip_s: float) -> None:
        if self._trip_s is None:
            self._trip_s, self._spread_s = trip_s, trip_s / 2
            return
        self._spread_s += _SMOOTH_SPREAD * (abs(self._trip_s - trip_s) - self._spread_s)
        self._trip_s += _SMOOTH * (trip_s - self._trip_s)

    def _usual_s(self) -> float:
        if self._trip_s is None:
            return self._first_s
        return min(self._first_s, max(self._shortest_s, self._trip_s + _SPREADS * self._spread_s))
