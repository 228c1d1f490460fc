"""How long to wait, and how much to say, before repeating what nobody answered."""

import time
from collections.abc import Callable

from tapal_edge.clock import backoff


class Patience:
    """Waits longer, and repeats less, each time nothing is answered; as at first after the next answer.

    A server that is behind does not catch up on repeats: they only lengthen what it has to read. So each silence
    doubles the wait (shortened by chance, so that nodes do not repeat in step) and halves what is sent ahead, down to
    a single message that asks whether anybody is there. Every answer doubles it again.
    """

    def __init__(
        self, first_s: float, longest_s: float, most: int = 1, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first_s, self._longest_s, self._most = first_s, longest_s, most
        self._clock = clock
        self._waits = backoff(2 * first_s, longest_s)
        self._since = clock()
        self._wait_s = first_s
        self.ahead = most

    @property
    def left_s(self) -> float:
        """Seconds until it is time to repeat."""
        return self._since + self._wait_s - self._clock()

    def begin(self) -> None:
        """Start waiting anew, no longer and no shorter than before: something was sent."""
        self._since = self._clock()

    def answered(self) -> None:
        """Hear that it got through."""
        self._waits = backoff(2 * self._first_s, self._longest_s)
        self._wait_s = self._first_s
        self.ahead = min(self._most, 2 * self.ahead)
        self.begin()

    def unanswered(self) -> None:
        """Take the silence into account; the next wait is longer, and less is sent ahead."""
        self._wait_s = next(self._waits)
        self.ahead = max(1, self.ahead // 2)
        self.begin()
