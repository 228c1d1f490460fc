"""How much a camera misses, told by a second one that sees the same gate (capture and recapture).

Two lines or cameras count the same people. Those whom both counted are recaptures, and tell how many each one misses,
provided the two miss people independently: a crowd that hides somebody from both makes both look better than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy.optimize import brentq, linear_sum_assignment
from scipy.special import gammaln, xlog1py, xlogy
from scipy.stats import norm

from tapal_contract.errors import TapalError
from tapal_contract.geometry import Direction

Moment = tuple[float, Direction]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the bounds of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recall:
    """What two counters say about each other.

    Attributes:
        first: crossings that the first counted; second and both alike.
        total: crossings there were (Chapman's estimator).
        first_recall: the share of all crossings that the first counted.
        second_recall: the same for the second.
    """

    first: int
    second: int
    both: int
    total: Estimate
    first_recall: Estimate
    second_recall: Estimate


def chapman(first: int, second: int, both: int, *, confidence: float = 0.95) -> Recall:
    """Total and recalls from the numbers that each of two counters and both of them counted.

    The interval of the total is the profile likelihood's, which holds at high recall too, where the usual ones are
    too narrow, and never falls below those surely seen; without anybody counted by both it has no upper end. The
    intervals of the recalls are Wilson's.

    Raises:
        TapalError: numbers that cannot be.
    """
    if not 0 <= both <= min(first, second):
        raise TapalError(
            f"{both} crossings counted by both cannot be among {first} and {second}; give counts of the same period"
        )
    quantile = float(norm.ppf(0.5 + confidence / 2))
    value = (first + 1) * (second + 1) / (both + 1) - 1
    low, high = _likely_totals(first, second, both, quantile**2 / 2)
    total = Estimate(value, min(low, value), max(high, value))
    return Recall(first, second, both, total, wilson(both, second, quantile), wilson(both, first, quantile))


def _likely_totals(first: int, second: int, both: int, drop: float) -> tuple[float, float]:
    """The totals whose profile log likelihood is within ``drop`` of the greatest."""
    known = first + second - both
    if both == 0:
        return known, inf

    def likelihood(total: float) -> float:
        shares = np.array([first, second]) / total
        misses = total - np.array([first, second])
        kept = gammaln(total + 1) - gammaln(total - known + 1)
        return float(kept + xlogy([first, second], shares).sum() + xlog1py(misses, -shares).sum())

    peak = max(float(known), first * second / both)
    floor = likelihood(peak) - drop
    low = float(known) if likelihood(known) >= floor else brentq(lambda n: likelihood(n) - floor, known, peak)
    far = peak + 1
    while likelihood(far) > floor:
        far *= 2
    return float(low), float(brentq(lambda n: likelihood(n) - floor, peak, far))


def wilson(successes: int, trials: int, quantile: float = 1.959964) -> Estimate:
    """A share with Wilson's interval; nothing tried says nothing, 0 to 1."""
    if trials == 0:
        return Estimate(0.5, 0.0, 1.0)
    share, square = successes / trials, quantile**2
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = quantile / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half))


def counted_by_both(
    first: Sequence[Moment], second: Sequence[Moment], *, travel_s: float = 0.0, tolerance_s: float = 2.0
) -> int:
    """How many crossings of two lists (seconds, direction) are the same people.

    Args:
        first: crossings of the first line.
        second: crossings of the second.
        travel_s: seconds from the first line to the second when walking inbound; negative when it comes first.
        tolerance_s: how far from that a pair may be.
    """
    pairs = 0
    for direction, sign in (("inbound", 1), ("outbound", -1)):
        left = np.sort([moment for moment, way in first if way == direction])
        right = np.sort([moment for moment, way in second if way == direction])
        if not len(left) or not len(right):
            continue
        gaps = np.abs(right[None, :] - left[:, None] - sign * travel_s)
        costs = np.where(gaps <= tolerance_s, gaps, 1e6)
        rows, columns = linear_sum_assignment(costs)
        pairs += int((gaps[rows, columns] <= tolerance_s).sum())
    return pairs
