"""The engine: crossings, records and plans go in as they arrive, alerts come out. It has no clock but yours."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from tapal_server.correlation.agenda import AT_ONCE, NEVER
from tapal_server.correlation.alerts import Book
from tapal_server.correlation.aside import Aside
from tapal_server.correlation.block import Block
from tapal_server.correlation.conflicts import Conflicts
from tapal_server.correlation.desk import Desk, GateKey, Pools
from tapal_server.correlation.excess import GRACE_S, Voyages
from tapal_server.correlation.many import Many
from tapal_server.correlation.params import Params
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.presence import Presence, always_open, out_of_place
from tapal_server.correlation.report import report
from tapal_server.correlation.surplus import Surplus
from tapal_server.correlation.turns import Turns
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

__all__ = ["Engine", "GateKey"]


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
        self._desks: dict[GateKey, Desk] = {}
        self._pools: Pools = {}
        self._at: dict[tuple[str, str], list[Desk]] = {}
        self._confirmed: dict[GateKey, list[Desk]] = {}
        self._record_at: dict[str, Desk] = {}
        self._strays: list[tuple[Site, Crossing, str]] = []
        self._conflicts = Conflicts(self.sites, self.book)
        self._voyages = Voyages(self.book)
        self._surplus = Surplus(self.sites, self._pools, self.plans, self.book)
        self._voyage_due: list[tuple[float, str]] = []
        self._passed: list[tuple[Desk, Crossing]] = []
        self._turns = Turns(self._desks)
        self.aside = Aside(self._desks, self._turns)
        self._fresh = False  # something arrived that must be looked at before the next due time
        self._planned = False  # a movement was ever planned: only then can anybody be beyond its number
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
        desk = Desk(site, gate, self.settings, self.book, self.plans)
        self._desks[desk.key], self._pools[desk.key] = desk, desk.pool
        self._at.setdefault((site.checkpoint, gate.direction), []).append(desk)
        for line in gate.confirmed_by:
            self._confirmed.setdefault((site.id, line, gate.direction), []).append(desk)

    # -- what arrives ---------------------------------------------------------------------------------------------

    def on_crossing(self, crossing: Crossing) -> None:
        """Take what a camera saw; a repeat is harmless, an unknown site or line is passed over."""
        site = self.sites.get(crossing.site)
        if site is None or crossing.label not in site.labels:
            return
        key = (crossing.site, crossing.line, crossing.direction)
        if self._confirmed:
            for other in self._confirmed.get(key, ()):
                other.pool.witness(crossing)
                self._turns.soon(other)
        desk = self._desks.get(key)
        if desk is not None and crossing.time >= desk.pool.since:
            if not desk.pool.add_crossing(crossing):
                return
            if desk.window_due == NEVER:
                desk.see_windows()
            self._turns.soon(desk)
            if desk.pool.gate.counter_zones:
                self._passed.append((desk, crossing))
                self._fresh = True
        if self.plans.planned:
            self._surplus.touch(crossing)
        if site.id not in self._always_open:
            self._place(site, crossing, gate=desk is not None)

    def _place(self, site: Site, crossing: Crossing, *, gate: bool) -> None:
        """Remember who is out of place; at a `gate` the log counts them."""
        why = out_of_place(site, crossing, self.plans)
        if why is None:
            return
        if not gate:
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
        desk = self._desk_of(record)
        known = self._record_at.get(record.id)
        if known is not None and known is not desk:
            known.pool.withdraw(record.id)
            self._turns.soon(known)
        if desk is not None:
            if desk.pool.add_record(record):
                self._turns.soon(desk)
            now = max(self.now, record.received_at)
            if record.document_hash is not None or record.check_digit_ok is False:
                self._conflicts.see(record, now)
            if record.voyage_id is not None and record.voyage_id in self.plans.voyages:
                heapq.heappush(self._voyage_due, (record.received_at, record.voyage_id))
                self._fresh = True
            self._record_at[record.id] = desk
            if self._planned:
                self._surplus.log_changed(now)

    def _desk_of(self, record: Record) -> Desk | None:
        """Return the gate that a record belongs to: of its lane, else one without lanes, else any of its post."""
        desks = self._at.get((record.checkpoint, record.direction), ())
        if len(desks) > 1:
            fitting = [desk for desk in desks if record.lane is not None and record.lane in desk.pool.gate.lanes]
            desks = fitting or [desk for desk in desks if not desk.pool.gate.lanes] or desks
        return desks[0] if desks else None

    def withdraw(self, record_id: str) -> None:
        """Forget a row that the log took back."""
        desk = self._record_at.pop(record_id, None)
        if desk is not None:
            desk.pool.withdraw(record_id)
            self._turns.soon(desk)
            self._conflicts.withdraw(record_id, self.now)

    def plan(self, planned: Planned) -> None:
        """Take a movement entered beforehand, or its corrected version; open alerts that it covers close."""
        if planned.site in self.sites:
            self.plans.planned[planned.id] = planned
            self._surplus.changed(planned.id)
            self._planned = self._replanned = self._fresh = True

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
        due = self._turns.next
        if self._planned:
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
        self._decide_before(until)
        return self.book.take()

    def _decide_before(self, until: float) -> None:
        while (due := self.ahead) < until:
            self.now = max(self.now, due)
            self._decide_due()

    def feed(self, arrivals: Iterable[Crossing | Record], now: float) -> list[Change]:
        """Take what arrived from `now` on, in order, and decide everything at its own time.

        The same comes of it as if each had been handed in by itself, but those who are plain pass many at a time.
        """
        known, rules = (self._desk_of, self._record_at), (self.plans, self._conflicts)
        block = Block(self.sites, self._always_open, self._desks, known, rules)
        items = list(arrivals)
        many = Many(block, items, now)
        first = 0
        while first < len(items):
            before, alone = now, self._confirmed or self._planned or self._voyage_due
            if not alone and (taken := many.take(first)):
                first += taken
                now = many.arrive[first - 1]
                continue
            item, now = items[first], many.arrive[first]
            first += 1
            if alone or not block.expect(item, now):
                self._pass_on(block, before)
                self._decide_before(now)
                self.on_crossing(item) if isinstance(item, Crossing) else self.on_record(item)
                if self._fresh or self.ahead <= now:
                    self.now = max(self.now, now)
                    self._decide_due()
        self._pass_on(block, now)
        return self.book.take()

    def _pass_on(self, block: Block, until: float) -> None:
        if block.awaited:
            for desk in block.pass_on(self._turns.called(until), self.now, until, self._decide_at):
                self._turns.soon(desk)
            self.now = max(self.now, until)

    def _decide_at(self, desk: Desk, now: float) -> None:
        self.now = max(self.now, now)
        desk.decide(self.now)
        if desk.pool.full:
            self._forget(desk, desk.pool.too_many)

    def _decide_due(self) -> None:
        now = self.now
        if self._fresh or self._voyage_due:
            self._fresh = False
            self._look_at_arrivals()
        for desk in self._turns.called(now):
            self._decide_at(desk, now)
            self._turns.soon(desk)
        if self._planned:
            self._surplus.judge(now)

    def _look_at_arrivals(self) -> None:
        """Apply the rules that need no waiting."""
        for site, crossing, why in self._strays:
            self._presence.see(site, crossing, why, self.now)
        self._strays.clear()
        if self._replanned:
            self._replanned = False
            self._reconsider()
        for desk, crossing in self._passed:
            desk.bypass.see(crossing, self.now)
        self._passed.clear()
        while self._voyage_due and self._voyage_due[0][0] <= self.now:
            self._judge_voyage(heapq.heappop(self._voyage_due)[1])

    def _reconsider(self) -> None:
        """Close the open alerts that a plan or voyage entered since explains."""
        self._presence.reconsider(self.plans, self.now)
        for desk in self._desks.values():
            desk.unlogged.excuse(self._planned_for, self.now)
            desk.bypass.excuse(self._planned_for, self.now)
            desk.excess.look_again(self.now)
            desk.see_windows()
            self._turns.soon(desk)

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

    def _forget(self, desk: Desk, count: int) -> None:
        """Settle the oldest crossings of a gate for good and let them go; open alerts stay with the officer."""
        pool = desk.pool
        desk.judge(pool.settle(self.now, count), self.now, strict=True)
        if self.settings.keep_all:
            oldest = pool.crossings.seen_at(pool.crossings.first, pool.crossings.first + count)
            self._gone += [Settled(seen.crossing, seen.unmatched, seen.unlogged) for seen in oldest]
        for record_id in pool.forget(count):
            self._record_at.pop(record_id, None)
        desk.unlogged.forget(pool.since)

    def finish(self, now: float) -> list[Change]:
        """Decide everything once more with all that is known, as at the end of a recording."""
        changes = self.advance(now)
        for desk in self._desks.values():
            desk.judge(desk.pool.settle(self.now), self.now, strict=True)
        return changes + self.book.take()

    def take_gone(self) -> list[Settled]:
        """Return the crossings forgotten since the last call, with their last posterior (if settings keep all)."""
        gone, self._gone = self._gone, []
        return gone

    def settled(self) -> Iterator[Settled]:
        """Return every crossing still remembered with its latest posterior, gate by gate in order of time."""
        for pool in self._pools.values():
            for seen in pool.crossings.seen_at(*pool.crossings.span_of_all):
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

    @property
    def remembered(self) -> int:
        """How many crossings of all gates it holds."""
        return sum(len(pool.crossings) for pool in self._pools.values())

    def gates(self) -> list[GateKey]:
        """Return the gates that are correlated with the passage log."""
        return list(self._pools)
