"""The engine, fed with what is committed and with the clock, by one task that owns it.

What was read and what followed from it are committed together, so a crash between the two repeats nothing and skips
nothing. After a restart the engine is taken up as it was last kept, or rebuilt from the events and records of its
window; what it concludes up to the point that was already committed is known and not said again.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from tapal_contract.errors import TapalError
from tapal_server.clock import Clock
from tapal_server.correlation.engine import Engine, GateKey
from tapal_server.correlation.params import Params
from tapal_server.correlation.types import Change, Crossing, Record
from tapal_server.correlation.warm import warm
from tapal_server.db.database import Database
from tapal_server.db.tables import CorrelatorRow, EventRow
from tapal_server.events import Bus, EventsStored, PassagesStored, ScheduleChanged, ServerEvent
from tapal_server.live.begin import Beginning
from tapal_server.live.inbox import Arrivals, Scope, read_arrivals
from tapal_server.live.kept import Shelf
from tapal_server.live.ledger import Ledger
from tapal_server.live.schedule import Scheduled
from tapal_server.live.schooling import Schooling, Teacher
from tapal_server.live.terms import Known, begin_term

__all__ = ["ALL", "Correlator", "LostError"]

log = logging.getLogger(__name__)

ALL = "all"
_BELIEFS_EVERY = timedelta(seconds=5)
_BELIEFS_AT_ONCE = 500
"""Crossings whose P(unlogged) is stored in one commit: whatever else is to be written waits for it."""
_REPORTS_EVERY = timedelta(seconds=15)
_REPORTS_AT_ONCE_S, _REPORTS_SHARE = 0.02, 0.02
"""How long gates are reported on before it is looked whether something new came, and the share of the time for it."""
_KEEP_AFTER = 1000
"""Arrivals after which the engine is worth keeping again: fewer are heard again within a second."""
_KEEP_EVERY_S, _KEEP_SHARE = 600.0, 0.01
"""How often it is kept at most, and the share of the time that it may take."""
_KEEP_MOST = 15_000
"""Crossings: alerts wait while a copy is made, about half a second for so many. Whoever has more makes shares."""
_LATELY = timedelta(days=1)
_STEP_S = 0.05
"""From one look to the next: each costs some 8 ms of a processor, however little there is to see."""
_LONGEST_SLEEP_S = 30.0
_LOST_S = 15.0  # by then a server knows that a duty is no longer its own, and does not take it back


class LostError(TapalError):
    """Another server correlates these sites now."""


class Correlator:
    """Feeds one engine, for all sites or a share of them. `step` is synchronous; `run` owns the calls.

    Whoever builds the engine begins a new term of the share, and only the last term may write, so that a server that
    stood still while another took over can neither double nor undo what that one wrote.
    """

    def __init__(
        self,
        database: Database,
        new_engine: Callable[[], Engine],
        ledger: Ledger,
        *,
        bus: Bus,
        clock: Clock,
        window: timedelta = timedelta(days=10),
        without: frozenset[str] = frozenset(),
        share: str = ALL,
        of: Scope | None = None,
        shelf: Shelf | None = None,
        beginning: Beginning | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        self._share = share
        self._of = of
        self._shelf = shelf
        self._beginning = beginning or Beginning()
        self._schooling = Schooling(teacher)
        self._heard = 0  # arrivals since the engine was kept
        self._keep_at_s = 0.0
        self._term = 0
        self._turn = threading.Lock()
        self._database = database
        self._new_engine = new_engine
        self._ledger = ledger
        self._bus = bus
        self._clock = clock
        self._window = window
        self._without = without
        self._engine: Engine | None = None
        self._events = self._passages = self._schedule = 0
        self._stored: dict[str, float] = {}  # beliefs from before the engine was built
        self._believed_at: datetime | None = None
        self._reports: dict[GateKey, dict[str, object]] = {}
        self._report_at: datetime | None = None
        self._reporting_s = 0.0
        self._to_report: list[GateKey] = []
        self.running = False

    async def run(self) -> None:
        """Correlate until cancelled."""
        with self._bus.bell(self.concerns) as bell, self._watch():
            while True:
                began = time.monotonic()
                try:
                    if self._engine is None:
                        await self._begin()
                    else:
                        await asyncio.to_thread(self.step)
                    self._schooling.send(bell.ring)
                    self.running = True
                    pause = self._pause()
                except SQLAlchemyError:
                    log.exception("the correlator could not use the database; trying again")
                    pause = self._stumble()
                except LostError as error:
                    log.warning("%s", error)
                    self._stumble()
                    pause = _LOST_S
                except Exception:  # one bad arrival must not end the watch; readiness shows it meanwhile
                    log.exception("the correlator failed; it is rebuilt and tries again")
                    pause = self._stumble()
                # What comes while others are being decided is gathered; who comes alone waits for nobody.
                await asyncio.sleep(began + _STEP_S - time.monotonic())
                await bell.wait(pause)

    def concerns(self, event: ServerEvent) -> bool:
        """Whether something came that this share may have to look at; of a country's thousand few do."""
        if isinstance(event, EventsStored):
            return self._of is None or not event.sites or not self._of.sites.isdisjoint(event.sites)
        if isinstance(event, PassagesStored):
            return self._of is None or not event.checkpoints or not self._of.checkpoints.isdisjoint(event.checkpoints)
        return isinstance(event, ScheduleChanged) and (
            self._of is None or not event.site or event.site in self._of.sites
        )

    async def _begin(self) -> None:
        """Those sites first where people passed last."""
        newest = await asyncio.to_thread(self._newest)
        async with self._beginning.turn(-newest):
            await asyncio.to_thread(self._warm_step)
        if self._engine is not None:
            self._schooling.begin(self._engine)

    def _newest(self) -> float:
        lately = self._clock.now() - _LATELY
        query = select(func.max(EventRow.time)).where(EventRow.type == "crossing", EventRow.time >= lately)
        if self._of is not None:
            query = query.where(EventRow.site.in_(self._of.sites))
        with self._database.read() as session:
            newest: datetime | None = session.scalar(query)
        return 0.0 if newest is None else newest.timestamp()

    def _warm_step(self) -> None:
        warm()  # once; or the first alert on a new machine, and whoever stops the server then, would wait for it
        self.step()

    def step(self) -> None:
        """Take all that is committed, decide what is due, commit what follows."""
        with self._turn:  # a step of a duty that was lost may still run when it comes back
            self._step()

    def _step(self) -> None:
        engine = self._engine or self._rebuild()
        while True:
            now = self._clock.now().timestamp()  # before it is read what there is: until then all was heard
            with self._database.read() as session:
                arrivals = read_arrivals(
                    session, self._events, self._passages, self._schedule, without=self._without, of=self._of
                )
            self._schooling.bring()
            changes = self._feed(engine, arrivals)
            if not arrivals.more:
                changes += _advance(engine, now)
            left = self._commit(engine, arrivals, changes)
            self._heard += len(arrivals.items)
            if not arrivals.more and not left and not self._report(engine):
                self._schooling.take()
                self._keep(engine)
                return

    def gate_report(self, site: str, line: str, direction: str) -> dict[str, object] | None:
        """What was learned of a gate, as of the last seconds; any thread may ask, for the engine is not touched."""
        return self._reports.get((site, line, direction))

    def params(self, site: str, line: str, direction: str) -> Params | None:
        """What is believed of a gate now, a frozen value; None before the engine is built."""
        engine = self._engine
        return engine.params(site, line, direction) if engine else None

    def _report(self, engine: Engine) -> bool:
        """Report on a few gates when it is time; whether more are left."""
        now = self._clock.now()
        if not self._to_report:
            if self._report_at is not None and now < self._report_at:
                return False
            self._to_report, self._reporting_s = engine.gates(), 0.0
            self._reports = {key: self._reports[key] for key in self._to_report if key in self._reports}
        began = time.monotonic()
        while self._to_report and time.monotonic() - began < _REPORTS_AT_ONCE_S:
            key = self._to_report.pop()
            self._reports[key] = engine.gate_report(*key) or {}
        self._reporting_s += time.monotonic() - began
        if self._to_report:
            return True
        self._report_at = now + max(_REPORTS_EVERY, timedelta(seconds=self._reporting_s / _REPORTS_SHARE))
        return False

    def _feed(self, engine: Engine, arrivals: Arrivals) -> list[Change]:
        changes: list[Change] = []
        # What was committed together is known together: nothing is decided in between.
        for received_at, together in groupby(arrivals.items, key=lambda item: item.received_at):
            changes += _advance(engine, received_at, at_end=False)
            for item in together:
                if isinstance(item, Crossing):
                    engine.on_crossing(item)
                elif isinstance(item, Record):
                    engine.on_record(item)
                elif isinstance(item, Scheduled):
                    item.tell(engine)
                else:
                    engine.withdraw(item.id)
            changes += engine.advance(max(engine.now, received_at))
        return changes

    def _commit(self, engine: Engine, arrivals: Arrivals, changes: list[Change]) -> bool:
        """Commit what was read and what follows; whether more beliefs are to be stored."""
        beliefs, left = self._new_beliefs(engine, changes)
        reached = (arrivals.events_through, arrivals.passages_through, arrivals.schedule_through)
        moved = reached != (self._events, self._passages, self._schedule)
        if not (changes or beliefs or moved):
            return left
        with self._database.write() as session:
            row = session.get(CorrelatorRow, self._share, with_for_update=True)
            if row is None or row.term != self._term:
                raise LostError(f"the correlation of {self._share!r} is another server's now; this one stands by")
            hints = self._ledger.write(session, changes)
            self._ledger.believe(session, beliefs)
            row.events_through, row.passages_through, row.schedule_through = reached
            row.saved_at = self._clock.now()
        self._events, self._passages, self._schedule = reached
        self._bus.publish(*hints)
        return left

    def _new_beliefs(self, engine: Engine, changes: list[Change]) -> tuple[dict[str, float], bool]:
        """Beliefs to be stored now, and whether more are due: of all gates every few seconds, of an alert's at once."""
        now = self._clock.now()
        if self._believed_at is not None and now - self._believed_at < _BELIEFS_EVERY:
            alerts = [change.alert for change in changes]
            gates = [(one.site, one.line, one.direction) for one in alerts if one.line and one.direction]
            return self._unstored(engine.take_beliefs(gates, most=_BELIEFS_AT_ONCE)), False
        while True:
            taken = engine.take_beliefs(most=_BELIEFS_AT_ONCE)
            beliefs, left = self._unstored(taken), len(taken) == _BELIEFS_AT_ONCE
            if not left:
                self._believed_at, self._stored = now, {}
            if beliefs or not left:
                return beliefs, left

    def _unstored(self, beliefs: dict[str, float]) -> dict[str, float]:
        return {id_: share for id_, share in beliefs.items() if self._stored.pop(id_, None) != share}

    def _keep(self, engine: Engine) -> None:
        """Put a copy of the engine aside when it is time; all that it knows is committed."""
        if self._shelf is None or self._heard < _KEEP_AFTER or time.monotonic() < self._keep_at_s:
            return
        if engine.remembered > _KEEP_MOST:
            log.info("the engine of %s is too large to be kept; a restart is shorter with more shares", self._share)
            self._heard = 0
            return
        began = time.monotonic()
        with self._database.read() as session:
            row = session.get(CorrelatorRow, self._share)
            before = None if row is None else row.snapshot
        try:
            kept = self._shelf.put(engine, self._share, before)
        except OSError as error:
            log.warning("the engine cannot be kept; a restart would take longer: %s", error)
            self._keep_at_s = time.monotonic() + _KEEP_EVERY_S
            return
        with self._database.write() as session:
            row = session.get(CorrelatorRow, self._share, with_for_update=True)
            if row is None or row.term != self._term:
                raise LostError(f"the correlation of {self._share!r} is another server's now; this one stands by")
            reached = [self._events, self._passages, self._schedule]
            row.snapshot = {**kept, "through": reached, "at": self._clock.now().timestamp()}
        if before is not None and before["path"] != kept["path"]:
            self._shelf.drop(before)
        took = time.monotonic() - began
        self._heard, self._keep_at_s = 0, time.monotonic() + max(_KEEP_EVERY_S, took / _KEEP_SHARE)

    def _rebuild(self) -> Engine:
        fresh, since = self._new_engine(), self._clock.now() - self._window
        self._term, known = begin_term(self._database, self._share, self._of)
        self._keep_at_s, self._stored = 0.0, {}
        kept = None if self._shelf is None or known is None else _taken_up(self._shelf, known, fresh)
        if known is not None and kept is not None:
            engine, reached = kept
            self._hear_again(engine, reached, known.through, since=None)
            log.info("the correlator of %s goes on with the engine that was kept", self._share)
        else:
            engine = fresh
            self._stored = self._beliefs_since(since)
            if known is not None:
                engine.remember_from(since.timestamp())
            self._hear_again(engine, (0, 0, 0), known.through if known else (0, 0, 0), since=since)
            log.info("the correlator of %s knows %d arrivals of its window", self._share, self._heard)
        self._to_report, self._report_at, self._believed_at = [], None, None
        self._engine = engine
        return engine

    def _hear_again(
        self, engine: Engine, after: tuple[int, int, int], until: tuple[int, int, int], *, since: datetime | None
    ) -> None:
        """Let the engine hear what is committed already; what follows from it was said before."""
        self._heard = 0
        while True:
            with self._database.read() as session:
                arrivals = read_arrivals(
                    session,
                    *after,
                    events_until=until[0],
                    passages_until=until[1],
                    schedule_until=until[2],
                    since=since,
                    without=self._without,
                    of=self._of,
                )
            if not arrivals.items:
                break
            self._feed(engine, arrivals)
            self._heard += len(arrivals.items)
            after = (arrivals.events_through, arrivals.passages_through, arrivals.schedule_through)
        self._events, self._passages, self._schedule = until

    def _beliefs_since(self, since: datetime) -> dict[str, float]:
        """What is stored of each crossing of the window: only what differs is written again."""
        query = select(EventRow.id, EventRow.unlogged).where(EventRow.time >= since, EventRow.unlogged.is_not(None))
        with self._database.read() as session:
            return {id_: share for id_, share in session.execute(query) if share is not None}

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Know nothing any more at the end: who comes back begins anew."""
        try:
            yield
        finally:
            self._stumble()

    def _stumble(self) -> float:
        self.running, self._engine = False, None
        self._schooling.end()
        return 5.0

    def _pause(self) -> float:
        due = self._engine.next_due() if self._engine else None
        left = _LONGEST_SLEEP_S if due is None else due - self._clock.now().timestamp()
        return min(max(left, 0.05), _LONGEST_SLEEP_S)


def _taken_up(shelf: Shelf, known: Known, fresh: Engine) -> tuple[Engine, tuple[int, int, int]] | None:
    """The engine that was kept, and how far it had read; None where there is none that can be gone on with."""
    if known.snapshot is None:
        return None
    events, passages, schedule = known.snapshot["through"]
    engine = shelf.get(known.snapshot, fresh)
    if engine is None:
        return None
    engine.aside.end()  # nobody brings the lessons any more that were out when it was kept
    return engine, (events, passages, schedule)


def _advance(engine: Engine, until: float, *, at_end: bool = True) -> list[Change]:
    """Decide everything that falls due before `until`, each at its own time, as a replay does."""
    changes: list[Change] = []
    due = engine.next_due()
    while due is not None and due < until:
        changes += engine.advance(max(due, engine.now))
        after = engine.next_due()
        if after is not None and after <= due:
            break  # the engine has nothing more to decide at that time
        due = after
    if at_end:
        changes += engine.advance(max(until, engine.now))
    return changes
