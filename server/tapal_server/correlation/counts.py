"""What chance alone explains: how many crossings a camera reports of people who all have a record."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, poisson


@dataclass(frozen=True)
class Bound:
    """The tail P(at least `seen` | all logged) and the range that chance explains 99 times in 100."""

    seen: int
    logged: int
    tail: float
    low: int
    high: int


def bound(seen: int, logged: int, recall: float, extra: float) -> Bound:
    """Return the exact tail of Binomial(logged, recall) + Poisson(extra) at `seen`."""
    most = logged + int(extra + 12 * np.sqrt(extra + 1)) + 12
    at = np.arange(max(most, seen) + 2)
    chance = np.convolve(binom.pmf(at, logged, recall), poisson.pmf(at, extra))
    below = np.cumsum(chance)
    tail = 1.0 if seen <= 0 else float(max(chance[seen:].sum(), 0.0))
    low = int(np.searchsorted(below, 0.005))
    high = int(np.searchsorted(below, 0.995))
    return Bound(seen, logged, min(tail, 1.0), low, high)
