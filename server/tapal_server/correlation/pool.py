"""One gate's crossings and records, decided as they come due and re-decided when something they depend on changes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import near
from tapal_server.correlation.agenda import NEVER, Agenda
from tapal_server.correlation.doubt import astray, log_out
from tapal_server.correlation.evaluate import NOTHING, Stretch, evaluate, evidence
from tapal_server.correlation.law import reach
from tapal_server.correlation.learn import Lesson, Sample
from tapal_server.correlation.lessons import FIRST_LESSON, LESSON_STEP, next_lesson, window
from tapal_server.correlation.loops import FLOW_NEIGHBOURS
from tapal_server.correlation.near import CORE, SUSPECT
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.passing import OPEN_MIND
from tapal_server.correlation.quick import Quick
from tapal_server.correlation.rows import NOBODY
from tapal_server.correlation.seen import Crossings, Records, Seen
from tapal_server.correlation.types import Crossing, Gate, Posterior, Record, Settings
from tapal_server.correlation.witnesses import AGAIN_S, Witnesses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOGETHER = 200  # crossings of one evaluation
WAVES = 4  # how often what changes may change its neighbours before the rest waits for the next time
FLOW_REST_S = 900.0  # the flow becomes better known with each who passes; not every one is worth a question
MANY_WINDOWS = 4  # in a long recording the last lesson is a better start than none
MARGIN = 100  # crossings on either side of a piece that is settled
ASTRAY_STEP = 30  # crossings between lessons while it does not
AT_ONCE = float("-inf")
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
        self.heard: dict[int, None] = {}  # of whom a follower of suspects is to hear with the next decision
        self._leaning: dict[int, set[tuple[float, int]]] = {}  # by record: who leans on it without holding it
        self.since = AT_ONCE  # from when on records are remembered: who passed before is not held against the log
        self._learns = settings.learn and gate.learn
        self.plain = not (gate.counter_zones or gate.confirmed_by)
        self._levels = (min(settings.early, settings.threshold), settings.threshold)
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
        self.agenda.mix()

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
        crossings = self.crossings
        for place in places.tolist():
            self.agenda.ask(due, float(crossings.time[place]), int(crossings.handle[place]))

    def ask_leaning(self, record: int) -> None:
        """Look again at those who lean on a record that somebody took."""
        for one in self._leaning.pop(record, ()):
            self.agenda.ask(AT_ONCE, *one)

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
            self.records.remove(time, copy)
            self._leaning.pop(copy, None)
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

    @property
    def due_other(self) -> float:
        """When a decision is due that is not the first on a crossing."""
        return AT_ONCE if self.heard else self.agenda.soonest_other

    def decide(self, now: float) -> list[Seen]:
        """Decide all that is due; returns of those whose posterior was set whoever a follower of suspects must see."""
        heard, self.heard = self.heard, {}
        asked = self._ask(now, heard)
        for _ in range(WAVES):
            if not asked:
                break
            asked = self._decide_all(asked, now, heard)
        return [self.crossings.at(place, place + 1)[0] for place in heard] if heard else []

    def _ask(self, now: float, heard: dict[int, None]) -> dict[int, None]:
        """Settle the plain cases among those that are due; return the places of the others."""
        pop, leaning, quick = self.agenda.pop, self._leaning, self.quick
        x, in_x = self.crossings.table, self.crossings.span_of_all
        y, in_y = self.records.table, self.records.span_of_all
        asked: dict[int, None] = {}
        while (due := pop(now)) is not None:
            time, handle = due
            if not self.plain:
                asked[near.find(x, in_x, time, handle)] = None
                continue
            while handle != NOBODY:  # who loses a record asks in turn
                place, what, record, _, time, handle = near.claim(x, in_x, y, in_y, time, handle, quick.odds, quick.law)
                if what == near.ASKED:
                    asked[place] = None
                    break
                if what != near.SETTLED:
                    asked.pop(place, None)
                    if what == near.HEARD:
                        heard[place] = None
                if record in leaning:
                    self.ask_leaning(record)
        asked.pop(near.GONE, None)
        return asked

    def _decide_all(self, asked: dict[int, None], now: float, heard: dict[int, None]) -> dict[int, None]:
        """Decide by belief propagation, neighbours together; return the places of those whom it may change."""
        places = sorted(asked)
        waves: dict[int, None] = {}
        first = 0
        for at in range(1, len(places) + 1):
            end = at == len(places)
            if end or places[at] - places[at - 1] > CORE or places[at] - places[first] > TOGETHER:
                self._decide_near(places[first:at], now, heard, waves)
                first = at
        return {place: None for place in waves if place not in asked}

    def _decide_near(self, places: list[int], now: float, heard: dict[int, None], waves: dict[int, None]) -> None:
        piece, reach = self._around(places[0], places[-1]), (self.early, self.late)
        told, felt, leaning = self._look(
            piece, reach, self.params, now, asked=np.array(places), far=self.late - self.early
        )
        heard |= dict.fromkeys(told.tolist())
        waves |= dict.fromkeys(felt.tolist())
        for place in [one for one in waves if piece[0] <= one < piece[1]]:
            del waves[place]
        crossings = self.crossings
        for place, record in leaning.tolist():
            who = float(crossings.time[place]), int(crossings.handle[place])
            self._leaning.setdefault(record, set()).add(who)

    def _around(self, first: int, last: int) -> tuple[int, int, int, int]:
        """Return the bounds of those who share records with these, and of the neighbourhood that decides on them."""
        far = self.late - self.early
        return near.around(self.crossings.table, self.crossings.span_of_all, first, last, far)

    def _look(
        self,
        piece: tuple[int, int, int, int],
        reach: tuple[float, float],
        params: Params,
        now: float,
        *,
        effort: tuple[int, float] = LIVE,
        asked: Ints = NOBODY_ASKED,
        far: float = 0.0,
    ) -> tuple[Ints, Ints, Ints]:
        """Decide a piece (see `near.look`), and look at fresh suspects again when few records can still come."""
        x, y = self.crossings, self.records
        heard, felt, fresh, shares, leaning = near.look(
            x.table,
            x.span_of_all,
            y.table,
            y.span_of_all,
            piece,
            asked,
            now,
            reach,
            far,
            self._evidence(piece, params),
            *params.believed,
            params.waits,
            params.odds,
            params.law.table,
            params.clock.table,
            self._levels,
            effort,
        )
        for place, (early, late) in zip(fresh.tolist(), shares.tolist(), strict=True):
            time = float(x.time[place])
            self.suspected_until = max(self.suspected_until, time)
            ages = [self.quick.age_at(share) for share in (early, late, late / 4) if share > 0.0]
            for age in (*ages, self.unsettled):
                if time + age > now:
                    self.agenda.ask(time + age, time, int(x.handle[place]))
        return heard, felt, leaning

    def _evidence(self, piece: tuple[int, int, int, int], params: Params) -> tuple[Floats, Floats, Floats]:
        if self.plain:
            return NO_EVIDENCE
        return self._stretch(*piece[2:], NOTHING, params).told

    def _stretch(self, first: int, end: int, y: Floats, params: Params) -> Stretch:
        """Gather what is known of crossings beside their times."""
        x = self.crossings.times(first, end)
        shift = params.clock.at(x)
        if self.gate.counter_zones:
            visits = [seen.crossing.visited for seen in self.crossings.at(first, end)]
            return self.witnesses.weigh(evidence(x, y, visits, self.gate.counter_zones, shift))
        return self.witnesses.weigh(Stretch(x, y, shift=shift))

    def posterior(self, crossing_id: str, now: float) -> Posterior | None:
        """Return what is believed of one crossing now."""
        seen = self.crossings.get(crossing_id)
        if seen is None:
            return None
        place = self.crossings.place_of(seen)
        _, _, first, end = self._around(place, place)
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
        heard, _, _ = self._look(piece, (low + min(shift), high + max(shift)), params, now, effort=effort)
        return [crossings.at(place, place + 1)[0] for place in heard.tolist()]

    def forget(self, count: int) -> list[str]:
        """Let the oldest crossings and the records before the rest go; returns the ids of those."""
        self.crossings.drop_front(count)
        first = self.crossings.time_at(self.crossings.first) if len(self.crossings) else NEVER
        self.since = max(self.since, first)
        self.witnesses.forget(first)
        old = self.records.place(first + 2 * self.low - self.high) - self.records.first
        lost = list(dict.fromkeys(record.id for record in self.records.drop_front(old)))
        for record_id in lost:
            for copy in self.copies.pop(record_id, ()):
                self._leaning.pop(copy, None)
        return lost
