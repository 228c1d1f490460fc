"""Count excess of planned movements: a plan explains as many persons as it says, and no more.

Whom a plan covers raises no alert of their own, so somebody has to count them. At a gate with a log the plan and the
log explain together; elsewhere nobody but the plan does, and each who comes beyond it matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.band import Band
from tapal_server.correlation.counts import Bound, bound
from tapal_server.correlation.excess import LOOK_AGAIN_S, RARE, tally, waiting_time
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.types import Crossing, Data, Direction, Explanation, Planned, Rates, Reason, Site

REMEMBERED_S = 10 * 86400.0
REST_S = 60.0  # between two looks at one plan while people are passing
RARE_ELSEWHERE = 0.05  # where whoever has no plan is an alert already, one too many is no small thing
DIRECTIONS: tuple[Direction, ...] = ("inbound", "outbound")
INNOCENT = (
    Explanation("plan_grew"),
    Explanation("went_back"),
    Explanation("false_or_double_count"),
    Explanation("officer"),
)
GateKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Came:
    """What explains those who came, what chance makes of it, and who is beyond."""

    planned: int
    logged: int
    chance: Bound
    beyond: list[Crossing]


class Surplus:
    """Compares each plan that says how many with those who came; `due` is when the next look is worth it."""

    def __init__(self, sites: Mapping[str, Site], pools: Mapping[GateKey, Pool], plans: Plans, book: Book) -> None:
        self._sites, self._pools, self._plans, self._book = sites, pools, plans, book
        self._strays: dict[str, Band[Crossing]] = {}  # who needs a plan where there is no log
        self._asked: dict[str, float] = {}
        self._changed: set[str] = set()
        self._open: set[str] = set()
        self.due = NEVER

    def stray(self, crossing: Crossing) -> None:
        """Remember somebody who is out of place but for a plan."""
        band = self._strays.setdefault(crossing.site, Band())
        if crossing.id not in band:
            band.add(crossing.time, crossing.id, crossing)
        old, _ = band.span(band.time_at(len(band) - 1) - REMEMBERED_S, NEVER)
        band.drop_front(old)

    def touch(self, crossing: Crossing) -> None:
        """Look at the plans that cover somebody, when their records had time to come."""
        pool = self._pools.get((crossing.site, crossing.line, crossing.direction))
        due = crossing.received_at if pool is None else crossing.time + waiting_time(pool)
        for plan in self._plans.all_covering(crossing):
            self.ask(plan.id, due)

    def changed(self, plan_id: str) -> None:
        """Look at a plan at the next occasion, because it says something else now."""
        self._changed.add(plan_id)

    def ask(self, plan_id: str, due: float) -> None:
        """Look at a plan at that time, or earlier where somebody asked for it."""
        self._asked[plan_id] = min(due, self._asked.get(plan_id, NEVER))
        self.due = min(self.due, due)

    def log_changed(self, now: float) -> None:
        """Look again at what stands open, because records may explain it now."""
        for plan_id in self._open:
            self.ask(plan_id, now + REST_S)

    def judge(self, now: float) -> None:
        """Look at the plans that are due, and at those that changed."""
        if now < self.due and not self._changed:
            return
        due, self._changed = {one for one, at in self._asked.items() if at <= now} | self._changed, set()
        for plan_id in sorted(due):
            self._asked.pop(plan_id, None)
            plan = self._plans.planned.get(plan_id)
            if plan is not None and plan.persons is not None:
                self._judge(plan, now)
        self.due = min(self._asked.values(), default=NEVER)

    def _judge(self, plan: Planned, now: float) -> None:
        allowed = self._allowed(plan)
        self._open.discard(plan.id)
        for direction in DIRECTIONS if plan.direction is None else (plan.direction,):
            pools = [
                pool
                for (site, line, way), pool in self._pools.items()
                if site == plan.site and way == direction and plan.line in {None, line}
            ]
            if allowed is None or any(pool.since > plan.start for pool in pools):
                continue  # others came under a plan without a number, or the first of them are forgotten
            if pools:
                self._at_gates(plan, direction, pools, allowed, now)
            else:
                self._elsewhere(plan, direction, allowed, now)

    def _allowed(self, plan: Planned) -> int | None:
        """Persons of this plan and of those that share its time and place; None when one of them does not say."""
        persons = [other.persons for other in (plan, *self._plans.beside(plan))]
        return None if None in persons else sum(one for one in persons if one is not None)

    def _at_gates(self, plan: Planned, direction: Direction, pools: Sequence[Pool], allowed: int, now: float) -> None:
        wait = max(waiting_time(pool) for pool in pools)
        until = min(plan.end, now - wait)
        came = sorted(
            (seen for pool in pools for seen in pool.crossings.seen_between(plan.start, until)),
            key=lambda seen: (seen.crossing.time, seen.crossing.id),
        )
        counts = [
            tally(pool, plan.start, until, now, len(pool.crossings.seen_between(plan.start, until))) for pool in pools
        ]
        logged = sum(rows for rows, _ in counts)
        shares = max(pool.params.double_share + pool.params.false_share for pool in pools)
        recall = max(pool.params.recall for pool in pools)
        explained = allowed + logged
        chance = bound(len(came), explained, recall, sum(extra for _, extra in counts) + allowed * shares)
        lonely = [seen.crossing for seen in came if not seen.decided or seen.unmatched >= 0.5]
        beyond = max(len(came) - explained, 0)
        if len(lonely) < beyond:
            lonely = [seen.crossing for seen in came]
        found = Came(allowed, logged, chance, lonely[len(lonely) - beyond :])
        self._conclude(plan, direction, found, now, rare=RARE)
        spans = [(pool.crossings, pool.crossings.span(until, plan.end)) for pool in pools]
        later = [time for crossings, span in spans for time in crossings.times(*span).tolist() if time > until]
        if later:
            self.ask(plan.id, max(min(later) + wait, now + REST_S))

    def _elsewhere(self, plan: Planned, direction: Direction, allowed: int, now: float) -> None:
        """Count by line, for one path may cross several; nobody is taken to be missed, for nothing tells how many."""
        band = self._strays.get(plan.site, Band[Crossing]())
        lines: dict[str, list[Crossing]] = {}
        for one in band.between(plan.start, plan.end):
            if one.direction == direction and plan.line in {None, one.line}:
                lines.setdefault(one.line, []).append(one)
        came = max(lines.values(), key=len, default=[])
        rates = Rates()
        chance = bound(len(came), allowed, 1.0, allowed * (rates.double_share + rates.false_share))
        self._conclude(plan, direction, Came(allowed, 0, chance, came[allowed:]), now, rare=RARE_ELSEWHERE)

    def _conclude(self, plan: Planned, direction: Direction, came: Came, now: float, *, rare: float) -> None:
        cause, chance = f"plan:{plan.site}:{plan.id}:{direction}", came.chance
        data: dict[str, Data] = {
            "plan": plan.id,
            "note": plan.note,
            "planned": came.planned,
            "logged": came.logged,
            "seen": chance.seen,
            "low": chance.low,
            "high": chance.high,
            "chance": chance.tail,
        }
        too_many = chance.seen > came.planned + came.logged
        if not too_many or chance.tail >= rare * 10:
            self._book.close(cause, Reason("plan_covers", data), now)
            return
        if chance.tail >= rare and self._book.find(cause) is None:
            return
        self._open.add(plan.id)
        if now < plan.end + REMEMBERED_S:
            self.ask(plan.id, now + LOOK_AGAIN_S)
        self._book.report(
            Finding(
                kind="count_excess",
                site=plan.site,
                line=plan.line,
                direction=direction,
                cause=cause,
                time=came.beyond[0].time,
                probability=1.0 - chance.tail,
                events={one.id: one.time for one in came.beyond},
                low=float(max(chance.seen - chance.high, 0)),
                high=float(chance.seen - chance.low),
                reason=Reason("plan_excess", data),
                innocent=INNOCENT,
            ),
            now,
        )
