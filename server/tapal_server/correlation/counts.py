"""What chance alone explains: how many crossings a camera reports of people who all have a record."""

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled

Floats = NDArray[np.float64]


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
    chance = chances(logged, recall, extra, max(most, seen) + 2)
    below = np.cumsum(chance)
    tail = 1.0 if seen <= 0 else float(max(chance[seen:].sum(), 0.0))
    low = int(np.searchsorted(below, 0.005))
    high = int(np.searchsorted(below, 0.995))
    return Bound(seen, logged, min(tail, 1.0), low, high)


@compiled
def chances(logged: int, recall: float, extra: float, most: int) -> Floats:
    """Return the chance of each number below twice `most` of Binomial(logged, recall) + Poisson(extra)."""
    total = np.zeros(2 * most - 1)
    counted, more = np.zeros(most), np.zeros(most)
    for number in range(most):
        if number <= logged:
            ways = lgamma(logged + 1.0) - lgamma(number + 1.0) - lgamma(logged - number + 1.0)
            counted[number] = exp(ways + power(recall, number) + power(1.0 - recall, logged - number))
        more[number] = exp(power(extra, number) - extra - lgamma(number + 1.0))
    for number in range(min(logged + 1, most)):
        for other in range(most):
            total[number + other] += counted[number] * more[other]
    return total


@compiled
def power(base: float, exponent: float) -> float:
    """Return the logarithm of a power; nothing to the power of nothing is one."""
    if exponent == 0.0:
        return 0.0
    return exponent * log(base) if base > 0.0 else -np.inf
