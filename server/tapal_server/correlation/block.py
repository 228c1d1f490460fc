"""Arrivals that may be handed to their gates before their time, because nothing but the gate has to do with them."""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter

import numpy as np

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.conflicts import Conflicts
from tapal_server.correlation.desk import Desk, GateKey
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.rows import Flags, new_and_once
from tapal_server.correlation.stream import Column, Turns
from tapal_server.correlation.types import Crossing, Direction, Record, Site

_id, _persons = attrgetter("id"), attrgetter("persons")


class Block:
    """Takes arrivals in, as long as none touches a rule beyond its gate.

    `awaited` are the gates that have some. Whoever is refused has to be taken by itself, after all before it.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        always_open: Collection[str],
        desks: Mapping[GateKey, Desk],
        records: tuple[Callable[[Record], Desk | None], dict[str, Desk]],
        rules: tuple[Plans, Conflicts],
    ) -> None:
        self._sites, self._always_open, self._desks = sites, always_open, desks
        self._desk_of, self.record_at = records
        self._plans, self._conflicts = rules
        self.awaited: dict[GateKey, Desk] = {}

    def home_of_crossing(self, site: str, line: str, direction: Direction, label: str) -> Desk | bool:
        """Return the gate of such crossings; True where they are passed over, False where each goes by itself."""
        known = self._sites.get(site)
        if known is None or label not in known.labels:
            return True
        if site not in self._always_open:
            return False
        desk = self._desks.get((site, line, direction))
        return True if desk is None else desk.pool.plain and desk

    def home_of_record(self, record: Record) -> Desk | bool:
        """Return the gate of a record; True where it is passed over, False where it goes by itself."""
        desk = self._desk_of(record)
        return True if desk is None else desk.pool.plain and desk

    def expect(self, item: Crossing | Record, now: float) -> bool:
        """Take what arrives at a time; False when it has to be taken by itself."""
        if isinstance(item, Crossing):
            return self._expect_crossing(item, now)
        return self._expect_record(item, now)

    def _expect_crossing(self, crossing: Crossing, now: float) -> bool:
        desk = self.home_of_crossing(crossing.site, crossing.line, crossing.direction, crossing.label)
        if not isinstance(desk, Desk):
            return desk
        pool = desk.pool
        if crossing.time < pool.since or crossing.id in pool.crossings:
            return True
        if not pool.crossings.may_wait(crossing.time, pool.settings.history_crossings // 2):
            return False
        desk.stream.expect_crossing(crossing, now)
        self.awaited[desk.key] = desk
        return True

    def _expect_record(self, record: Record, now: float) -> bool:
        if record.id in self.record_at:
            return False
        desk = self.home_of_record(record)
        if not isinstance(desk, Desk):
            return desk
        if (
            record.persons > 1
            or not desk.pool.records.may_wait(record.time)
            or record.voyage_id in self._plans.voyages
            or self._conflicts.concern(record)
        ):
            return False
        desk.stream.expect_record(record, now)
        self._conflicts.see(record, now)
        self.record_at[record.id] = desk
        self.awaited[desk.key] = desk
        return True

    def plain(self, records: Sequence[Record]) -> Flags:
        """Of many records, whether each surely has to do with nothing but its gate."""
        good = self._conflicts.none_concerns(records) & new_and_once(list(map(_id, records)), self.record_at)
        if max(map(_persons, records), default=1) > 1:
            good &= np.fromiter(map(_persons, records), np.intp, len(records)) == 1
        if self._plans.voyages:
            good &= [record.voyage_id not in self._plans.voyages for record in records]
        return good

    def expect_all(self, desk: Desk, crossings: Column[Crossing], records: Column[Record], turns: Turns) -> None:
        """Take plain arrivals at a gate."""
        desk.stream.expect_all(crossings, records, turns)
        self.record_at.update(dict.fromkeys(records.ids, desk))
        self.awaited[desk.key] = desk

    def see_all(self, records: Sequence[Record], now: float) -> None:
        """Remember plain records of all gates, to compare others with them."""
        self._conflicts.see_all(records, now)

    def pass_on(
        self, called: Iterable[Desk], now: float, until: float, decide: Callable[[Desk, float], object]
    ) -> list[Desk]:
        """Let in who is awaited, gate by gate; what needs a thought is decided in order of time.

        `called` are gates that have something to decide by `until`. Returns all that passed.
        """
        desks = self.awaited | {desk.key: desk for desk in called}
        self.awaited = {}
        for desk in desks.values():
            desk.turn = NEVER
            desk.stream.begin()
        turns = [(desk.pass_on(now, until), key) for key, desk in desks.items()]
        heapq.heapify(turns)
        while turns[0][0] < NEVER:
            at, key = turns[0]
            decide(desks[key], at)
            heapq.heapreplace(turns, (desks[key].pass_on(at, until), key))
        return list(desks.values())
