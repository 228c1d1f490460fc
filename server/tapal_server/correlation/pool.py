"""One gate's crossings and records, decided as they come due and re-decided when something they depend on changes."""

import heapq
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.band import Band
from tapal_server.correlation.doubt import astray, log_out
from tapal_server.correlation.evaluate import Evaluation, Stretch, evaluate, evidence
from tapal_server.correlation.law import reach
from tapal_server.correlation.learn import Sample, learn
from tapal_server.correlation.lessons import FIRST_LESSON, LESSON_STEP, next_lesson, window
from tapal_server.correlation.loops import FLOW_NEIGHBOURS
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.quick import Held, Quick, Seen
from tapal_server.correlation.types import Crossing, Gate, Posterior, Record, Settings
from tapal_server.correlation.witnesses import AGAIN_S, Witnesses

Floats = NDArray[np.float64]
NEIGHBOURS = 24
CORE = NEIGHBOURS // 2
TOGETHER = 200  # crossings of one evaluation
WAVES = 4  # how often what changes may change its neighbours before the rest waits for the next time
SUSPECT = 0.1
LEANS = 0.1  # whoever owes this much of its explanation to a record is asked again when another takes it
MOVED = 0.05  # a change of P(unmatched) that neighbours may feel
OPEN_MIND = (0.2, 0.9)  # P(unlogged) of those whom a better known flow could move over a threshold
FLOW_REST_S = 900.0  # the flow becomes better known with each who passes; not every one is worth a question
MANY_WINDOWS = 4  # in a long recording the last lesson is a better start than none
ASTRAY_STEP = 30  # crossings between lessons while it does not
AT_ONCE, NEVER = float("-inf"), float("inf")
Ages = tuple[float, ...] | None


class Pool:
    """The streams of one gate. Work per event touches only what lies within the delay law of it."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate = gate
        self.settings = settings
        self.base: Params = prior(gate)
        self.reach = reach(gate.delay)
        self.crossings: Band[Seen] = Band()
        self.records: Band[Record] = Band()
        self._copies: dict[str, list[str]] = {}
        self.witnesses = Witnesses()
        self._due: list[tuple[float, str]] = []
        self._held = Held()
        self._leaning: dict[str, set[str]] = {}  # by record copy: who leans on it without holding it
        self._watched: Band[Seen] = Band()  # decided, and not plain: what arrives near them may change them
        self.since = AT_ONCE  # from when on records are remembered: who passed before is not held against the log
        self._learns = settings.learn and gate.learn
        self._plain = not (gate.counter_zones or gate.confirmed_by)
        self._taken = 0
        self._next_lesson = FIRST_LESSON
        self._last_lesson = 0
        self._lost = False
        self.use(self.base)

    def use(self, params: Params) -> None:
        """Decide by these parameters from now on."""
        self.params = params
        self.low, self.high = params.law.support(1e-3)
        low, high = params.law.support(1e-2)
        self.width = high - low  # within which most of those are who compete for a record
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
        time = crossing.time
        last = self.crossings.add(time, crossing.id, Seen(crossing))
        heapq.heappush(self._due, (time + self.patience, crossing.id))
        self._taken += 1
        if self._watched:
            self._tell_flow(time, at_end=last)
        return True

    def _tell_flow(self, time: float, *, at_end: bool) -> None:
        """Ask the undecided minds among the neighbours again, since the flow around them is better known now."""
        place = self.crossings.place(time)
        low = self.crossings.time_at(max(place - FLOW_NEIGHBOURS, 0))
        high = self.crossings.time_at(min(place + FLOW_NEIGHBOURS, len(self.crossings) - 1))
        for other in self._watched.between(low, high):
            if not other.again and OPEN_MIND[0] <= other.unlogged <= OPEN_MIND[1]:
                other.again = True
                heapq.heappush(
                    self._due, (time + max(self.patience, FLOW_REST_S) if at_end else AT_ONCE, other.crossing.id)
                )

    def add_record(self, record: Record) -> bool:
        """Take a record, or the corrected version of one; whether anybody is asked again because of it."""
        before = len(self._due)
        if record.id in self._copies:
            self.withdraw(record.id)
        copies = [record.id, *(f"{record.id}#{n}" for n in range(1, record.persons))]
        for copy in copies:
            self.records.add(record.time, copy, record)
        self._copies[record.id] = copies
        # A record explains the crossings in its reach, or frees another that does.
        far = self.width
        for seen in self._watched.between(record.time - self.late - far, record.time - self.early + far):
            if seen.unmatched >= SUSPECT:
                heapq.heappush(self._due, (AT_ONCE, seen.crossing.id))
        return len(self._due) > before

    def withdraw(self, record_id: str) -> bool:
        """Forget a record and reopen what it explained."""
        copies = self._copies.pop(record_id, None)
        if copies is None:
            return False
        record = self.records.get(copies[0])
        assert record is not None
        for copy in copies:
            self.records.remove(record.time, copy)
            self._leaning.pop(copy, None)
            loser = self._held.release(copy)
            if loser is not None:
                heapq.heappush(self._due, (AT_ONCE, loser.crossing.id))
        for seen in self._watched.between(record.time - self.late, record.time - self.early):
            heapq.heappush(self._due, (AT_ONCE, seen.crossing.id))
        return True

    def witness(self, crossing: Crossing) -> None:
        """Take a crossing of a line that confirms this one; a repeat is harmless."""
        if self.witnesses.note(crossing):
            for seen in self._watched.between(crossing.time - AGAIN_S, crossing.time + AGAIN_S):
                heapq.heappush(self._due, (crossing.received_at, seen.crossing.id))

    # -- decisions ------------------------------------------------------------------------------------------------

    @property
    def due(self) -> float:
        """When the next decision is due; infinite when none is."""
        return self._due[0][0] if self._due else NEVER

    def decide(self, now: float) -> list[Seen]:
        """Decide all that is due; returns the crossings whose posterior was set, the plain ones left out."""
        touched: dict[str, Seen] = {}
        asked = self._ask(now, touched)
        for _ in range(WAVES):
            if not asked:
                break
            asked = self._decide_all(asked, now, touched)
        return list(touched.values())

    def _ask(self, now: float, touched: dict[str, Seen]) -> dict[str, Seen]:
        """Settle the plain cases among those that are due; return the others."""
        asked: dict[str, Seen] = {}
        due, get = self._due, self.crossings.get
        while due and due[0][0] <= now:
            seen = get(heapq.heappop(due)[1])
            while seen is not None:  # who loses a record asks in turn
                loser = None
                if seen.record or not self._plain:
                    answer: Seen | bool = False
                else:
                    answer = self._claim(seen)
                if answer is False:
                    asked[seen.crossing.id] = seen
                else:
                    if seen.decided:
                        self._explained(seen, touched)
                        asked.pop(seen.crossing.id, None)
                    seen.decided = True
                    for other in self._leaning.pop(seen.record, ()):
                        heapq.heappush(due, (AT_ONCE, other))
                    loser = answer if isinstance(answer, Seen) else None
                seen = loser
        return asked

    def _claim(self, seen: Seen) -> Seen | bool:
        """Accept a crossing whose record plainly lies there and suits nobody better; most need no more than that."""
        time = seen.crossing.time
        place = self.crossings.place(time)
        past = max(place - 12, 0)
        flow = (place - past + 1) / (time - self.crossings.time_at(past) + 60.0)
        return self.quick.claim(seen, time + self.shift, self.records, self._held, flow)

    def _explained(self, seen: Seen, touched: dict[str, Seen]) -> None:
        crossing = seen.crossing
        touched[crossing.id] = seen
        seen.again = False
        if crossing.id in self._watched:
            self._watched.remove(crossing.time, crossing.id)

    def _decide_all(self, asked: dict[str, Seen], now: float, touched: dict[str, Seen]) -> dict[str, Seen]:
        """Decide by belief propagation, neighbours together; return those whom what came of it may change."""
        places = sorted(self.crossings.find(seen.crossing.time, key) for key, seen in asked.items())
        waves: dict[str, Seen] = {}
        first = 0
        for at in range(1, len(places) + 1):
            end = at == len(places)
            if end or places[at] - places[at - 1] > CORE or places[at] - places[first] > TOGETHER:
                self._decide_near(places[first:at], now, touched, waves)
                first = at
        return {key: seen for key, seen in waves.items() if key not in asked}

    def _decide_near(self, places: list[int], now: float, touched: dict[str, Seen], waves: dict[str, Seen]) -> None:
        core, around = self._around(places[0], places[-1])
        near, copies, evaluation = self._evaluate(around, now)
        first = around.start
        chances = evaluation.chances
        asked = {place - first for place in places}
        core = range(core.start - first, core.stop - first)
        far = self.late - self.early
        for place in core:
            seen = near[place]
            if place not in asked and not seen.decided:
                continue
            if seen.decided and abs(seen.unmatched - chances[place][0]) > MOVED:
                time = seen.crossing.time
                waves |= {other.crossing.id: other for other in self._watched.between(time - far, time + far)}
            ages = self._ages(evaluation, place) if chances[place][0] >= SUSPECT else None
            self._set(seen, chances[place], now, ages)
            touched[seen.crossing.id] = seen
        for place in core:
            waves.pop(near[place].crossing.id, None)
        self._lean(near, copies, evaluation, asked)

    def _lean(self, near: list[Seen], copies: list[str], evaluation: Evaluation, asked: set[int]) -> None:
        """Remember on which records those rest who were asked."""
        told = np.zeros(len(near), bool)
        told[list(asked)] = True
        edges = evaluation.edges
        for edge in np.flatnonzero((evaluation.marginals.pair > LEANS) & told[edges.crossing]).tolist():
            explained = near[edges.crossing[edge]].crossing.id
            self._leaning.setdefault(copies[edges.record[edge]], set()).add(explained)

    def _set(self, seen: Seen, chances: list[float], now: float, ages: Ages = None) -> None:
        crossing = seen.crossing
        unmatched, unlogged, seen.standing = chances
        fresh = not seen.decided or seen.unmatched < SUSPECT
        seen.unmatched, seen.unlogged, seen.decided, seen.again = unmatched, unlogged, True, False
        if unmatched >= SUSPECT or not seen.record:
            if crossing.id not in self._watched:
                self._watched.add(crossing.time, crossing.id, seen)
            if fresh and unmatched >= SUSPECT:
                for age in () if ages is None else ages:
                    if crossing.time + age > now:
                        heapq.heappush(self._due, (crossing.time + age, crossing.id))
        elif crossing.id in self._watched:
            self._watched.remove(crossing.time, crossing.id)

    def _ages(self, evaluation: Evaluation, place: int) -> tuple[float, ...]:
        """Return the ages at which a suspect may pass the threshold, as the records still to come grow few."""
        early = min(self.settings.early, self.settings.threshold)
        shares = [evaluation.share_missing(place, level) for level in (early, self.settings.threshold)]
        return tuple(self.quick.age_at(share) for share in (*shares, shares[1] / 4) if share > 0.0)

    def _around(self, first: int, last: int) -> tuple[range, range]:
        """Return the places that share records with these, and the neighbourhood that decides on them."""
        far, count = self.late - self.early, len(self.crossings)
        low = max(self.crossings.place(self.crossings.time_at(first) - far), first - CORE)
        high = min(self.crossings.place(self.crossings.time_at(last) + far), last + CORE + 1, count)
        before = low - self.crossings.place(self.crossings.time_at(low) - far)
        after = self.crossings.place(self.crossings.time_at(high - 1) + far) - high
        before, after = (min(max(side, CORE), NEIGHBOURS) for side in (before, after))
        return range(low, high), range(max(low - before, 0), min(high + after, count))

    def _evaluate(self, around: range, now: float) -> tuple[list[Seen], list[str], Evaluation]:
        first, last = around.start, around.stop
        near, x = self.crossings.items(first, last), self.crossings.times(first, last)
        span = self.records.span(x[0] + self.early, x[-1] + self.late)
        stretch = self.stretch(near, x, self.records.times(*span), self.params)
        return near, self.records.ids(*span), evaluate(stretch, self.params, now, rounds=30, tolerance=3e-3)

    def stretch(self, near: Iterable[Seen], x: Floats, y: Floats, params: Params) -> Stretch:
        """Gather what is known of the crossings beside their times."""
        shift = params.clock.at(x)
        if self.gate.counter_zones:
            visits = [seen.crossing.visited for seen in near]
            return self.witnesses.weigh(evidence(x, y, visits, self.gate.counter_zones, shift))
        return self.witnesses.weigh(Stretch(x, y, shift=shift))

    def posterior(self, crossing_id: str, now: float) -> Posterior | None:
        """Return what is believed of one crossing now."""
        seen = self.crossings.get(crossing_id)
        if seen is None:
            return None
        place = self.crossings.find(seen.crossing.time, crossing_id)
        _, around = self._around(place, place)
        _, _, evaluation = self._evaluate(around, now)
        return Posterior(
            crossing_id=crossing_id,
            unmatched=float(evaluation.unmatched[place - around.start]),
            unlogged=float(evaluation.unlogged[place - around.start]),
            decided=seen.decided,
        )

    def doubtful(self, time: float) -> bool:
        """Whether a lonely crossing there says more about the log, its clock or the law than about a person."""
        middle = self.params.law.quantile(0.5) + self.shift
        if log_out(self.crossings, self.records, time, self.high - self.low, middle):
            return True
        lost = astray(self.crossings, self.records, time, self.early, self.late)
        self._lost = self._lost or lost
        return lost

    # -- learning and forgetting ----------------------------------------------------------------------------------

    def study(self, now: float) -> list[Seen]:
        """Learn from the latest window when enough is new, and see all of it by what was learned."""
        if not self.lesson_due():
            return []
        lost, self._lost, self._last_lesson = self._lost, False, self._taken
        self._next_lesson = next_lesson(self._taken, self.params, self.width)
        count = len(self.crossings)
        flow = count / max(self.crossings.time_at(count - 1) - self.crossings.time_at(0), 1.0)
        warm = self.params if self._taken > 2 * LESSON_STEP and not lost else None
        first = max(count - window(self.settings.window_crossings, flow, self.width), 0)
        self.use(self._lesson(first, count, now, warm, 3 if warm else 12))
        return self._settle_piece(first, count, self.params, now, rounds=60, tolerance=2e-3)

    def _lesson(self, first: int, last: int, now: float, start: Params | None, rounds: int) -> Params:
        near = self.crossings.items(first, last)
        x = self.crossings.times(first, last)
        begin, end = self.records.span(x[0] - self.reach, x[-1] + self.reach)
        y = self.records.times(begin, end)
        received = np.array([record.received_at for record in self.records.items(begin, end)])
        sample = Sample(self.stretch(near, x, y, self.base), received, now)
        return learn(sample, self.base, self.reach, start=start, rounds=rounds)

    def overflow(self) -> int:
        """Return how many crossings are too many to remember."""
        limit = self.settings.history_crossings
        return limit // 4 if len(self.crossings) > limit + limit // 8 else 0

    def lesson_due(self) -> bool:
        """Whether enough is new to learn from."""
        taken = self._taken
        enough = taken >= self._next_lesson or (self._lost and taken >= self._last_lesson + ASTRAY_STEP)
        return enough and self._learns

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
            if count is None and self._learns:
                params = self._lesson(first, last, now, *((self.params, 3) if len(cuts) > MANY_WINDOWS else (None, 12)))
            for seen in self.crossings.items(first, last):
                seen.decided = True
            done += self._settle_piece(first, last, params, now)
            if count is None:
                self.use(params)
        return done

    def _settle_piece(
        self, first: int, last: int, params: Params, now: float, *, rounds: int = 150, tolerance: float = 5e-4
    ) -> list[Seen]:
        margin_low, margin_high = max(first - 100, 0), min(last + 100, len(self.crossings))
        near = self.crossings.items(margin_low, margin_high)
        x = self.crossings.times(margin_low, margin_high)
        low, high = params.law.support(1e-4)
        shift = params.clock.shift or (0.0,)
        y = self.records.times(*self.records.span(x[0] + low + min(shift), x[-1] + high + max(shift)))
        evaluation = evaluate(self.stretch(near, x, y, params), params, now, rounds=rounds, tolerance=tolerance)
        chances = evaluation.chances
        done = near[first - margin_low : last - margin_low]
        for place, seen in enumerate(done, first - margin_low):
            if seen.decided:
                ages = self._ages(evaluation, place) if chances[place][0] >= SUSPECT else None
                self._set(seen, chances[place], now, ages)
        return [seen for seen in done if seen.decided]

    def forget(self, count: int) -> tuple[list[Seen], list[str]]:
        """Let the oldest crossings and the records before the rest go; returns both."""
        gone = self.crossings.drop_front(count)
        for seen in gone:
            if seen.crossing.id in self._watched:
                self._watched.remove(seen.crossing.time, seen.crossing.id)
        first = self.crossings.time_at(0) if len(self.crossings) else float("inf")
        self.since = max(self.since, first)
        self.witnesses.forget(first)
        old, _ = self.records.span(first + 2 * self.low - self.high, float("inf"))
        lost = {record.id for record in self.records.drop_front(old)}
        for record_id in lost:
            for copy in self._copies.pop(record_id, ()):
                self._held.release(copy)
                self._leaning.pop(copy, None)
        return gone, list(lost)
