"""The crossings of a gate, each with what is believed of it, and its records."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.rows import CROSSING, NOBODY, RECORD, Floats, Rows, Table
from tapal_server.correlation.types import Crossing, Record, Settings
from tapal_server.correlation.windows import beliefs_of, follow


@dataclass(slots=True)
class Seen:
    """A crossing, and what was believed of it when it was last handed out."""

    crossing: Crossing
    unmatched: float = 0.0
    unlogged: float = 0.0
    standing: float = 0.0  # P(unlogged) if no record arrives any more
    decided: bool = False
    handle: int = NOBODY

    def suspect(self, settings: Settings, slack: float = 1.0) -> bool:
        """Whether an officer should look: likely already, and likelier still if nothing arrives."""
        early = min(settings.early, settings.threshold)
        return self.unlogged >= slack * early and self.standing >= slack * settings.threshold


class Crossings(Rows[Crossing]):
    """The crossings of one gate, in order of time; few are ever handed out."""

    def __init__(self) -> None:
        super().__init__(CROSSING, _id)
        self.known: dict[str, int] = {}  # the handle of each
        self._handed: dict[int, Seen] = {}

    def __contains__(self, crossing_id: str) -> bool:
        return crossing_id in self.known

    def get(self, crossing_id: str) -> Seen | None:
        """Return a crossing by its id."""
        handle = self.known.get(crossing_id)
        return None if handle is None else self._seen(handle)

    def _seen(self, handle: int) -> Seen:
        seen = self._handed.get(handle)
        if seen is None:
            seen = self._handed[handle] = Seen(self.items[handle], handle=handle)
        return seen

    def put(self, crossing: Crossing) -> tuple[int, int]:
        """Take a new crossing; returns its handle and its place."""
        named = self.add(crossing.time, crossing)
        self.known[crossing.id] = named[0]
        return named

    def await_one(self, crossing: Crossing) -> None:
        """Take a new crossing that may wait, to count from when it arrives."""
        self.known[crossing.id] = self.expect(crossing.time, crossing)

    def await_all(self, times: Floats, ids: Collection[str], crossings: Collection[Crossing]) -> None:
        """Take new crossings that may all wait, each to count from when it arrives."""
        self.known.update(zip(ids, self.expect_all(times, crossings), strict=True))

    def place_of(self, seen: Seen) -> int:
        """Return the place of a crossing."""
        return self.find(seen.crossing.time, seen.handle)

    def seen_between(self, low: float, high: float) -> list[Seen]:
        """Return the crossings with low <= time <= high, with what is believed of them now."""
        return self.seen_at(*self.span(low, high))

    def seen_at(self, first: int, last: int) -> list[Seen]:
        """Return the crossings of a range of places, with what is believed of them now."""
        part = self.table[first:last]
        found = list(map(self._seen, part["handle"].tolist()))
        columns = [part[name].tolist() for name in ("unmatched", "unlogged", "standing", "decided")]
        for seen, unmatched, unlogged, standing, decided in zip(found, *columns, strict=True):
            seen.unmatched, seen.unlogged, seen.standing, seen.decided = unmatched, unlogged, standing, decided
        return found

    def those_at(self, places: list[int]) -> list[Seen]:
        """Return the crossings at some places, with what is believed of them now."""
        return [self.seen_at(place, place + 1)[0] for place in places]

    def _remembered(self, some: list[Seen]) -> list[Seen]:
        """Return those that were not let go: a group that is followed may be older at its one end."""
        return [seen for seen in some if self._handed.get(seen.handle) is seen]

    def refresh(self, some: list[Seen]) -> None:
        """Bring up to date what is believed of some crossings; of those let go it stays as it was."""
        some = self._remembered(some)
        for seen, (unmatched, unlogged, standing, decided) in zip(
            some, beliefs_of(self.table, self.span_of_all, *_names(some)).tolist(), strict=True
        ):
            seen.unmatched, seen.unlogged, seen.standing, seen.decided = unmatched, unlogged, standing, bool(decided)

    def follow(self, some: list[Seen], heard: float) -> None:
        """Say that somebody follows some crossings, and of which P(unlogged) he heard."""
        follow(self.table, self.span_of_all, *_names(self._remembered(some)), float(heard))

    def leave(self, seen: Seen) -> None:
        """Say that nobody follows a crossing any more."""
        for one in self._remembered([seen]):
            self.table[self.place_of(one)]["followed"] = False

    def take_beliefs(self, most: int) -> dict[str, float]:
        """Return P(unlogged) by id, to four digits, where it is not what was taken before; the oldest first."""
        part = self.table[self.first : self.end]
        shares = part["unlogged"].round(4)
        changed = np.flatnonzero(shares != part["believed"])[:most]
        part["believed"][changed] = shares[changed]
        handles = part["handle"][changed].tolist()
        return {self.items[handle].id: share for handle, share in zip(handles, shares[changed].tolist(), strict=True)}

    def drop_front(self, count: int) -> list[Crossing]:
        """Let the oldest go and return them."""
        handles = self.handle[self.first : self.first + count].tolist()
        gone = super().drop_front(count)
        deque(map(self.known.pop, map(attrgetter("id"), gone)), maxlen=0)
        deque(map(self._handed.pop, handles, repeat(None)), maxlen=0)
        return gone


class Records(Rows[Record]):
    """The records of one gate, in order of time; one of several persons has a row for each."""

    received: NDArray[np.float64]

    def __init__(self) -> None:
        super().__init__(RECORD, _id)
        self._arriving: list[float] = []

    def _take(self, table: Table) -> None:
        super()._take(table)
        self.received = table["received"]

    def put(self, record: Record) -> int:
        """Take a record, for one person; returns its handle."""
        handle, place = self.add(record.time, record)
        self.received[place] = record.received_at
        return handle

    def await_one(self, record: Record) -> int:
        """Take a record that may wait, to count from when it arrives; returns its handle."""
        self._arriving.append(record.received_at)
        return self.expect(record.time, record)

    def await_all(self, times: Floats, records: Collection[Record]) -> range:
        """Take records that may all wait, each to count from when it arrives; returns their handles."""
        self._arriving += map(attrgetter("received_at"), records)
        return self.expect_all(times, records)

    def line_up(self) -> None:
        """Write those awaited down, with when they became known."""
        super().line_up()
        self.received[self.end : self.end + self.waiting] = self._arriving
        self._arriving.clear()


def _names(some: list[Seen]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The times and handles by which crossings are found."""
    return np.array([seen.crossing.time for seen in some]), np.array([seen.handle for seen in some], np.int64)


# Not written where it is used: an engine that is kept and brought back finds it by its name.
def _id(item: Crossing | Record) -> str:
    return item.id
