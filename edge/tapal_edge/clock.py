"""The two clocks of a live camera: one that never steps, for motion; the wall's, for events."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

STEP_S = 1.0


@dataclass
class Clock:
    """Reads both clocks together and notices when somebody set the wall clock."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    steps: int = 0
    last_step_s: float = 0.0
    _offset: float | None = field(default=None, repr=False)

    def now(self) -> tuple[float, float]:
        """Return monotonic seconds and UTC seconds of this moment."""
        steady, utc = self.monotonic(), self.wall()
        offset = utc - steady
        if self._offset is not None and abs(offset - self._offset) > STEP_S:
            self.steps += 1
            self.last_step_s = offset - self._offset
        self._offset = offset
        return steady, utc


def backoff(first_s: float, at_most_s: float, *, draw: Callable[[], float] = random.random) -> Iterator[float]:
    """Yield waiting times that double up to a limit, each shortened by chance, so that nodes do not come in step."""
    wait = first_s
    while True:
        yield wait * (0.5 + 0.5 * draw())
        wait = min(at_most_s, wait * 2)
