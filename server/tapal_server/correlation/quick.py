"""The quick way: a crossing with a record just where the law expects it needs no belief propagation.

Each crossing asks for the record that suits it best, and a record stays with the crossing that suits it best; whoever
loses one asks for the next. What comes of it does not depend on the order in which they ask, because both sides judge
by the same odds (a stable matching, and there is only one). Whoever gets a record that is far more likely than being
alone is explained; the rest is for belief propagation.
"""

from dataclasses import dataclass

import numpy as np

from tapal_server.correlation.band import Band
from tapal_server.correlation.params import Params
from tapal_server.correlation.types import Crossing, Record, Settings

CELLS = 1024
PLAIN = 15.0  # odds at which a record settles a crossing
AGES = np.concatenate(([0.0], np.geomspace(0.25, 6 * 3600.0, 240)))


@dataclass(slots=True)
class Seen:
    """A crossing and what is believed of it now; `record` is the one it holds, if its case is plain."""

    crossing: Crossing
    unmatched: float = 0.0
    unlogged: float = 0.0
    standing: float = 0.0  # P(unlogged) if no record arrives any more
    decided: bool = False
    record: str = ""
    odds: float = 0.0
    again: bool = False  # to be looked at again when enough more have passed

    def suspect(self, settings: Settings, slack: float = 1.0) -> bool:
        """Whether an officer should look: likely already, and likelier still if nothing arrives."""
        early = min(settings.early, settings.threshold)
        return self.unlogged >= slack * early and self.standing >= slack * settings.threshold


class Held:
    """Which crossing holds which record."""

    def __init__(self) -> None:
        self.by: dict[str, Seen] = {}

    def release(self, copy: str) -> Seen | None:
        """Take a record out of the game; returns who loses it."""
        seen = self.by.pop(copy, None)
        if seen is not None:
            seen.record = ""
        return seen


class Quick:
    """Tables of one set of parameters."""

    def __init__(self, params: Params, low: float, high: float) -> None:
        self._low, self._high = low, high
        self._step = CELLS / max(high - low, 1e-6)
        at = (low + (np.arange(CELLS + 1) + 0.5) / self._step).astype(np.float64)
        self._odds: list[float] = (params.odds * params.law.density(at)).tolist()
        self._clock = params.alone_rate + params.false_rate + params.double_share * 0.25
        self._share = params.flow_share + params.false_share
        self._waiting = params.waiting(AGES)

    def age_at(self, share: float) -> float:
        """Return the age at which only `share` of lawful crossings still wait for their record."""
        return float(np.interp(-share, -self._waiting, AGES))

    def waiting(self, age: float) -> float:
        """Return the share of lawful crossings of that age whose record is still unknown."""
        return float(np.interp(age, AGES, self._waiting))

    def claim(self, seen: Seen, time: float, records: Band[Record], held: Held, flow: float) -> Seen | bool:
        """Take the best record that is to be had; whether one was, or who lost it."""
        alone = self._clock + self._share * flow
        best, chosen, loser = PLAIN * alone, "", None
        table, by, zero, step = self._odds, held.by, time + self._low, self._step
        for at, copy in records.within(zero, time + self._high):
            odds = table[int((at - zero) * step)]
            if odds > best:
                holder = by.get(copy)
                if holder is None or holder.odds < odds:
                    best, chosen, loser = odds, copy, holder
        if not chosen:
            return False
        if loser is not None:
            loser.record = ""
        by[chosen] = seen
        seen.record, seen.odds = chosen, best
        seen.unmatched = alone / (alone + best)
        seen.unlogged = seen.standing = seen.unmatched * 0.5
        return True if loser is None else loser
