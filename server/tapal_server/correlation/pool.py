"""One gate's crossings and records, decided as they come due and re-decided when something they depend on changes."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.band import Band
from tapal_server.correlation.evaluate import FLOW_WINDOW_S, Evaluation, Stretch, evaluate, evidence
from tapal_server.correlation.law import reach
from tapal_server.correlation.learn import Sample, learn
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.quick import Quick
from tapal_server.correlation.types import Crossing, Gate, Posterior, Record, Settings

Floats = NDArray[np.float64]
NEIGHBOURS = 24
SUSPECT = 0.1
LEANS = 0.1  # a crossing that owes this much of its explanation to a record is asked again when another claims it
FIRST_LESSON, LESSON_GROWTH, LESSON_STEP = 60, 2.0, 2500
LEAST_WINDOW = 800
MOVING_STEP = 250  # crossings between lessons while the clock wanders
OUTAGE_LEAST, OUTAGE_SHARE, OUTAGE_S = 6, 0.25, 1800.0
ASTRAY_STEP = 30  # crossings between lessons while it does not
ASTRAY = 8  # crossings on either side that tell whether the law still holds
PAIRS = 60_000  # of one lesson; at a crowded gate fewer crossings teach as much
Ages = tuple[float, ...] | None


@dataclass(slots=True)
class Seen:
    """A crossing and what is believed of it now."""

    crossing: Crossing
    unmatched: float = 0.0
    unlogged: float = 0.0
    decided: bool = False


class Pool:
    """The streams of one gate. Work per event touches only what lies within the delay law of it."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate = gate
        self.settings = settings
        self.base: Params = prior(gate)
        self.reach = reach(gate.delay)
        self.crossings: Band[Seen] = Band()
        self.records: Band[Record] = Band()
        self.forgotten: list[Seen] = []
        self._copies: dict[str, list[tuple[float, str]]] = {}
        self._leaning: dict[str, set[str]] = {}  # by record copy: the crossings that it explains so far
        self._due: list[tuple[float, str]] = []
        self._suspects: Band[Seen] = Band()
        self._taken = 0
        self._next_lesson = FIRST_LESSON
        self._last_lesson = 0
        self._lost = False
        self.use(self.base)

    def use(self, params: Params) -> None:
        """Decide by these parameters from now on."""
        self.params = params
        self.low, self.high = params.law.support(1e-3)
        self.quick = Quick(params, self.low, self.high)
        last = params.clock.shift[-1] if params.clock.shift else 0.0
        self.shift = last  # the clock's latest shift; older times are looked for in a wider span
        moves = [move - last for move in params.clock.shift] or [0.0]
        self.early, self.late = self.low + last + min(moves), self.high + last + max(moves)
        self.patience = self.quick.age_at(1.0 - self.settings.decide_at)

    # -- what arrives ---------------------------------------------------------------------------------------------

    def add_crossing(self, crossing: Crossing) -> bool:
        """Take a crossing; False when it was known already."""
        if crossing.id in self.crossings:
            return False
        self.crossings.add(crossing.time, crossing.id, Seen(crossing))
        heapq.heappush(self._due, (crossing.time + self.patience, crossing.id))
        self._taken += 1
        return True

    def add_record(self, record: Record) -> None:
        """Take a record, or the corrected version of one."""
        if record.id in self._copies:
            self.withdraw(record.id)
        copies = [(record.time, record.id if n == 0 else f"{record.id}#{n}") for n in range(record.persons)]
        for time, copy in copies:
            self.records.add(time, copy, record)
        self._copies[record.id] = copies
        for seen in self._suspects.between(record.time - self.late, record.time - self.early):
            heapq.heappush(self._due, (record.received_at, seen.crossing.id))

    def withdraw(self, record_id: str) -> bool:
        """Forget a record and reopen what it explained."""
        copies = self._copies.pop(record_id, None)
        if copies is None:
            return False
        for time, copy in copies:
            self.records.remove(time, copy)
            self.quick.release(copy)
            self._leaning.pop(copy, None)
        time = copies[0][0]
        for seen in self.crossings.between(time - self.late, time - self.early):
            if seen.decided:
                heapq.heappush(self._due, (float("-inf"), seen.crossing.id))
        return True

    # -- decisions ------------------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """Return when the next decision is due."""
        return self._due[0][0] if self._due else None

    def decide(self, now: float) -> list[Seen]:
        """Decide all that is due; returns the crossings whose posterior was set."""
        touched: dict[str, Seen] = {}
        while self._due and self._due[0][0] <= now:
            crossing_id = heapq.heappop(self._due)[1]
            seen = self.crossings.get(crossing_id)
            if seen is None or crossing_id in touched:
                continue
            if not seen.decided and self._quickly(seen):
                continue
            self._decide_near(seen, now, touched)
        return list(touched.values())

    def _quickly(self, seen: Seen) -> bool:
        """Accept a crossing whose record plainly lies there and is nobody else's; most need no more than that."""
        if self.gate.counter_zones or self.gate.confirmed_by:
            return False
        time = seen.crossing.time
        aligned = time + self.shift
        first, last = self.records.span(aligned + self.low, aligned + self.high)
        if first == last:
            return False
        place = self.crossings.place(time)
        past = max(place - 12, 0)
        flow = (place - past + 1) / (time - self.crossings.time_at(past) + 60.0)
        claim = self.quick.claim(aligned, self.records.keys(first, last), flow)
        if claim is None:
            return False
        unmatched, copy = claim
        for other in self._leaning.pop(copy, ()):
            heapq.heappush(self._due, (float("-inf"), other))
        seen.unmatched, seen.unlogged, seen.decided = unmatched, unmatched * 0.5, True
        return True

    def _decide_near(self, seen: Seen, now: float, touched: dict[str, Seen]) -> None:
        near, copies, evaluation = self.local(seen.crossing.time, now)
        here = next(place for place, other in enumerate(near) if other is seen)
        told = np.zeros(len(near), bool)
        for place, other in enumerate(near):
            if other is seen or (other.decided and abs(place - here) <= NEIGHBOURS // 2):
                unmatched, unlogged = float(evaluation.unmatched[place]), float(evaluation.unlogged[place])
                self._set(other, unmatched, unlogged, now, self._ages(evaluation, place))
                touched[other.crossing.id] = other
                told[place] = True
        edges = evaluation.edges
        for edge in np.flatnonzero((evaluation.marginals.pair > LEANS) & told[edges.crossing]):
            explained = near[edges.crossing[edge]].crossing.id
            self._leaning.setdefault(copies[edges.record[edge]][1], set()).add(explained)

    def _set(self, seen: Seen, unmatched: float, unlogged: float, now: float, ages: Ages = None) -> None:
        crossing = seen.crossing
        seen.unmatched, seen.unlogged, seen.decided = unmatched, unlogged, True
        known = crossing.id in self._suspects
        if unmatched >= SUSPECT and not known:
            self._suspects.add(crossing.time, crossing.id, seen)
            for age in () if ages is None else ages:
                if crossing.time + age > now:
                    heapq.heappush(self._due, (crossing.time + age, crossing.id))
        elif unmatched < SUSPECT / 2 and known:
            self._suspects.remove(crossing.time, crossing.id)

    def _ages(self, evaluation: Evaluation, place: int) -> tuple[float, ...]:
        """Return the ages at which a suspect may pass the threshold, as the records still to come grow few."""
        share = evaluation.share_missing(place, self.settings.threshold)
        return () if share <= 0.0 else (self.quick.age_at(share), self.quick.age_at(share / 4))

    def local(self, time: float, now: float) -> tuple[list[Seen], list[tuple[float, str]], Evaluation]:
        """Evaluate the neighbourhood of a moment, at most `NEIGHBOURS` crossings to either side, with its records."""
        far = max(self.high - self.low, FLOW_WINDOW_S)
        first, last = self.crossings.span(time - far, time + far)
        here = self.crossings.place(time)
        first = max(min(first, here - 12), here - NEIGHBOURS, 0)
        last = min(max(last, here + 12), here + NEIGHBOURS + 1, len(self.crossings))
        near = self.crossings.items(first, last)
        x = self.crossings.times(first, last)
        span = self.records.span(x[0] + self.early, x[-1] + self.late)
        stretch = self.stretch(near, x, self.records.times(*span), self.params)
        return near, self.records.keys(*span), evaluate(stretch, self.params, now, rounds=30, tolerance=3e-3)

    def stretch(self, near: Iterable[Seen], x: Floats, y: Floats, params: Params) -> Stretch:
        """Gather what is known of the crossings beside their times."""
        if not self.gate.counter_zones:
            return Stretch(x, y, shift=params.clock.at(x))
        return evidence(x, y, [seen.crossing.visited for seen in near], self.gate.counter_zones, params.clock.at(x))

    def posterior(self, crossing_id: str, now: float) -> Posterior | None:
        """Return what is believed of one crossing now."""
        seen = self.crossings.get(crossing_id)
        if seen is None:
            return None
        near, _, evaluation = self.local(seen.crossing.time, now)
        place = next(i for i, other in enumerate(near) if other is seen)
        return Posterior(
            crossing_id=crossing_id,
            unmatched=float(evaluation.unmatched[place]),
            unlogged=float(evaluation.unlogged[place]),
            decided=seen.decided,
        )

    def log_out(self, time: float) -> bool:
        """Whether the log was silent around a moment while people passed for long: nobody there is a suspect."""
        far = max(OUTAGE_S, 3.0 * (self.high - self.low))
        first, last = self.crossings.span(time - far, time + far)
        if last - first < OUTAGE_LEAST or self.crossings.time_at(last - 1) - self.crossings.time_at(first) < far / 2:
            return False
        middle = self.params.law.quantile(0.5) + self.shift
        start, end = self.records.span(time - far + middle, time + far + middle)
        return end - start < OUTAGE_SHARE * (last - first)

    def doubtful(self, time: float) -> bool:
        """Whether a lonely crossing there says more about the log, its clock or the law than about a person."""
        if self.log_out(time):
            return True
        if self.astray(time):
            self._lost = True
            return True
        return False

    def astray(self, time: float) -> bool:
        """Whether most of the latest crossings have no record though the log writes: the law no longer holds."""
        place = self.crossings.place(time)
        near = [seen for seen in self.crossings.items(max(place - ASTRAY, 0), place + ASTRAY) if seen.decided]
        lonely = sum(seen.unmatched > 0.5 for seen in near)
        if len(near) < ASTRAY or lonely < 0.5 * len(near):
            return False
        first, last = near[0].crossing.time + self.early, near[-1].crossing.time + self.late
        start, end = self.records.span(first, last)
        return end - start > 0.6 * len(near)

    # -- learning and forgetting ----------------------------------------------------------------------------------

    def study(self, now: float) -> list[Seen]:
        """Learn from the latest window when enough is new, and see all of it by what was learned."""
        if not self.lesson_due():
            return []
        lost, self._lost, self._last_lesson = self._lost, False, self._taken
        step = MOVING_STEP if self.params.clock.since else LESSON_STEP
        self._next_lesson = int(min(self._taken * LESSON_GROWTH, self._taken + step))
        count = len(self.crossings)
        crowd = self.params.law.quantile(0.99) - self.params.law.quantile(0.01)
        crowd *= count / max(self.crossings.time_at(count - 1) - self.crossings.time_at(0), 1.0)
        window = min(self.settings.window_crossings, LESSON_STEP, max(int(PAIRS / (1.0 + 4 * crowd)), LEAST_WINDOW))
        warm = self.params if self._taken > 2 * LESSON_STEP and not lost else None
        first = max(count - window, 0)
        self.use(self._lesson(first, count, now, warm, 3 if warm else 12))
        return self._settle_piece(first, count, self.params, now)

    def _lesson(self, first: int, last: int, now: float, start: Params | None, rounds: int) -> Params:
        near = self.crossings.items(first, last)
        x = self.crossings.times(first, last)
        begin, end = self.records.span(x[0] - self.reach, x[-1] + self.reach)
        lags = np.array([record.received_at - record.time for record in self.records.items(begin, end)])
        sample = Sample(self.stretch(near, x, self.records.times(begin, end), self.base), lags, now)
        return learn(sample, self.base, self.reach, start=start, rounds=rounds)

    def overflow(self) -> int:
        """Return how many crossings are too many to remember."""
        limit = self.settings.history_crossings
        return limit // 4 if len(self.crossings) > limit + limit // 8 else 0

    def lesson_due(self) -> bool:
        """Whether enough is new to learn from."""
        enough = self._taken >= self._next_lesson or (self._lost and self._taken >= self._last_lesson + ASTRAY_STEP)
        return enough and self.settings.learn and self.gate.learn

    def settle(self, now: float, count: int | None = None) -> list[Seen]:
        """Evaluate the oldest crossings (all by default) for good, each window by the law learned from it."""
        total = len(self.crossings) if count is None else count
        done: list[Seen] = []
        step = self.settings.window_crossings
        pieces = max(round(total / step), 1)
        cuts = [total * piece // pieces for piece in range(pieces + 1)]
        for first, last in pairwise(cuts):
            if first == last:
                continue
            params = self.params
            if count is None and self.settings.learn and self.gate.learn:
                params = self._lesson(first, last, now, None, 12)
            for seen in self.crossings.items(first, last):
                seen.decided = True
            done += self._settle_piece(first, last, params, now)
            if count is None:
                self.use(params)
        return done

    def _settle_piece(self, first: int, last: int, params: Params, now: float) -> list[Seen]:
        margin_low, margin_high = max(first - 100, 0), min(last + 100, len(self.crossings))
        near = self.crossings.items(margin_low, margin_high)
        x = self.crossings.times(margin_low, margin_high)
        low, high = params.law.support(1e-4)
        shift = params.clock.shift or (0.0,)
        y = self.records.times(*self.records.span(x[0] + low + min(shift), x[-1] + high + max(shift)))
        evaluation = evaluate(self.stretch(near, x, y, params), params, now, rounds=150, tolerance=5e-4)
        done = near[first - margin_low : last - margin_low]
        for place, seen in enumerate(done, first - margin_low):
            if seen.decided:
                unmatched, unlogged = float(evaluation.unmatched[place]), float(evaluation.unlogged[place])
                ages = self._ages(evaluation, place) if unmatched >= SUSPECT else None
                self._set(seen, unmatched, unlogged, now, ages)
        return [seen for seen in done if seen.decided]

    def forget(self, count: int) -> tuple[list[Seen], list[str]]:
        """Let the oldest crossings and the records before the rest go; returns both."""
        gone = self.crossings.drop_front(count)
        for seen in gone:
            if seen.crossing.id in self._suspects:
                self._suspects.remove(seen.crossing.time, seen.crossing.id)
        first = self.crossings.time_at(0) if len(self.crossings) else float("inf")
        old, _ = self.records.span(first + 2 * self.low - self.high, float("inf"))
        lost = {record.id for record in self.records.drop_front(old)}
        for record_id in lost:
            for _, copy in self._copies.pop(record_id, []):
                self.quick.release(copy)
                self._leaning.pop(copy, None)
        return gone, list(lost)
