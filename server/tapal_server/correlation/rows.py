"""Rows in order of time, in one growing array that compiled code reads and writes."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
Name = TypeVar("Name", bound=Hashable)
Table = NDArray[np.void]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NOBODY = -1  # no handle
LONG_AGO = float("-inf")

# A crossing: who, what is believed of it, and the record it holds if its case is plain. `again`: to be looked at again
# when enough more have passed; `watched`: decided, and not plain, so that what arrives near it may change it;
# `told`: it was a suspect once, so that whoever follows suspects must hear of it; `followed`: somebody does, and was
# `heard` of with that P(unlogged); `asked`, `felt` and `listed` serve one decision and are off between decisions;
# `believed`: P(unlogged) as it was last taken to be stored.
CROSSING: Table = np.zeros(
    1,
    np.dtype(
        [
            ("time", np.float64),
            ("handle", np.int64),
            ("unmatched", np.float64),
            ("unlogged", np.float64),
            ("standing", np.float64),
            ("record", np.int64),
            ("decided", np.bool_),
            ("again", np.bool_),
            ("watched", np.bool_),
            ("told", np.bool_),
            ("followed", np.bool_),
            ("asked", np.bool_),
            ("felt", np.bool_),
            ("listed", np.bool_),
            ("heard", np.float64),
            ("believed", np.float64),
        ],
        align=True,
    ),
)
CROSSING["record"], CROSSING["believed"] = NOBODY, np.nan
# A record (of several persons: one for each), and the crossing that holds it, with its odds. `leant`: the first link of
# the chain of those who lean on it without holding it (see `agenda`).
RECORD: Table = np.zeros(
    1,
    np.dtype(
        [
            ("time", np.float64),
            ("received", np.float64),
            ("handle", np.int64),
            ("holder", np.int64),
            ("holder_time", np.float64),
            ("odds", np.float64),
            ("leant", np.int64),
        ],
        align=True,
    ),
)
RECORD["holder"] = RECORD["leant"] = NOBODY


class Rows(Generic[Item]):
    """Items under (time, name) with a row of numbers each; a handle names a row for good, a place only for now.

    Places count from `first` to `end` within `table`. Adding near the end is cheap, as is letting go at the front.
    """

    def __init__(self, empty: Table, name: Callable[[Item], str]) -> None:
        self._empty, self._name = empty, name
        self.first = self.end = 0
        self.waiting = 0  # rows after the end that are known but have not arrived yet
        self.items: dict[int, Item] = {}
        self._next = 0
        self._latest = LONG_AGO  # the time of the last row
        self._awaited: list[float] = []
        self._take(np.repeat(empty, 256))

    def _take(self, table: Table) -> None:
        self.table = table
        self.time: Floats = table["time"]
        self.handle: NDArray[np.int64] = table["handle"]

    def __getstate__(self) -> dict[str, object]:
        """What a copy is made of: the columns are looked out on the table of the copy again."""
        table, state = self.table, vars(self).items()
        arrays = {name: value for name, value in state if isinstance(value, np.ndarray) and value is not table}
        columns = {name for name, value in arrays.items() if np.may_share_memory(value, table)}
        return {name: value for name, value in state if name not in columns}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._take(self.table)

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def span_of_all(self) -> tuple[int, int]:
        """The first place, and the one after the last."""
        return self.first, self.end

    def add(self, time: float, item: Item) -> tuple[int, int]:
        """Put an item in its place; return its handle and the place."""
        if self.end == len(self.table):
            self._make_room(1)
        place = self.end
        if time > self._latest or place == self.first:
            self._latest = time
        else:
            place = self._place_for(time, self._name(item))
            if place < self.end:
                self.table[place + 1 : self.end + 1] = self.table[place : self.end].copy()
                self.table[place : place + 1] = self._empty
        self.end += 1
        return self._fill(place, time, item), place

    def _fill(self, place: int, time: float, item: Item) -> int:
        handle = self._next
        self._next += 1
        self.time[place], self.handle[place] = time, handle
        self.items[handle] = item
        return handle

    def may_wait(self, time: float, most: float = float("inf")) -> bool:
        """Whether a row of that time may be awaited: no other has the same, and fewer than `most` known are later."""
        if time > self._latest or self.end + self.waiting == self.first:
            return True
        place = self.place(time)
        if self.end - place + self.waiting >= most or (place < self.end and self.time[place] == time):
            return False
        return time not in self._awaited

    def expect(self, time: float, item: Item) -> int:
        """Await an item that may wait (see :meth:`may_wait`); returns its handle."""
        self._latest = max(time, self._latest) if self.end + self.waiting > self.first else time
        self._awaited.append(time)
        self.waiting += 1
        handle = self._next
        self._next += 1
        self.items[handle] = item
        return handle

    def may_all_wait(self, times: Floats, most: float = float("inf")) -> Flags:
        """Of many rows, one after the other, whether each surely may wait; the others are to be asked one by one."""
        latest = self._latest if self.end + self.waiting > self.first else LONG_AGO
        late = times <= np.maximum.accumulate(np.concatenate(([latest], times)))[:-1]
        if not late.any():
            return ~late
        known, among = self.time[self.first : self.end], np.flatnonzero(late)
        those = times[among]
        place = known.searchsorted(those)
        bad = len(known) - place + self.waiting + len(times) >= most
        if len(known):
            bad |= known[np.minimum(place, len(known) - 1)] == those
        alike = np.sort(times)
        bad |= np.isin(those, alike[1:][alike[1:] == alike[:-1]]) | np.isin(those, self._awaited)
        late[among] = bad
        return ~late

    def expect_all(self, times: Floats, items: Collection[Item]) -> range:
        """Await items that may all wait (see :meth:`may_all_wait`); returns their handles."""
        latest = float(times.max())
        self._latest = max(latest, self._latest) if self.end + self.waiting > self.first else latest
        self._awaited += times.tolist()
        self.waiting += len(items)
        handles = range(self._next, self._next + len(items))
        self._next = handles.stop
        self.items.update(zip(handles, items, strict=True))
        return handles

    def line_up(self) -> None:
        """Write those awaited down after the end, in order of arrival; compiled code lets each in to its place."""
        count = self.waiting
        if self.end + count > len(self.table):
            self._make_room(count)
        waiting = slice(self.end, self.end + count)
        self.time[waiting] = self._awaited
        self.handle[waiting] = np.arange(self._next - count, self._next)
        self._awaited.clear()

    def _make_room(self, count: int) -> None:
        kept = self.table[self.first : self.end]
        table: Table = np.repeat(self._empty, max(2 * (len(kept) + count), 256))
        table[: len(kept)] = kept
        self.first, self.end = 0, self.end - self.first
        self._take(table)

    def _place_for(self, time: float, name: str) -> int:
        place = self.place(time)
        while place < self.end and self.time[place] == time and self._name(self.items[int(self.handle[place])]) <= name:
            place += 1
        return place

    def remove(self, time: float, handle: int) -> None:
        """Take an item out."""
        place = self.find(time, handle)
        self.table[place : self.end - 1] = self.table[place + 1 : self.end].copy()
        self.end -= 1
        self.table[self.end : self.end + 1] = self._empty
        self._latest = self.time_at(self.end - 1) if len(self) else LONG_AGO
        del self.items[handle]

    def find(self, time: float, handle: int) -> int:
        """Return the place of an item."""
        place = self.place(time)
        while self.handle[place] != handle:
            place += 1
        return place

    def place(self, time: float) -> int:
        """Return the place of the first item at or after a time."""
        return self.first + int(self.time[self.first : self.end].searchsorted(time))

    def time_at(self, place: int) -> float:
        """Return the time at a place."""
        return float(self.time[place])

    def span(self, low: float, high: float) -> tuple[int, int]:
        """Return the places of the items with low <= time <= high."""
        times = self.time[self.first : self.end]
        return self.first + int(times.searchsorted(low)), self.first + int(times.searchsorted(high, "right"))

    def between(self, low: float, high: float) -> list[Item]:
        """Return the items with low <= time <= high."""
        return self.at(*self.span(low, high))

    def at(self, first: int, last: int) -> list[Item]:
        """Return the items of a range of places."""
        items = self.items
        return [items[handle] for handle in self.handle[first:last].tolist()]

    def times(self, first: int, last: int) -> Floats:
        """Return the times of a range of places."""
        return self.time[first:last].copy()

    def drop_front(self, count: int) -> list[Item]:
        """Let the oldest items go and return them."""
        gone = list(map(self.items.pop, self.handle[self.first : self.first + count].tolist()))
        self.first += count
        return gone


def new_and_once(names: Sequence[Name], known: Collection[Name]) -> Flags:
    """Of many names, whether each is new, and comes once."""
    if len(set(names)) == len(names) and not any(map(known.__contains__, names)):
        return np.ones(len(names), np.bool_)
    often = Counter(names)
    return np.array([often[name] == 1 and name not in known for name in names])
