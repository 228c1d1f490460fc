"""The engine: crossings, records and plans go in as they arrive, alerts come out. It has no clock but yours."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from tapal_server.correlation.alerts import Book
from tapal_server.correlation.bypass import Bypass
from tapal_server.correlation.conflicts import Conflicts
from tapal_server.correlation.excess import GRACE_S, Excess, Voyages
from tapal_server.correlation.params import Params
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.presence import Presence, always_open, out_of_place
from tapal_server.correlation.report import report
from tapal_server.correlation.seen import Seen
from tapal_server.correlation.surplus import Surplus
from tapal_server.correlation.types import (
    Change,
    Crossing,
    Gate,
    Planned,
    Posterior,
    Reason,
    Record,
    Settings,
    Settled,
    Site,
    Voyage,
)
from tapal_server.correlation.unlogged import Unlogged

GateKey = tuple[str, str, str]
NEVER, AT_ONCE = float("inf"), float("-inf")


class Engine:
    """Correlates all gates of some sites.

    Calls take what happened, :meth:`advance` returns what follows from it. Call `advance` with the present time after
    each arrival (or batch of them) and when :meth:`next_due` says so; time never goes back.
    """

    def __init__(self, sites: Iterable[Site], settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.sites = {site.id: site for site in sites}
        self.plans = Plans()
        self.book = Book(self.settings.alerts_per_hour)
        self.now = float("-inf")
        self._pools: dict[GateKey, Pool] = {}
        self._unlogged: dict[GateKey, Unlogged] = {}
        self._at: dict[tuple[str, str], list[Pool]] = {}
        self._confirmed: dict[GateKey, list[Pool]] = {}
        self._record_at: dict[str, Pool] = {}
        self._strays: list[tuple[Site, Crossing, str]] = []
        self._conflicts = Conflicts(self.sites, self.book)
        self._voyages = Voyages(self.book)
        self._surplus = Surplus(self.sites, self._pools, self.plans, self.book)
        self._voyage_due: list[tuple[float, str]] = []
        self._excess: dict[GateKey, Excess] = {}
        self._bypass: dict[GateKey, Bypass] = {}
        self._passed: list[tuple[GateKey, Crossing]] = []
        self._agenda: list[tuple[float, GateKey]] = []  # gates by when they have something to decide
        self._turn: dict[GateKey, float] = {}  # the entry of the agenda that counts
        self._window_due: dict[GateKey, float] = {}
        self._key: dict[int, GateKey] = {}  # by identity of the pool
        self._fresh = False  # something arrived that must be looked at before the next due time
        self._replanned = False  # a plan or voyage arrived that may explain open alerts
        self._presence = Presence(self.book, self.settings.group_gap_s)
        self._gone: list[Settled] = []
        self._always_open = {site.id for site in self.sites.values() if always_open(site)}
        for site in self.sites.values():
            for gate in site.gates:
                self._add_gate(site, gate)

    def _add_gate(self, site: Site, gate: Gate) -> None:
        if site.checkpoint is None:
            return
        pool = Pool(gate, self.settings)
        key = (site.id, gate.line, gate.direction)
        self._pools[key] = pool
        self._key[id(pool)] = key
        self._turn[key] = self._window_due[key] = NEVER
        self._unlogged[key] = Unlogged(site, pool, self.book)
        self._excess[key] = Excess(site, pool, self.book, self.plans)
        self._bypass[key] = Bypass(site, pool, self.book, self.plans)
        self._at.setdefault((site.checkpoint, gate.direction), []).append(pool)
        for line in gate.confirmed_by:
            self._confirmed.setdefault((site.id, line, gate.direction), []).append(pool)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._key = {id(pool): key for key, pool in self._pools.items()}  # a copy's pools are others

    # -- what arrives ---------------------------------------------------------------------------------------------

    def on_crossing(self, crossing: Crossing) -> None:
        """Take what a camera saw; a repeat is harmless, an unknown site or line is passed over."""
        site = self.sites.get(crossing.site)
        if site is None or crossing.label not in site.labels:
            return
        key = (crossing.site, crossing.line, crossing.direction)
        for gate in self._confirmed.get(key, ()):
            gate.witness(crossing)
            self._soon(self._key[id(gate)], gate)
        pool = self._pools.get(key)
        if pool is not None and crossing.time >= pool.since:
            if not pool.add_crossing(crossing):
                return
            if self._window_due[key] == NEVER:
                self._window_due[key] = _or_never(self._excess[key].next_due())
            self._soon(key, pool)
            if pool.gate.counter_zones:
                self._passed.append((key, crossing))
                self._fresh = True
        if self.plans.planned:
            self._surplus.touch(crossing)
        if site.id not in self._always_open:
            self._place(site, crossing, pool)

    def _place(self, site: Site, crossing: Crossing, pool: Pool | None) -> None:
        """Remember who is out of place."""
        why = out_of_place(site, crossing, self.plans)
        if why is None:
            return
        if pool is None:
            self._surplus.stray(crossing)
        if self.plans.covering(crossing) is None:
            self._strays.append((site, crossing, why))
            self._fresh = True

    def remember_from(self, time: float) -> None:
        """Say from when on crossings and their records are known; older crossings are not held against the log."""
        for pool in self._pools.values():
            pool.since = max(pool.since, time)

    def on_record(self, record: Record) -> None:
        """Take a row of the passage log; a row with a known id corrects it."""
        pool = self._pool_of(record)
        known = self._record_at.get(record.id)
        if known is not None and known is not pool:
            known.withdraw(record.id)
            self._soon(self._key[id(known)], known)
        if pool is not None:
            if pool.add_record(record):
                self._soon(self._key[id(pool)], pool)
            now = max(self.now, record.received_at)
            if record.document_hash is not None or record.check_digit_ok is False:
                self._conflicts.see(record, now)
            if record.voyage_id is not None and record.voyage_id in self.plans.voyages:
                heapq.heappush(self._voyage_due, (record.received_at, record.voyage_id))
                self._fresh = True
            self._record_at[record.id] = pool
            self._surplus.log_changed(now)

    def _pool_of(self, record: Record) -> Pool | None:
        """Return the gate that a record belongs to: of its lane, else one without lanes, else any of its post."""
        pools = self._at.get((record.checkpoint, record.direction), ())
        if len(pools) > 1:
            fitting = [pool for pool in pools if record.lane is not None and record.lane in pool.gate.lanes]
            pools = fitting or [pool for pool in pools if not pool.gate.lanes] or pools
        return pools[0] if pools else None

    def _soon(self, key: GateKey, pool: Pool) -> None:
        """Put a gate on the agenda at the time when it has something to decide, unless it is there already."""
        due = AT_ONCE if pool.lesson_due() else min(pool.due, self._window_due[key])
        if due < self._turn[key]:
            self._turn[key] = due
            heapq.heappush(self._agenda, (due, key))

    def withdraw(self, record_id: str) -> None:
        """Forget a row that the log took back."""
        pool = self._record_at.pop(record_id, None)
        if pool is not None:
            pool.withdraw(record_id)
            self._soon(self._key[id(pool)], pool)
            self._conflicts.withdraw(record_id, self.now)

    def plan(self, planned: Planned) -> None:
        """Take a movement entered beforehand, or its corrected version; open alerts that it covers close."""
        if planned.site in self.sites:
            self.plans.planned[planned.id] = planned
            self._surplus.changed(planned.id)
            self._replanned = self._fresh = True

    def cancel_plan(self, plan_id: str) -> None:
        """Take a planned movement back; what it explained stays explained."""
        self.plans.planned.pop(plan_id, None)

    def voyage(self, voyage: Voyage) -> None:
        """Take a scheduled call, or its corrected version; open alerts that missed it close."""
        if voyage.site not in self.sites:
            return
        self.plans.voyages[voyage.id] = voyage
        heapq.heappush(self._voyage_due, (voyage.end + GRACE_S, voyage.id))
        self._replanned = self._fresh = True

    def cancel_voyage(self, voyage_id: str) -> None:
        """Take a scheduled call back; its own alert closes, what it explained stays explained."""
        voyage = self.plans.voyages.pop(voyage_id, None)
        if voyage is not None:
            self._voyages.cancel(voyage, self.now)

    # -- what follows ---------------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """Return when `advance` has something to decide even if nothing arrives."""
        due = self.ahead
        return None if due == NEVER else due

    @property
    def ahead(self) -> float:
        """The time of the next decision; infinite when there is none."""
        due = self._agenda[0][0] if self._agenda else NEVER
        due = min(due, self._surplus.due)
        return min(due, self._voyage_due[0][0]) if self._voyage_due else due

    @property
    def pressing_from(self) -> float:
        """From when on `advance` has something to do; arrivals may be gathered until then."""
        return AT_ONCE if self._fresh or self.book.changed else self.ahead

    def advance(self, now: float) -> list[Change]:
        """Decide everything that is due at `now` and return the alerts raised, updated and closed."""
        self.now = max(self.now, now)
        if self.pressing_from <= self.now:
            self._decide_due()
        return self.book.take()

    def catch_up(self, until: float) -> list[Change]:
        """Decide everything that falls due before `until`, each at its own time."""
        while (due := self.ahead) < until:
            self.now = max(self.now, due)
            self._decide_due()
        return self.book.take()

    def _decide_due(self) -> None:
        now = self.now
        if self._fresh or self._voyage_due:
            self._fresh = False
            self._look_at_arrivals()
        agenda, turn, due = self._agenda, self._turn, []
        while agenda and agenda[0][0] <= now:
            at, key = heapq.heappop(agenda)
            if at == turn[key]:  # else it was called earlier
                due.append(key)
                turn[key] = NEVER
        for key in due:
            self._look_at(key, self._pools[key])
        self._surplus.judge(now)

    def _look_at(self, key: GateKey, pool: Pool) -> None:
        """Decide what is due at one gate."""
        if pool.lesson_due():
            self._judge(key, pool.study(self.now), lesson=True)
        if pool.due <= self.now:
            touched = pool.decide(self.now)
            if touched:
                self._judge(key, touched)
        if self._window_due[key] <= self.now:
            self._excess[key].judge(self.now)
            self._window_due[key] = _or_never(self._excess[key].next_due())
        if pool.full:
            self._forget(key, pool, pool.too_many)
        self._soon(key, pool)

    def _look_at_arrivals(self) -> None:
        """Apply the rules that need no waiting."""
        for site, crossing, why in self._strays:
            self._presence.see(site, crossing, why, self.now)
        self._strays.clear()
        if self._replanned:
            self._replanned = False
            self._reconsider()
        for key, crossing in self._passed:
            self._bypass[key].see(crossing, self.now)
        self._passed.clear()
        while self._voyage_due and self._voyage_due[0][0] <= self.now:
            self._judge_voyage(heapq.heappop(self._voyage_due)[1])

    def _reconsider(self) -> None:
        """Close the open alerts that a plan or voyage entered since explains."""
        self._presence.reconsider(self.plans, self.now)
        for key in self._pools:
            self._unlogged[key].excuse(self._planned_for, self.now)
            self._bypass[key].excuse(self._planned_for, self.now)
            self._excess[key].look_again(self.now)
            self._window_due[key] = _or_never(self._excess[key].next_due())
            self._soon(key, self._pools[key])

    def _planned_for(self, crossing: Crossing) -> Reason | None:
        return self.plans.because(crossing) if self.plans.covering(crossing) is not None else None

    def _judge_voyage(self, voyage_id: str) -> None:
        voyage = self.plans.voyages.get(voyage_id)
        if voyage is None or voyage.end + GRACE_S > self.now:
            return
        pools = [
            pool
            for (site, line, direction), pool in self._pools.items()
            if site == voyage.site and direction == voyage.direction and voyage.line in {None, line}
        ]
        shared = self.plans.shares_its_window(voyage)
        self._voyages.judge(self.sites[voyage.site], voyage, pools, self.now, shared=shared)

    def _judge(self, key: GateKey, touched: list[Seen], *, strict: bool = False, lesson: bool = False) -> None:
        if self.plans.planned:
            touched = [seen for seen in touched if self.plans.covering(seen.crossing) is None]
        self._unlogged[key].update(touched, self.now, strict=strict, lesson=lesson)
        self._bypass[key].update(touched, self.now)

    def _forget(self, key: GateKey, pool: Pool, count: int) -> None:
        """Settle the oldest crossings of a gate for good and let them go; open alerts stay with the officer."""
        self._judge(key, pool.settle(self.now, count), strict=True)
        gone, lost = pool.forget(count)
        self._unlogged[key].forget(pool.since)
        for record_id in lost:
            self._record_at.pop(record_id, None)
        if self.settings.keep_all:
            self._gone += [Settled(seen.crossing, seen.unmatched, seen.unlogged) for seen in gone]

    def finish(self, now: float) -> list[Change]:
        """Decide everything once more with all that is known, as at the end of a recording."""
        changes = self.advance(now)
        for key, pool in self._pools.items():
            self._judge(key, pool.settle(self.now), strict=True)
        return changes + self.book.take()

    def take_gone(self) -> list[Settled]:
        """Return the crossings forgotten since the last call, with their last posterior (if settings keep all)."""
        gone, self._gone = self._gone, []
        return gone

    def settled(self) -> Iterator[Settled]:
        """Return every crossing still remembered with its latest posterior, gate by gate in order of time."""
        for pool in self._pools.values():
            for seen in pool.crossings.at(*pool.crossings.span_of_all):
                yield Settled(seen.crossing, seen.unmatched, seen.unlogged)

    def take_beliefs(self, gates: Iterable[GateKey] | None = None, *, most: int) -> dict[str, float]:
        """Return P(unlogged) of crossings by id, to four digits, where it changed since it was last taken.

        Args:
            gates: only of these; None: of all.
            most: of how many at once.
        """
        found: dict[str, float] = {}
        for key in self._pools if gates is None else gates:
            pool = self._pools.get(key)
            if pool is not None and len(found) < most:
                found |= pool.crossings.take_beliefs(most - len(found))
        return found

    # -- what is believed -----------------------------------------------------------------------------------------

    def posterior(self, crossing_id: str) -> Posterior | None:
        """Return what is believed of a crossing now; None when it is unknown or forgotten."""
        pool = next((pool for pool in self._pools.values() if crossing_id in pool.crossings), None)
        return None if pool is None else pool.posterior(crossing_id, self.now)

    def gate_report(self, site: str, line: str, direction: str) -> dict[str, Any] | None:
        """Return what was learned of a gate, with errors and doubts, and how many passed unlogged, as plain data."""
        pool = self._pools.get((site, line, direction))
        if pool is None:
            return None
        rows = pool.crossings.table[pool.crossings.first : pool.crossings.end]
        decided = rows[rows["decided"]]
        return report(pool.params, decided["time"].tolist(), decided["unlogged"].tolist())

    def params(self, site: str, line: str, direction: str) -> Params | None:
        """Return what is believed of a gate: a frozen value, replaced by the next lesson."""
        pool = self._pools.get((site, line, direction))
        return None if pool is None else pool.params

    def believe(self, site: str, line: str, direction: str, params: Params) -> None:
        """Decide at a gate by parameters known from elsewhere, until the gate learns better."""
        self._pools[site, line, direction].use(params)

    def gates(self) -> list[GateKey]:
        """Return the gates that are correlated with the passage log."""
        return list(self._pools)


def _or_never(due: float | None) -> float:
    return NEVER if due is None else due
