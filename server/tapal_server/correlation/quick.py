"""The quick way: a crossing with a free record just where the law expects it needs no belief propagation."""

import numpy as np

from tapal_server.correlation.params import Params

CELLS = 1024
PLAIN = 15.0  # odds at which a free record settles a crossing
AGES = np.concatenate(([0.0], np.geomspace(0.25, 6 * 3600.0, 240)))


class Quick:
    """Tables of one set of parameters, and which record was claimed by a quick decision."""

    def __init__(self, params: Params, low: float, high: float) -> None:
        self._low = low
        self._step = CELLS / max(high - low, 1e-6)
        at = (low + (np.arange(CELLS + 1) + 0.5) / self._step).astype(np.float64)
        self._odds: list[float] = (params.odds * params.law.density(at)).tolist()
        self._clock = params.alone_rate + params.false_rate
        self._share = params.flow_share + params.false_share
        self._double = params.double_share * 0.25
        self._claimed: set[str] = set()
        self._waiting = params.waiting(AGES)

    def age_at(self, share: float) -> float:
        """Return the age at which only `share` of lawful crossings still wait for their record."""
        return float(AGES[min(int(np.searchsorted(-self._waiting, -share)), len(AGES) - 1)])

    def waiting(self, age: float) -> float:
        """Return the share of lawful crossings of that age whose record is still unknown."""
        return float(np.interp(age, AGES, self._waiting))

    def claim(self, time: float, keys: list[tuple[float, str]], flow: float) -> tuple[float, str] | None:
        """Claim the best free record if it settles the crossing; returns P(unmatched) and the record then."""
        best, chosen = 0.0, ""
        for at, record_id in keys:
            odds = self._odds[int((at - time - self._low) * self._step)]
            if odds > best and record_id not in self._claimed:
                best, chosen = odds, record_id
        weight = best / (self._clock + self._share * flow + self._double)
        if weight < PLAIN:
            return None
        self._claimed.add(chosen)
        return 1.0 / (1.0 + weight), chosen

    def release(self, record_id: str) -> None:
        """Give a claimed record back."""
        self._claimed.discard(record_id)
