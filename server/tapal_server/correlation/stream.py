"""Arrivals of one gate that are known before their time, as when a recording is read: many pass in one step."""

import numpy as np

from tapal_server.correlation import passing
from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.near import GONE
from tapal_server.correlation.passing import pass_on
from tapal_server.correlation.pool import FLOW_REST_S, Pool
from tapal_server.correlation.rows import NOBODY
from tapal_server.correlation.types import Crossing, Record


class Stream:
    """Crossings and records, each after all of its kind that came before, that wait for their time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._is_record: list[bool] = []
        self._received: list[float] = []
        self._arrivals = np.zeros(0, np.bool_), np.zeros(0)
        self._next = 0

    def expect_crossing(self, crossing: Crossing, arrives: float) -> None:
        """Await a crossing that follows all others."""
        self._pool.crossings.expect(crossing)
        self._is_record.append(False)
        self._received.append(arrives)

    def expect_record(self, record: Record, arrives: float) -> None:
        """Await a record that follows all others."""
        pool = self._pool
        pool.copies[record.id] = (pool.records.expect(record),)
        self._is_record.append(True)
        self._received.append(arrives)

    def begin(self) -> None:
        """Say that all who are awaited are known."""
        self._arrivals, self._next = (np.array(self._is_record, np.bool_), np.array(self._received)), 0
        self._is_record, self._received = [], []
        self._pool.agenda.make_room(len(self._arrivals[0]))

    def pass_on(self, now: float, until: float, other: float, *, opens: bool) -> tuple[int, float]:
        """Let arrivals in until something needs a thought; returns what and when.

        `other` is when the gate has something to do but to look at crossings. `THINK` says that there is something to
        decide, `OPENED` that a first crossing opens a window if it `opens`, `MINDS` that there is more to be let in.
        """
        pool = self._pool
        x, y, agenda, quick = pool.crossings, pool.records, pool.agenda, pool.quick
        at = np.array((x.first, x.end, y.first, y.end, agenda.first, agenda.end, self._next, pool.taken))
        before, after = float(pool.late + pool.width), float(pool.width - pool.early)
        numbers = float(pool.lesson_at), float(pool.most), opens
        why, now, heard, record, time, handle, places = pass_on(
            x.table,
            y.table,
            (agenda.due, agenda.time, agenda.handle),
            self._arrivals,
            at,
            (now, until, min(other, pool.due_other)),
            (pool.patience, before, after, float(pool.suspected_until), *numbers),
            quick.odds,
            quick.law,
        )
        _, x_end, _, y_end, agenda.first, agenda.end, self._next, pool.taken = at.tolist()
        x.waiting, x.end = x.waiting - (x_end - x.end), x_end
        y.waiting, y.end = y.waiting - (y_end - y.end), y_end
        if why == passing.TAKEN_FROM:
            self._think_of(heard, record, time, handle)
            return passing.THINK, now
        if why == passing.WATCHED:
            pool.ask_again(places)
            return passing.THINK, now
        if why == passing.MINDS:
            pool.ask_again(places, time + max(pool.patience, FLOW_REST_S))
            return passing.OPENED if opens else passing.MINDS, now
        return why, now

    def _think_of(self, heard: int, record: int, time: float, handle: int) -> None:
        """Have those looked at whom the compiled step left to thought."""
        pool = self._pool
        if heard != GONE:
            pool.heard[heard] = None
        if record != NOBODY:
            pool.ask_leaning(record)
        if handle != NOBODY:
            pool.agenda.ask(-NEVER, time, handle)
