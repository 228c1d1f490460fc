"""Things sorted by time: late ones are put where they belong, old ones fall off the front."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
LAST = "\U0010ffff"  # sorts after every id


class Band(Generic[Item]):
    """Items under (time, id): times may repeat, ids may not. Slices are cheap, inserts near the end too."""

    def __init__(self) -> None:
        self._keys: list[tuple[float, str]] = []
        self._items: dict[str, Item] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def __iter__(self) -> Iterator[Item]:
        return (self._items[key] for _, key in self._keys)

    def get(self, item_id: str) -> Item | None:
        """Return an item by its id."""
        return self._items.get(item_id)

    def add(self, time: float, item_id: str, item: Item) -> None:
        """Put an item in its place; the id must be new."""
        if item_id in self._items:
            raise KeyError(item_id)
        self._items[item_id] = item
        key = (time, item_id)
        if not self._keys or key > self._keys[-1]:
            self._keys.append(key)
        else:
            insort(self._keys, key)

    def remove(self, time: float, item_id: str) -> Item:
        """Take an item out."""
        place = bisect_left(self._keys, (time, item_id))
        del self._keys[place]
        return self._items.pop(item_id)

    def span(self, low: float, high: float) -> tuple[int, int]:
        """Return the places of the items with low <= time <= high."""
        return bisect_left(self._keys, (low, "")), bisect_right(self._keys, (high, LAST))

    def between(self, low: float, high: float) -> list[Item]:
        """Return the items with low <= time <= high."""
        if not self._keys:
            return []
        first, last = self.span(low, high)
        return [self._items[key] for _, key in self._keys[first:last]]

    def place(self, time: float) -> int:
        """Return the place of the first item at or after a time."""
        return bisect_left(self._keys, (time, ""))

    def keys(self, first: int, last: int) -> list[tuple[float, str]]:
        """Return the (time, id) of a range of places."""
        return self._keys[first:last]

    def at(self, place: int) -> Item:
        """Return the item at a place."""
        return self._items[self._keys[place][1]]

    def time_at(self, place: int) -> float:
        """Return the time at a place."""
        return self._keys[place][0]

    def items(self, first: int, last: int) -> list[Item]:
        """Return the items of a range of places."""
        return [self._items[key] for _, key in self._keys[first:last]]

    def ids(self, first: int, last: int) -> list[str]:
        """Return the ids of a range of places."""
        return [key for _, key in self._keys[first:last]]

    def times(self, first: int, last: int) -> NDArray[np.float64]:
        """Return the times of a range of places."""
        return np.array([time for time, _ in self._keys[first:last]], dtype=np.float64)

    def drop_front(self, count: int) -> list[Item]:
        """Let the oldest items go and return them."""
        gone = self._keys[:count]
        del self._keys[:count]
        return [self._items.pop(key) for _, key in gone]
