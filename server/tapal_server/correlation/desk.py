"""All that follows one gate: its streams, its alerts, its counts, and when it is to be looked at next."""

from tapal_server.correlation.agenda import AT_ONCE, NEVER
from tapal_server.correlation.alerts import Book
from tapal_server.correlation.bypass import Bypass
from tapal_server.correlation.doubt import log_filling
from tapal_server.correlation.excess import Excess
from tapal_server.correlation.params import Params
from tapal_server.correlation.passing import DONE, OPENED, THINK
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.seen import Seen
from tapal_server.correlation.stream import Stream
from tapal_server.correlation.types import Gate, Settings, Site
from tapal_server.correlation.unlogged import Unlogged

GateKey = tuple[str, str, str]
Pools = dict[GateKey, Pool]
LONGEST_PUT_OFF = 30  # crossings that a lesson waits for; where rows always come late waiting is no better


class Desk:
    """One gate, and whoever draws conclusions from it."""

    def __init__(self, site: Site, gate: Gate, settings: Settings, book: Book, plans: Plans) -> None:
        self.key: GateKey = (site.id, gate.line, gate.direction)
        self.pool = Pool(gate, settings)
        self.stream = Stream(self.pool)
        self.unlogged = Unlogged(site, self.pool, book)
        self.excess = Excess(site, self.pool, book, plans)
        self.bypass = Bypass(site, self.pool, book, plans)
        self.window_due = NEVER  # when a count can be judged
        self.turn = NEVER  # its entry of the agenda that counts
        self.waiting: dict[GateKey, None] | None = None  # who waits for a lesson, where they are taken aside
        self._put_off = 0  # how many have passed since a lesson was due that waits
        self._plans = plans

    @property
    def due(self) -> float:
        """When something is to be decided here."""
        pool = self.pool
        return AT_ONCE if pool.taken >= pool.lesson_at else min(pool.due, self.window_due)

    def see_windows(self) -> None:
        """Find out anew when a count can be judged."""
        due = self.excess.next_due()
        self.window_due = NEVER if due is None else due

    def pass_on(self, now: float, until: float) -> float:
        """Let in who is awaited until there is something to decide; returns when, or `NEVER`."""
        while True:
            opens = self.window_due == NEVER
            why, now = self.stream.pass_on(now, until, self.window_due, opens=opens)
            if why == OPENED:
                self.see_windows()
            elif why == THINK:
                return now
            elif why == DONE:
                return NEVER

    def decide(self, now: float) -> None:
        """Decide what is due."""
        pool = self.pool
        if pool.taken >= pool.lesson_at and not self._puts_off(now):
            if self.waiting is None:
                self.learned(pool.lesson(now).learned(), now)
            else:
                self.waiting[self.key], pool.lesson_at = None, NEVER
        if pool.due <= now:
            touched = pool.decide(now)
            if touched:
                self.judge(touched, now)
        if self.window_due <= now:
            self.excess.judge(now)
            self.see_windows()

    def _puts_off(self, now: float) -> bool:
        """Whether a lesson that is due waits for whoever passes next, since the log is being filled in just now."""
        pool = self.pool
        if self._put_off < LONGEST_PUT_OFF and log_filling(pool.records, (AT_ONCE, now), now):
            self._put_off, pool.lesson_at = self._put_off + 1, pool.taken + 1
            return True
        self._put_off = 0
        return False

    def learned(self, params: Params, now: float) -> None:
        """Decide by what a lesson taught."""
        self.judge(self.pool.take_in(params, now), now, lesson=True)

    def judge(self, touched: list[Seen], now: float, *, strict: bool = False, lesson: bool = False) -> None:
        """Bring alerts in line with fresh posteriors, but for those whom a plan covers."""
        if self._plans.planned:
            touched = [seen for seen in touched if self._plans.covering(seen.crossing) is None]
        self.unlogged.update(touched, now, strict=strict, lesson=lesson)
        self.bypass.update(touched, now)
