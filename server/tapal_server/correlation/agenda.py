"""When to look at whom at a gate: the first look at each comes in order of time, all others whenever they may."""

import heapq

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = float("inf")


class Agenda:
    """Crossings, by time and handle, to be looked at when they are due.

    First looks from `first` to `end` lie in `due`, `time` and `handle`, which compiled code reads and writes.
    """

    def __init__(self) -> None:
        self._others: list[tuple[float, float, int]] = []
        self.first = self.end = 0
        self.due: Floats = np.empty(64)
        self.time: Floats = np.empty(64)
        self.handle: Ints = np.empty(64, np.int64)

    def __len__(self) -> int:
        return len(self._others) + self.end - self.first

    @property
    def soonest(self) -> float:
        """When the next is due; infinite when nobody is."""
        first = float(self.due[self.first]) if self.first < self.end else NEVER
        return min(first, self._others[0][0]) if self._others else first

    @property
    def soonest_other(self) -> float:
        """When the next is due for whom it is not the first look."""
        return self._others[0][0] if self._others else NEVER

    def ask(self, due: float, time: float, handle: int) -> None:
        """Look at a crossing at that time."""
        heapq.heappush(self._others, (due, time, handle))

    def ask_first(self, due: float, time: float, handle: int) -> None:
        """Look at a crossing for the first time."""
        if self.first < self.end and due < self.due[self.end - 1]:
            self.ask(due, time, handle)
            return
        self.make_room(1)
        self.due[self.end], self.time[self.end], self.handle[self.end] = due, time, handle
        self.end += 1

    def make_room(self, count: int) -> None:
        """Have room for so many first looks more."""
        if self.end + count <= len(self.due):
            return
        kept = slice(self.first, self.end)
        self.end -= self.first
        self.first = 0
        for name in ("due", "time", "handle"):
            column = getattr(self, name)
            wider = np.empty(2 * (self.end + count), column.dtype)
            wider[: self.end] = column[kept]
            setattr(self, name, wider)

    def mix(self) -> None:
        """Take all together, because first looks to come may be due before those that wait."""
        for place in range(self.first, self.end):
            self.ask(float(self.due[place]), float(self.time[place]), int(self.handle[place]))
        self.first = self.end = 0

    def pop(self, now: float) -> tuple[float, int] | None:
        """Return time and handle of the next who is due."""
        others, place = self._others, self.first
        if place < self.end:
            first = float(self.due[place]), float(self.time[place]), int(self.handle[place])
            if not others or first < others[0]:
                if first[0] > now:
                    return None
                self.first += 1
                return first[1:]
        if not others or others[0][0] > now:
            return None
        _, time, handle = heapq.heappop(others)
        return time, handle
