"""Many arrivals column by column, so that those of which nothing is to be asked are taken without a look at each."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.block import Block
from tapal_server.correlation.desk import Desk
from tapal_server.correlation.rows import Flags, new_and_once
from tapal_server.correlation.stream import Column, Item, Places
from tapal_server.correlation.types import Crossing, Record

Floats = NDArray[np.float64]
FEW = 16  # in a row, which are sooner taken one by one
_arrival = attrgetter("received_at")
_gate_of_crossing = attrgetter("site", "line", "direction", "label")
_gate_of_record = attrgetter("checkpoint", "direction", "lane")
NO_PLACES: Places = np.zeros(0, np.intp)


@dataclass(slots=True)
class AtGate:
    """What arrives at a gate; crossings before `since` are of no account there."""

    crossings: Column[Crossing]
    records: Column[Record]
    since: float


class Many:
    """Arrivals in a row. Who is not plain, or may not be, is to be asked for by itself (see `Block.expect`)."""

    def __init__(self, block: Block, items: Sequence[Crossing | Record], now: float) -> None:
        self._block = block
        received = np.fromiter(map(_arrival, items), np.float64, len(items))
        self._arrive: Floats = np.maximum.accumulate(np.maximum(received, now))
        self.arrive: list[float] = self._arrive.tolist()
        self._odd = np.zeros(len(items), np.bool_)
        self._at: dict[Desk, AtGate] = {}
        kind = np.array([isinstance(item, Crossing) for item in items], np.bool_)
        self._note_crossings([item for item in items if isinstance(item, Crossing)], np.flatnonzero(kind))
        self._note_records([item for item in items if not isinstance(item, Crossing)], np.flatnonzero(~kind))
        self._stops: list[int] = [*np.flatnonzero(self._odd).tolist(), len(items)]

    def take(self, first: int) -> int:
        """Take all from a place on until somebody is not plain; returns how many, 0 if they would be few."""
        end = self._stops[bisect_left(self._stops, first)]
        if end - first < FEW or any(desk.pool.since != at.since for desk, at in self._at.items()):
            return 0
        for desk, at in self._at.items():
            crossings, records = at.crossings.within(first, end), at.records.within(first, end)
            places = np.concatenate((crossings.places, records.places))
            if len(places):
                order = np.argsort(places)
                turns = (order >= len(crossings.places)).tolist(), self._arrive[places[order]].tolist()
                self._block.expect_all(desk, crossings, records, turns)
        logged = self._logged.within(first, end)
        if logged.items:
            self._block.see_all(logged.items, float(self._arrive[logged.places[-1]]))
        return end - first

    def _note_crossings(self, items: list[Crossing], places: Places) -> None:
        keys = list(map(_gate_of_crossing, items))
        homes = {key: self._block.home_of_crossing(*key) for key in set(keys)}
        for desk, column in self._divided(items, places, [homes[key] for key in keys]).items():
            pool = desk.pool
            good = pool.crossings.may_all_wait(column.times, pool.settings.history_crossings // 2)
            good &= (column.times >= pool.since) & new_and_once(column.ids, pool.crossings.known)
            self._note(column.places, good)
            self._at[desk] = AtGate(column, Column.of([], NO_PLACES), pool.since)

    def _note_records(self, items: list[Record], places: Places) -> None:
        keys = list(map(_gate_of_record, items))
        homes = {key: self._block.home_of_record(record) for key, record in dict(zip(keys, items, strict=True)).items()}
        self._note(places, self._block.plain(items))
        by_gate = self._divided(items, places, [homes[key] for key in keys])
        kept = np.zeros(len(self._odd), np.bool_)
        for desk, column in by_gate.items():
            self._note(column.places, desk.pool.records.may_all_wait(column.times))
            at = self._at.setdefault(desk, AtGate(Column.of([], NO_PLACES), column, desk.pool.since))
            at.records = column
            kept[column.places] = True
        at_gates = kept[places]
        self._logged = Column.of(list(compress(items, at_gates.tolist())), places[at_gates])

    def _divided(self, items: list[Item], places: Places, homes: list[Desk | bool]) -> dict[Desk, Column[Item]]:
        """Return what arrives at each gate; note those who go by themselves."""
        divided: dict[Desk, Column[Item]] = {}
        numbers = {home: number for number, home in enumerate(set(homes))}
        of_each = np.fromiter(map(numbers.__getitem__, homes), np.intp, len(homes))
        for home, number in numbers.items():
            mine = of_each == number
            if isinstance(home, Desk):
                divided[home] = Column.of(list(compress(items, mine.tolist())), places[mine])
            elif not home:
                self._odd[places[mine]] = True
        return divided

    def _note(self, places: Places, good: Flags) -> None:
        if not good.all():
            self._odd[places[~good]] = True
