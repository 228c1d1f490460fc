"""Arrivals that may be handed to their gates before their time, because nothing but the gate has to do with them."""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.conflicts import Conflicts
from tapal_server.correlation.desk import Desk, GateKey
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.types import Crossing, Record, Site


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
        self._desk_of, self._record_at = records
        self._plans, self._conflicts = rules
        self.awaited: dict[GateKey, Desk] = {}

    def expect(self, item: Crossing | Record, now: float) -> bool:
        """Take what arrives at a time; False when it has to be taken by itself."""
        if isinstance(item, Crossing):
            return self._expect_crossing(item, now)
        return self._expect_record(item, now)

    def _expect_crossing(self, crossing: Crossing, now: float) -> bool:
        site = self._sites.get(crossing.site)
        if site is None or crossing.label not in site.labels:
            return True
        if site.id not in self._always_open:
            return False
        key = (crossing.site, crossing.line, crossing.direction)
        desk = self._desks.get(key)
        if desk is None or crossing.time < desk.pool.since or crossing.id in desk.pool.crossings:
            return True
        pool = desk.pool
        if not (pool.plain and pool.crossings.may_wait(crossing.time, pool.settings.history_crossings // 2)):
            return False
        desk.stream.expect_crossing(crossing, now)
        self.awaited[key] = desk
        return True

    def _expect_record(self, record: Record, now: float) -> bool:
        if record.id in self._record_at:
            return False
        desk = self._desk_of(record)
        if desk is None:
            return True
        if (
            record.persons > 1
            or not (desk.pool.plain and desk.pool.records.may_wait(record.time))
            or record.voyage_id in self._plans.voyages
            or self._conflicts.concern(record)
        ):
            return False
        desk.stream.expect_record(record, now)
        self._conflicts.see(record, now)
        self._record_at[record.id] = desk
        self.awaited[desk.key] = desk
        return True

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
