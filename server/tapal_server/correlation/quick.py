"""The quick way: a crossing with a record just where the law expects it needs no belief propagation.

Each crossing asks for the record that suits it best, and a record stays with the crossing that suits it best; whoever
loses one asks for the next. What comes of it does not depend on the order in which they ask, because both sides judge
by the same odds (a stable matching, and there is only one). Whoever gets a record that is far more likely than being
alone is explained (`near.claim`); the rest is for belief propagation.
"""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.params import Params

Floats = NDArray[np.float64]

CELLS = 1024
HARDLY = 0.01  # of records take longer than what an officer is told as the longest
AGES = np.concatenate(([0.0], np.geomspace(0.25, 6 * 3600.0, 240)))


class Quick:
    """Tables of parameters, for records `low` to `high` seconds after crossings by a clock that is off by `shift`."""

    def __init__(self, params: Params, low: float, high: float, shift: float) -> None:
        step = CELLS / max(high - low, 1e-6)
        at = (low + (np.arange(CELLS + 1) + 0.5) / step).astype(np.float64)
        self.odds: Floats = params.odds * params.law.density(at)
        by_clock = float(params.alone_rate + params.false_rate + params.double_share * 0.25)
        self.law = (low, high, step, shift, by_clock, float(params.flow_share + params.false_share))
        self._waiting = params.waiting(AGES)
        self._known = -self._waiting
        self.ages = self._known, AGES  # as compiled code asks for an age (`near.age_at`)
        self.usual_s, self.longest_s = self.age_at(0.5), self.age_at(HARDLY)  # as an officer is told

    def age_at(self, share: float) -> float:
        """Return the age at which only `share` of lawful crossings still wait for their record."""
        return float(np.interp(-share, self._known, AGES))

    def waiting(self, age: float) -> float:
        """Return the share of lawful crossings of that age whose record is still unknown."""
        return float(np.interp(age, AGES, self._waiting))
