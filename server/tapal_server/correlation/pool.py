"""One gate's crossings and records, decided as they come due and re-decided when something they depend on changes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import near
from tapal_server.correlation.agenda import AT_ONCE, NEVER, Agenda, free_chain
from tapal_server.correlation.deciding import TOGETHER, WAVES, Rule, decide
from tapal_server.correlation.doubt import astray, log_out
from tapal_server.correlation.evaluate import NOTHING, Stretch, evaluate, evidence
from tapal_server.correlation.law import reach
from tapal_server.correlation.learn import Lesson, Sample
from tapal_server.correlation.lessons import FIRST_LESSON, LESSON_STEP, next_lesson, window
from tapal_server.correlation.loops import FLOW_NEIGHBOURS
from tapal_server.correlation.near import CORE, SUSPECT, Belief, Scope
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.passing import FLOW_REST_S, OPEN_MIND, ask_again
from tapal_server.correlation.quick import Quick
from tapal_server.correlation.rows import NOBODY
from tapal_server.correlation.seen import Crossings, Records, Seen
from tapal_server.correlation.types import Crossing, Gate, Posterior, Record, Settings
from tapal_server.correlation.witnesses import AGAIN_S, Witnesses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MANY_WINDOWS = 4  # in a long recording the last lesson is a better start than none
MARGIN = 100  # crossings on either side of a piece that is settled
ASTRAY_STEP = 30  # crossings between lessons while it does not
NO_EVIDENCE = (NOTHING, NOTHING, NOTHING)
NOBODY_ASKED: Ints = np.zeros(0, np.int64)
LIVE, FINAL = (30, 3e-3), (150, 5e-4)  # rounds and tolerance of messages


class Pool:
    """The streams of one gate. Work per event touches only what lies within the delay law of it."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate = gate
        self.settings = settings
        self.base: Params = prior(gate)
        self.reach = reach(gate.delay)
        self.crossings = Crossings()
        self.records = Records()
        self.copies: dict[str, tuple[int, ...]] = {}  # a row for each of a record's persons
        self.witnesses = Witnesses()
        self.agenda = Agenda()
        self.heard: list[int] = []  # places of those of whom a follower of suspects is to hear with the next decision
        self.since = AT_ONCE  # from when on records are remembered: who passed before is not held against the log
        self._learns = settings.learn and gate.learn
        self.plain = not (gate.counter_zones or gate.confirmed_by)
        self.levels = (float(min(settings.early, settings.threshold)), float(settings.threshold))
        self.suspected_until = AT_ONCE  # the latest crossing that was ever thought to have no record
        limit = settings.history_crossings
        self.most, self.too_many = limit + limit // 8, limit // 4
        self.taken = 0
        self._last_lesson = 0
        self._lost = False
        self.lesson_at: float = FIRST_LESSON if self._learns else NEVER  # how many taken make a lesson due
        self.use(self.base)

    def use(self, params: Params) -> None:
        """Decide by these parameters from now on."""
        self.params = params
        self.low, self.high = params.law.support(1e-3)
        low, high = params.law.support(1e-2)
        self.width = high - low  # within which most of those are who compete for a record
        last = params.clock.shift[-1] if params.clock.shift else 0.0
        self.shift = last  # the clock's latest shift; older times are looked for in a wider span
        self.quick = Quick(params, self.low, self.high, last)
        moves = [move - last for move in params.clock.shift] or [0.0]
        self.early, self.late = self.low + last + min(moves), self.high + last + max(moves)
        self.patience = self.quick.age_at(1.0 - self.settings.decide_at)
        self.unsettled = self.patience + self.late - self.early  # the age at which who competes for records has his
        self.rule: Rule = (
            (self.quick.odds, self.quick.law),
            self._scope(LIVE, far=self.late - self.early, every=not self.plain),
            _belief(params),
            self.levels,
            (*self.quick.ages, float(self.unsettled)),
            NO_EVIDENCE,
        )
        self.agenda.mix()

    def _scope(self, effort: tuple[int, float], *, far: float = 0.0, every: bool = True) -> Scope:
        return float(self.early), float(self.late), float(far), *effort, every

    # -- what arrives ---------------------------------------------------------------------------------------------

    def add_crossing(self, crossing: Crossing) -> bool:
        """Take a crossing; False when it was known already."""
        crossings, time = self.crossings, crossing.time
        if crossing.id in crossings:
            return False
        handle, place = crossings.put(crossing)
        if self.gate.counter_zones:  # a bypass may be explained
            crossings.table[place]["told"] = True
        self.agenda.ask_first(time + self.patience, time, handle)
        self.taken += 1
        if crossings.time[max(place - FLOW_NEIGHBOURS, crossings.first)] <= self.suspected_until:
            minds = near.open_minds(crossings.table, crossings.span_of_all, time, FLOW_NEIGHBOURS, *OPEN_MIND)
            at_end = place + 1 == crossings.end
            self.ask_again(minds, time + max(self.patience, FLOW_REST_S) if at_end else AT_ONCE)
        return True

    def ask_again(self, places: Ints, due: float = AT_ONCE) -> None:
        """Look at those at some places again at a time."""
        if len(places):
            agenda = self.agenda
            agenda.others = ask_again(agenda.others, self.crossings.table, agenda.at, places, due)

    def _watched(self, low: float, high: float, least: float = 0.0) -> Ints:
        """Return the places of those between two times who are decided, and not plain: what arrives may change them."""
        return near.watched(self.crossings.table, self.crossings.span_of_all, low, high, least)

    def add_record(self, record: Record) -> bool:
        """Take a record, or the corrected version of one; whether anybody is asked again because of it."""
        before, time = len(self.agenda), record.time
        if record.id in self.copies:
            self.withdraw(record.id)
        put = self.records.put
        copies: tuple[int, ...] = (put(record),)
        if record.persons > 1:
            copies += tuple([put(record) for _ in range(record.persons - 1)])
        self.copies[record.id] = copies
        # A record explains the crossings in its reach, or frees another that does.
        first = time - self.late - self.width
        if first <= self.suspected_until:
            self.ask_again(self._watched(first, time - self.early + self.width, SUSPECT))
        return len(self.agenda) > before

    def withdraw(self, record_id: str) -> bool:
        """Forget a record and reopen what it explained."""
        copies = self.copies.pop(record_id, None)
        if copies is None:
            return False
        time = self.records.items[copies[0]].time
        for copy in copies:
            row = self.records.table[self.records.find(time, copy)]
            holder, holder_time = int(row["holder"]), float(row["holder_time"])
            self._free(int(row["leant"]))
            self.records.remove(time, copy)
            place = near.find(self.crossings.table, self.crossings.span_of_all, holder_time, holder)
            if holder != NOBODY and place >= 0:
                self.crossings.table[place]["record"] = NOBODY
                self.agenda.ask(AT_ONCE, holder_time, holder)
        self.ask_again(self._watched(time - self.late, time - self.early))
        return True

    def witness(self, crossing: Crossing) -> None:
        """Take a crossing of a line that confirms this one; a repeat is harmless."""
        if self.witnesses.note(crossing):
            self.ask_again(self._watched(crossing.time - AGAIN_S, crossing.time + AGAIN_S), crossing.received_at)

    # -- decisions ------------------------------------------------------------------------------------------------

    @property
    def due(self) -> float:
        """When the next decision is due; infinite when none is."""
        return AT_ONCE if self.heard else self.agenda.soonest

    def decide(self, now: float) -> list[Seen]:
        """Decide all that is due; returns of those whose posterior was set whoever a follower of suspects must see."""
        heard, self.heard = self.heard, []
        if self.agenda.soonest <= now:
            heard += self._decide(now) if self.plain else self._decide_with_evidence(now)
        return self.crossings.those_at(heard) if heard else []

    def where(self) -> Ints:
        """Say to the agenda where crossings and records begin and end, for compiled code to read."""
        at, x, y = self.agenda.at, self.crossings, self.records
        at[:4] = x.first, x.end, y.first, y.end
        return at

    def _decide(self, now: float) -> list[int]:
        agenda, at = self.agenda, self.where()
        stores = agenda.looks, agenda.others, agenda.chains
        agenda.others, agenda.chains, heard, latest = decide(
            self.crossings.table, self.records.table, stores, at, now, self.rule
        )
        self.suspected_until = max(self.suspected_until, latest)
        found: list[int] = heard.tolist()
        return found

    def _decide_with_evidence(self, now: float) -> list[int]:
        """Decide where more than times is known of crossings: nobody is a plain case."""
        x, in_x = self.crossings.table, self.crossings.span_of_all
        asked, heard = set[int](), dict[int, None]()
        while (due := self.agenda.pop(now)) is not None:
            asked.add(near.find(x, in_x, *due))
        asked.discard(near.GONE)
        for _ in range(WAVES):
            if not asked:
                break
            asked = self._decide_all(asked, now, heard)
        return list(heard)

    def _decide_all(self, asked: set[int], now: float, heard: dict[int, None]) -> set[int]:
        """Decide by belief propagation, neighbours together; return the places of those whom it may change."""
        places = sorted(asked)
        waves: set[int] = set()
        first, far = 0, self.late - self.early
        for at in range(1, len(places) + 1):
            end = at == len(places)
            if end or places[at] - places[at - 1] > CORE or places[at] - places[first] > TOGETHER:
                one, other = places[first], places[at - 1]
                piece = near.around(self.crossings.table, self.crossings.span_of_all, one, other, far)
                told, felt = self._look(piece, self.rule[1], self.params, now, asked=np.array(places[first:at]))
                heard |= dict.fromkeys(told)
                waves = waves.union(felt).difference(range(*piece[:2]))
                first = at
        return waves - asked

    def _look(
        self,
        piece: tuple[int, int, int, int],
        scope: Scope,
        params: Params,
        now: float,
        *,
        asked: Ints = NOBODY_ASKED,
    ) -> tuple[list[int], list[int]]:
        """Decide a piece (see `near.look`); returns the places of those to hear of, and of those who may feel it."""
        agenda = self.agenda
        belief = self.rule[2] if params is self.params else _belief(params)
        agenda.others, agenda.chains, heard, felt, latest = near.look(
            self.crossings.table,
            self.records.table,
            agenda.others,
            agenda.chains,
            self.where(),
            piece,
            asked,
            now,
            scope,
            self._evidence(piece, params),
            belief,
            *self.rule[3:5],
        )
        self.suspected_until = max(self.suspected_until, latest)
        return heard.tolist(), felt.tolist()

    def _evidence(self, piece: tuple[int, int, int, int], params: Params) -> tuple[Floats, Floats, Floats]:
        if self.plain:
            return NO_EVIDENCE
        return self._stretch(*piece[2:], NOTHING, params).told

    def _stretch(self, first: int, end: int, y: Floats, params: Params) -> Stretch:
        """Gather what is known of crossings beside their times."""
        x = self.crossings.times(first, end)
        shift = params.clock.at(x)
        if self.gate.counter_zones:
            visits = [crossing.visited for crossing in self.crossings.at(first, end)]
            return self.witnesses.weigh(evidence(x, y, visits, self.gate.counter_zones, shift))
        return self.witnesses.weigh(Stretch(x, y, shift=shift))

    def posterior(self, crossing_id: str, now: float) -> Posterior | None:
        """Return what is believed of one crossing now."""
        seen = self.crossings.get(crossing_id)
        if seen is None:
            return None
        place = self.crossings.place_of(seen)
        far = self.late - self.early
        _, _, first, end = near.around(self.crossings.table, self.crossings.span_of_all, place, place, far)
        span = self.records.span(
            self.crossings.time_at(first) + self.early, self.crossings.time_at(end - 1) + self.late
        )
        stretch = self._stretch(first, end, self.records.times(*span), self.params)
        evaluation = evaluate(stretch, self.params, now, rounds=LIVE[0], tolerance=LIVE[1])
        return Posterior(
            crossing_id=crossing_id,
            unmatched=float(evaluation.unmatched[place - first]),
            unlogged=float(evaluation.unlogged[place - first]),
            decided=bool(self.crossings.table[place]["decided"]),
        )

    def doubtful(self, time: float) -> bool:
        """Whether a lonely crossing there says more about the log, its clock or the law than about a person."""
        middle = self.params.law.quantile(0.5) + self.shift
        if log_out(self.crossings, self.records, time, self.high - self.low, middle):
            return True
        lost = astray(self.crossings, self.records, time, self.early, self.late)
        if lost and self._learns and not self._lost:
            self._lost = True
            self.lesson_at = min(self.lesson_at, self._last_lesson + ASTRAY_STEP)
        return lost

    # -- learning and forgetting ----------------------------------------------------------------------------------

    def lesson(self, now: float) -> Lesson:
        """Return what the latest window has to teach; the next lesson is due when enough is new."""
        lost, self._lost, self._last_lesson = self._lost, False, self.taken
        self.lesson_at = next_lesson(self.taken, self.params, self.width)
        steady = self.taken > 2 * LESSON_STEP and not lost and not self.params.clock.since
        warm = self.params if steady else None  # a clock that moved is followed anew
        return self._lesson(*self._latest(), now, warm)

    def learn_soon(self) -> None:
        """Let a lesson that was asked for and never learned be due again."""
        if self._learns:
            self.lesson_at = self.taken

    def take_in(self, params: Params, now: float) -> list[Seen]:
        """Decide by what was learned from now on, and see all of the latest window by it."""
        first, end = self._latest()
        begin, last = self.crossings.time_at(first), self.crossings.time_at(end - 1)
        span = (self.lesson_at - self.taken) * (last - begin) / (end - first)
        params = replace(params, clock=params.clock.carried_on(last, span))
        self.use(params)
        return self._settle_piece(first, end, params, now, (60, 2e-3))

    def _latest(self) -> tuple[int, int]:
        """Return the bounds of the window that a lesson takes."""
        crossings = self.crossings
        flow = len(crossings) / max(crossings.time_at(crossings.end - 1) - crossings.time_at(crossings.first), 1.0)
        most = window(self.settings.window_crossings, flow, self.width)
        return max(crossings.end - most, crossings.first), crossings.end

    def _lesson(self, first: int, end: int, now: float, start: Params | None) -> Lesson:
        since, until = self.crossings.time_at(first), self.crossings.time_at(end - 1)
        begin, finish = self.records.span(since - self.reach, until + self.reach)
        stretch = self._stretch(first, end, self.records.times(begin, finish), self.base)
        sample = Sample(stretch, self.records.table["received"][begin:finish].copy(), now)
        return Lesson(sample, self.base, self.reach, start, rounds=12 if start is None else 3)

    @property
    def full(self) -> bool:
        """Whether there are `too_many` crossings to remember."""
        crossings = self.crossings
        return crossings.end - crossings.first > self.most

    def settle(self, now: float, count: int | None = None) -> list[Seen]:
        """Evaluate the oldest crossings (all by default) for good, each window by the law learned from it."""
        total = len(self.crossings) if count is None else count
        heard: list[Seen] = []
        pieces = max(round(total / self.settings.window_crossings), 1)
        cuts = [self.crossings.first + total * piece // pieces for piece in range(pieces + 1)]
        for first, end in pairwise(cuts):
            if first == end:
                continue
            params = self.params
            if count is None and self._learns:
                warm = self.params if len(cuts) > MANY_WINDOWS and not self.params.clock.since else None
                params = self._lesson(first, end, now, warm).learned()
            self.crossings.table["decided"][first:end] = True
            heard += self._settle_piece(first, end, params, now, FINAL)
            if count is None:
                self.use(params)
        return heard

    def _settle_piece(self, first: int, end: int, params: Params, now: float, effort: tuple[int, float]) -> list[Seen]:
        crossings = self.crossings
        piece = (first, end, max(first - MARGIN, crossings.first), min(end + MARGIN, crossings.end))
        low, high = params.law.support(1e-4)
        shift = params.clock.shift or (0.0,)
        scope = float(low + min(shift)), float(high + max(shift)), 0.0, *effort, True
        heard, _ = self._look(piece, scope, params, now)
        return crossings.those_at(heard)

    def forget(self, count: int) -> list[str]:
        """Let the oldest crossings and the records before the rest go; returns the ids of those."""
        self.crossings.drop_front(count)
        first = self.crossings.time_at(self.crossings.first) if len(self.crossings) else NEVER
        self.since = max(self.since, first)
        self.witnesses.forget(first)
        records = self.records
        old = records.place(first + 2 * self.low - self.high) - records.first
        leant = records.table["leant"][records.first : records.first + old]
        for chain in leant[leant != NOBODY].tolist():
            self._free(chain)
        lost = list(dict.fromkeys(record.id for record in records.drop_front(old)))
        for record_id in lost:
            self.copies.pop(record_id, None)
        return lost

    def _free(self, chain: int) -> None:
        free_chain(self.agenda.chains, self.agenda.at, chain)


def _belief(params: Params) -> Belief:
    """What compiled code is told of parameters."""
    rates, level = params.believed
    return rates, level, params.waits, float(params.odds), params.law.table, params.clock.table
