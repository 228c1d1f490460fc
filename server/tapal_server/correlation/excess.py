"""Count excess and manifest mismatch: windows and voyages that hold more people than their papers."""

from dataclasses import dataclass

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.counts import Bound, bound
from tapal_server.correlation.hours import local
from tapal_server.correlation.plans import Plans
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.types import REFUSED, Data, Explanation, Reason, Site, Voyage
from tapal_server.correlation.windows import counts_of

WINDOW_S = 3600.0
RARE = 1e-3
LOOK_AGAIN_S = 6 * 3600.0
GRACE_S = 900.0
INNOCENT = (Explanation("records_late"), Explanation("false_or_double_count"), Explanation("officer"))


@dataclass(slots=True)
class Count:
    """Crossings and records of a stretch of time."""

    seen: int
    logged: int
    bound: Bound


class Excess:
    """Counts of one gate, window by window, after their records had time to come."""

    def __init__(self, site: Site, pool: Pool, book: Book, plans: Plans) -> None:
        self._site, self._pool, self._book, self._plans = site, pool, book, plans
        self._next: float | None = None
        self._open: dict[float, float] = {}

    def next_due(self) -> float | None:
        """Return when the next window can be judged, or an open one again."""
        dues = (self._next_window(), min(self._open.values(), default=None))
        return min((due for due in dues if due is not None), default=None)

    def _next_window(self) -> float | None:
        crossings = self._pool.crossings
        if self._next is None:
            if not len(crossings):
                return None
            self._next = crossings.time_at(crossings.first) // WINDOW_S * WINDOW_S
        place = crossings.place(self._next)
        if place >= crossings.end:
            return None  # nobody passed since: there is no window to judge
        self._next = max(self._next, crossings.time_at(place) // WINDOW_S * WINDOW_S)
        return self._next + WINDOW_S + waiting_time(self._pool)

    def judge(self, now: float) -> None:
        """Judge the windows that are due, and the open ones again."""
        due = self._next_window()
        again = [start for start, at in self._open.items() if at <= now]
        while due is not None and due <= now and self._next is not None:
            self._judge_window(self._next, now)
            self._next += WINDOW_S
            due = self._next_window()
        for start in again:
            self._judge_window(start, now)

    def look_again(self, now: float) -> None:
        """Judge the open windows again, because a plan entered since may explain them."""
        for start in list(self._open):
            self._judge_window(start, now)

    def _judge_window(self, start: float, now: float) -> None:
        cause = f"excess:{self._site.id}:{self._pool.gate.line}:{self._pool.gate.direction}:{start:.0f}"
        known = self._book.find(cause) is not None
        count = count_between(self._pool, start, start + WINDOW_S, now, self._plans)
        if start in self._open:
            self._open[start] = now + LOOK_AGAIN_S
        if count is None or (count.bound.tail >= RARE and not known):
            return
        if count.bound.tail >= RARE * 10:
            self._open.pop(start, None)
            self._book.close(cause, Reason("count_explained", _data(count)), now)
            return
        self._open[start] = now + LOOK_AGAIN_S
        if now - start > 10 * 86400.0:
            self._open.pop(start)
        self._book.report(
            Finding(
                kind="count_excess",
                site=self._site.id,
                line=self._pool.gate.line,
                direction=self._pool.gate.direction,
                cause=cause,
                time=start,
                probability=1.0 - count.bound.tail,
                low=float(count.seen - count.bound.high),
                high=float(count.seen - count.bound.low),
                reason=Reason(
                    "window_excess",
                    {
                        **_data(count),
                        "from": local(self._site, start).strftime("%H:%M"),
                        "to": local(self._site, start + WINDOW_S).strftime("%H:%M"),
                    },
                ),
                innocent=INNOCENT,
            ),
            now,
        )


def waiting_time(pool: Pool) -> float:
    """How long after people passed their records are counted."""
    return max(GRACE_S, min(pool.patience, WINDOW_S))


def count_between(pool: Pool, start: float, end: float, now: float, plans: Plans) -> Count | None:
    """Count a gate's crossings and their records; None while the log is silent or the law astray.

    Crossings that a planned movement covers are left out: they need no record.
    """
    if pool.doubtful((start + end) / 2):
        return None
    seen, logged, edge = _counts(pool, start, end)
    if plans.planned:
        within = [one for one in pool.crossings.seen_between(start, end) if plans.covering(one.crossing) is None]
        seen = sum(not one.suspect(pool.settings) for one in within)
    extra = _more_by_chance(pool, end - start, now - end, (seen, logged, edge))
    return Count(seen, logged, bound(seen, logged, pool.params.recall, extra))


def tally(pool: Pool, start: float, end: float, now: float, seen: int) -> tuple[int, float]:
    """Return how many persons were logged of those who passed then, and how many crossings more chance may add."""
    _, logged, edge = _counts(pool, start, end)
    return logged, _more_by_chance(pool, end - start, now - end, (seen, logged, edge))


def _counts(pool: Pool, start: float, end: float) -> tuple[int, int, float]:
    """Return who passed and is no suspect, the rows logged of that time, and how many may have theirs beyond an end."""
    law, x, y = pool.params.law, pool.crossings, pool.records
    shift, spread = law.quantile(0.5) + pool.shift, law.quantile(0.9) - law.quantile(0.1)
    spans = x.span_of_all, y.span_of_all
    seen, logged, edges = counts_of(
        x.table, spans[0], y.table, spans[1], (start, end), float(shift), float(spread), pool.levels
    )
    return seen, logged, edges / 2


def _more_by_chance(pool: Pool, length: float, age: float, counts: tuple[int, int, float]) -> float:
    params, (seen, logged, edge) = pool.params, counts
    shares = params.double_share + params.false_share + params.flow_share
    by_clock = (params.false_rate + params.alone_rate) * length
    return logged * shares + by_clock + edge + seen * pool.quick.waiting(age)


def _data(count: Count) -> dict[str, Data]:
    return {
        "seen": count.seen,
        "logged": count.logged,
        "low": count.bound.low,
        "high": count.bound.high,
        "chance": count.bound.tail,
    }


def _others(pool: Pool, voyage: Voyage) -> int:
    """Persons logged in the window of a voyage who did not travel on it."""
    shift = pool.params.law.quantile(0.5) + pool.shift
    within = pool.records.between(voyage.start + shift, voyage.end + shift)
    return sum(record.voyage_id != voyage.id for record in within)


class Voyages:
    """Voyages whose declared, cleared, boarded and counted persons disagree."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def cancel(self, voyage: Voyage, now: float) -> None:
        """Close the alert of a call that does not take place."""
        self._book.close(f"voyage:{voyage.site}:{voyage.id}", Reason("voyage_cancelled", {"voyage": voyage.id}), now)

    def judge(self, site: Site, voyage: Voyage, pools: list[Pool], now: float, *, shared: bool = False) -> None:
        """Compare the numbers of a voyage once it is over.

        Where calls of one line overlap (`shared`), nobody can say whose the crossings were: only the papers count.
        """
        numbers: dict[str, int] = {
            name: value
            for name, value in (
                ("declared", voyage.declared),
                ("cleared", voyage.cleared),
                ("boarded", voyage.boarded),
            )
            if value is not None
        }
        seen = 0 if shared else sum(b - a for a, b in (pool.crossings.span(voyage.start, voyage.end) for pool in pools))
        logged = sum(
            record.voyage_id == voyage.id and record.result not in REFUSED
            for pool in pools
            for record in pool.records.between(voyage.start - 86400.0, voyage.end + 86400.0)
        )
        if "cleared" not in numbers and logged:
            numbers["cleared"] = logged
        others = sum(_others(pool, voyage) for pool in pools) if logged else 0
        cause = f"voyage:{site.id}:{voyage.id}"
        if not numbers:
            return
        cleared = numbers.get("cleared", min(numbers.values()))
        recall = min((pool.params.recall for pool in pools), default=0.95)
        doubles = max((pool.params.double_share + pool.params.false_share for pool in pools), default=0.004)
        chance = bound(seen, cleared + others, recall, (cleared + others) * doubles + 0.1)
        papers = len(set(numbers.values())) > 1
        if not papers and (not seen or chance.tail >= RARE):
            self._book.close(cause, Reason("numbers_agree", {**numbers, "seen": seen}), now)
            return
        data: dict[str, Data] = {
            "voyage": voyage.id,
            "papers": ", ".join(f"{value} {name}" for name, value in numbers.items()),
            **numbers,
            "seen": seen,
            "low": chance.low,
            "high": chance.high,
        }
        more = max(max(numbers.values()) - min(numbers.values()), seen - chance.high)
        self._book.report(
            Finding(
                kind="manifest_mismatch",
                site=site.id,
                line=voyage.line,
                direction=voyage.direction,
                cause=cause,
                time=voyage.end,
                probability=0.95 if papers else 1.0 - chance.tail,
                low=float(max(seen - chance.high, 0)),
                high=float(max(more, 0)),
                reason=Reason("voyage_numbers", data),
                innocent=(Explanation("manifest_late"), Explanation("crew_not_listed"), *INNOCENT[:1]),
            ),
            now,
        )
