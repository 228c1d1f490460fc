"""Things sorted by time: late ones are put where they belong, old ones fall off the front."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")


class Band(Generic[Item]):
    """Items under (time, id): times may repeat, ids may not. Slices are cheap, inserts near the end too."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._ids: list[str] = []
        self._items: list[Item] = []
        self._known: dict[str, Item] = {}

    def __len__(self) -> int:
        return len(self._times)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._known

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def get(self, item_id: str) -> Item | None:
        """Return an item by its id."""
        return self._known.get(item_id)

    def add(self, time: float, item_id: str, item: Item) -> bool:
        """Put an item in its place; the id must be new. Whether it came last."""
        if item_id in self._known:
            raise KeyError(item_id)
        self._known[item_id] = item
        times = self._times
        if not times or time > times[-1] or (time == times[-1] and item_id > self._ids[-1]):
            times.append(time)
            self._ids.append(item_id)
            self._items.append(item)
            return True
        place = self.find(time, item_id)
        times.insert(place, time)
        self._ids.insert(place, item_id)
        self._items.insert(place, item)
        return False

    def remove(self, time: float, item_id: str) -> Item:
        """Take an item out."""
        place = self.find(time, item_id)
        del self._times[place], self._ids[place], self._items[place]
        return self._known.pop(item_id)

    def find(self, time: float, item_id: str) -> int:
        """Return the place that an item has or would have."""
        low = bisect_left(self._times, time)
        return bisect_left(self._ids, item_id, low, bisect_right(self._times, time, low))

    def span(self, low: float, high: float) -> tuple[int, int]:
        """Return the places of the items with low <= time <= high."""
        return bisect_left(self._times, low), bisect_right(self._times, high)

    def between(self, low: float, high: float) -> list[Item]:
        """Return the items with low <= time <= high."""
        times = self._times
        if not times or times[-1] < low:
            return []
        return self._items[bisect_left(times, low) : bisect_right(times, high)]

    def place(self, time: float) -> int:
        """Return the place of the first item at or after a time."""
        return bisect_left(self._times, time)

    def time_at(self, place: int) -> float:
        """Return the time at a place."""
        return self._times[place]

    def id_at(self, place: int) -> str:
        """Return the id at a place."""
        return self._ids[place]

    def ids(self, first: int, last: int) -> list[str]:
        """Return the ids of a range of places."""
        return self._ids[first:last]

    def times(self, first: int, last: int) -> NDArray[np.float64]:
        """Return the times of a range of places."""
        return np.array(self._times[first:last], dtype=np.float64)

    def drop_front(self, count: int) -> list[Item]:
        """Let the oldest items go and return them."""
        gone = self._items[:count]
        for item_id in self._ids[:count]:
            del self._known[item_id]
        del self._times[:count], self._ids[:count], self._items[:count]
        return gone
