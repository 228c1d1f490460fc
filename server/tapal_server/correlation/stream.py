"""Arrivals of one gate that are known before their time, as when a recording is read: many pass in one step."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import passing
from tapal_server.correlation.agenda import NEXT, TAKEN, X_END, Y_END
from tapal_server.correlation.passing import pass_on
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.types import Crossing, Record

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Item = TypeVar("Item", Crossing, Record)
Turns = tuple[list[bool], list[float]]  # of many in order of arrival: whether each is a record, and when it arrives
_id, _time = attrgetter("id"), attrgetter("time")


@dataclass(slots=True)
class Column(Generic[Item]):
    """Some of many arrivals: who, and where among all each lies."""

    items: list[Item]
    places: Places
    ids: list[str]
    times: Floats

    @classmethod
    def of(cls, items: list[Item], places: Places) -> "Column[Item]":
        """Write the items down."""
        return cls(items, places, list(map(_id, items)), np.fromiter(map(_time, items), np.float64, len(items)))

    def within(self, first: int, end: int) -> "Column[Item]":
        """Return those from one place among all arrivals to another."""
        a, b = self.places.searchsorted((first, end)).tolist()
        return Column(self.items[a:b], self.places[a:b], self.ids[a:b], self.times[a:b])


class Stream:
    """Crossings and records that wait for their time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._is_record: list[bool] = []
        self._received: list[float] = []
        self._arrivals = np.zeros(0, np.bool_), np.zeros(0)

    def expect_crossing(self, crossing: Crossing, arrives: float) -> None:
        """Await a crossing."""
        self._pool.crossings.await_one(crossing)
        self._is_record.append(False)
        self._received.append(arrives)

    def expect_record(self, record: Record, arrives: float) -> None:
        """Await a record."""
        pool = self._pool
        pool.copies[record.id] = (pool.records.await_one(record),)
        self._is_record.append(True)
        self._received.append(arrives)

    def expect_all(self, crossings: Column[Crossing], records: Column[Record], turns: Turns) -> None:
        """Await those that may all wait (see `Rows.may_all_wait`)."""
        pool = self._pool
        if crossings.items:
            pool.crossings.await_all(crossings.times, crossings.ids, crossings.items)
        if records.items:
            handles = pool.records.await_all(records.times, records.items)
            pool.copies.update(zip(records.ids, zip(handles), strict=True))
        self._is_record += turns[0]
        self._received += turns[1]

    def begin(self) -> None:
        """Say that all who are awaited are known."""
        pool = self._pool
        self._arrivals = np.array(self._is_record, np.bool_), np.array(self._received)
        self._is_record, self._received = [], []
        pool.crossings.line_up()
        pool.records.line_up()
        pool.agenda.make_room(len(self._arrivals[0]))
        pool.agenda.at[NEXT] = 0

    def pass_on(self, now: float, until: float, other: float, *, opens: bool) -> tuple[int, float]:
        """Let arrivals in until something needs a thought; returns what and when.

        `other` is when the gate has something to do but to look at crossings. `THINK` says that there is something to
        decide or to tell, `OPENED` that a first crossing opens a window if it `opens`.
        """
        pool = self._pool
        x, y, agenda, at = pool.crossings, pool.records, pool.agenda, pool.where()
        at[TAKEN] = pool.taken
        before, after = float(pool.late + pool.width), float(pool.width - pool.early)
        why, now, agenda.others, agenda.chains, heard, pool.suspected_until = pass_on(
            x.table,
            y.table,
            (agenda.looks, agenda.others, agenda.chains),
            at,
            self._arrivals,
            (now, until, other),
            (pool.patience, before, after, float(pool.lesson_at), float(pool.most), opens),
            float(pool.suspected_until),
            pool.rule,
        )
        x_end, y_end, pool.taken = int(at[X_END]), int(at[Y_END]), int(at[TAKEN])
        x.waiting, x.end = x.waiting - (x_end - x.end), x_end
        y.waiting, y.end = y.waiting - (y_end - y.end), y_end
        if why == passing.TELL:
            pool.heard = heard.tolist()
            return passing.THINK, now
        return why, now
