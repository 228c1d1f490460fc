"""One gate's crossings and records, decided as they come due and re-decided when something they depend on changes."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.band import Band
from tapal_server.correlation.evaluate import FLOW_WINDOW_S, Evaluation, Stretch, evaluate, known_after
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.types import Crossing, Gate, Posterior, Record, Settings

Floats = NDArray[np.float64]
NEIGHBOURS = 40
SUSPECT = 0.1
AGES = np.concatenate(([0.0], np.geomspace(0.25, 3 * 86400.0, 200)))


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
        self.params: Params = prior(gate)
        self.crossings: Band[Seen] = Band()
        self.records: Band[Record] = Band()
        self._copies: dict[str, list[tuple[float, str]]] = {}
        self._due: list[tuple[float, str]] = []
        self._suspects: Band[Seen] = Band()
        self._take_law(self.params)

    def _take_law(self, params: Params) -> None:
        self.params = params
        self.low, self.high = params.law.support(5e-4)
        waiting = known_after(params, AGES)
        open_share = 1.0 - self.settings.decide_at
        self.patience = float(AGES[int(np.argmax(waiting <= open_share))])
        # an alert may only follow once the people whose record may still come are few beside the unlogged
        self.recheck = tuple(
            float(AGES[int(np.argmax(waiting <= share))])
            for share in (open_share / 3, open_share / 10, open_share / 50)
        )

    # -- what arrives ---------------------------------------------------------------------------------------------

    def add_crossing(self, crossing: Crossing) -> bool:
        """Take a crossing; False when it was known already."""
        if crossing.id in self.crossings:
            return False
        self.crossings.add(crossing.time, crossing.id, Seen(crossing))
        heapq.heappush(self._due, (crossing.time + self.patience, crossing.id))
        return True

    def add_record(self, record: Record) -> None:
        """Take a record, or the corrected version of one."""
        if record.id in self._copies:
            self.withdraw(record.id)
        copies = [(record.time, record.id if n == 0 else f"{record.id}#{n}") for n in range(record.persons)]
        for time, copy in copies:
            self.records.add(time, copy, record)
        self._copies[record.id] = copies
        first, last = self._suspects.span(record.time - self.high, record.time - self.low)
        for seen in self._suspects.items(first, last):
            self._again(seen, record.received_at)

    def withdraw(self, record_id: str) -> bool:
        """Forget a record and reopen what it explained."""
        copies = self._copies.pop(record_id, None)
        if copies is None:
            return False
        for time, copy in copies:
            self.records.remove(time, copy)
        time = copies[0][0]
        first, last = self.crossings.span(time - self.high, time - self.low)
        for seen in self.crossings.items(first, last):
            if seen.decided:
                self._again(seen, 0.0)
        return True

    def knows_record(self, record_id: str) -> bool:
        """Whether the record is here."""
        return record_id in self._copies

    def _again(self, seen: Seen, at: float) -> None:
        heapq.heappush(self._due, (at, seen.crossing.id))

    # -- decisions ------------------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """Return when the next decision is due."""
        return self._due[0][0] if self._due else None

    def decide(self, now: float) -> list[Seen]:
        """Decide all that is due; returns the crossings whose posterior was set."""
        due: set[str] = set()
        while self._due and self._due[0][0] <= now:
            due.add(heapq.heappop(self._due)[1])
        waiting = sorted((s for s in map(self.crossings.get, due) if s is not None), key=lambda s: s.crossing.time)
        touched: dict[str, Seen] = {}
        for seen in waiting:
            if seen.crossing.id not in touched:
                self._decide_near(seen, now, due, touched)
        return list(touched.values())

    def _decide_near(self, seen: Seen, now: float, due: set[str], touched: dict[str, Seen]) -> None:
        near, evaluation = self.local(seen.crossing.time, now)
        reach = max(self.high - self.low, 1.0)
        for other, unmatched, unlogged in zip(near, evaluation.unmatched, evaluation.unlogged, strict=True):
            close = abs(other.crossing.time - seen.crossing.time) <= reach / 2
            if other is seen or (close and (other.crossing.id in due or other.decided)):
                self._set(other, float(unmatched), float(unlogged), now)
                touched[other.crossing.id] = other

    def _set(self, seen: Seen, unmatched: float, unlogged: float, now: float) -> None:
        crossing = seen.crossing
        seen.unmatched, seen.unlogged = unmatched, unlogged
        if not seen.decided:
            seen.decided = True
        known = crossing.id in self._suspects
        if unmatched >= SUSPECT and not known:
            self._suspects.add(crossing.time, crossing.id, seen)
            for age in self.recheck:
                if crossing.time + age > now:
                    heapq.heappush(self._due, (crossing.time + age, crossing.id))
        elif unmatched < SUSPECT / 2 and known:
            self._suspects.remove(crossing.time, crossing.id)

    def local(self, time: float, now: float) -> tuple[list[Seen], Evaluation]:
        """Evaluate the neighbourhood of a moment, at most `NEIGHBOURS` crossings to either side."""
        reach = max(self.high - self.low, FLOW_WINDOW_S)
        first, last = self.crossings.span(time - reach, time + reach)
        here, _ = self.crossings.span(time, time)
        first, last = max(first, here - NEIGHBOURS), min(last, here + NEIGHBOURS)
        near = self.crossings.items(first, last)
        x = self.crossings.times(first, last)
        start, end = self.records.span(x[0] + self.low, x[-1] + self.high)
        y = self.records.times(start, end)
        return near, evaluate(self.stretch(near, x, y), self.params, now, rounds=60, tolerance=1e-3)

    def stretch(self, near: Iterable[Seen], x: Floats, y: Floats) -> Stretch:
        """Gather what is known of the crossings beside their times."""
        del near
        return Stretch(x, y)

    def posterior(self, crossing_id: str, now: float) -> Posterior | None:
        """Return what is believed of one crossing now."""
        seen = self.crossings.get(crossing_id)
        if seen is None:
            return None
        near, evaluation = self.local(seen.crossing.time, now)
        place = next(i for i, other in enumerate(near) if other is seen)
        return Posterior(
            crossing_id=crossing_id,
            unmatched=float(evaluation.unmatched[place]),
            unlogged=float(evaluation.unlogged[place]),
            decided=seen.decided,
        )

    # -- the whole ------------------------------------------------------------------------------------------------

    def settle(self, now: float) -> list[Seen]:
        """Evaluate everything that is remembered at once."""
        near = self.crossings.items(0, len(self.crossings))
        if not near:
            return []
        x = self.crossings.times(0, len(near))
        start, end = self.records.span(x[0] + self.low, x[-1] + self.high)
        evaluation = evaluate(self.stretch(near, x, self.records.times(start, end)), self.params, now)
        for seen, unmatched, unlogged in zip(near, evaluation.unmatched, evaluation.unlogged, strict=True):
            self._set(seen, float(unmatched), float(unlogged), now)
        return near
