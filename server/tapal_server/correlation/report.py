"""What an officer may know of a gate: its delays, its clock, its camera, its doubts, and how many passed unlogged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaln, xlogy  # scipy.stats, made of these, takes a second to load

from tapal_server.correlation.params import Params

Floats = NDArray[np.float64]
SURE = 0.9  # of an interval
POINTS = 120  # of a curve
BINS = 10
DAY = 86400.0
LIKELY = 0.02
NODE = float(np.sqrt(3.0))  # of Gauss and Hermite's rule with three points


@dataclass(frozen=True)
class Expected:
    """How many people without a record are to be expected among some crossings."""

    expected: float
    low: int
    high: int


def expected_people(unlogged: Floats, rate_error: float = 0.0, sure: float = SURE) -> Expected:
    """Return the sum of posteriors with an interval that holds the number of people with probability `sure`.

    The number is a Poisson binomial if the posteriors are right; they are as wrong together as the rate of unlogged
    people is, whose relative error is `rate_error`, so their odds are moved together, to three points of its law.
    """
    below = np.zeros(1)
    for move, weight in ((-NODE, 1 / 6), (0.0, 2 / 3), (NODE, 1 / 6)):
        odds = np.exp(move * rate_error)
        law = weight * _number(unlogged * odds / (1.0 - unlogged + unlogged * odds))
        size = max(len(law), len(below))
        below = np.pad(below, (0, size - len(below))) + np.pad(law, (0, size - len(law)))
    below = np.cumsum(below)
    tail = (1.0 - sure) / 2
    low, high = np.searchsorted(below, (tail, 1.0 - tail))
    return Expected(float(np.sum(unlogged)), int(low), int(high))


def _number(chances: Floats) -> Floats:
    """Return the law of the number of people: exact for the likely ones, Poisson for the many unlikely."""
    likely = chances >= LIKELY
    rest = float(np.sum(chances[~likely]))
    numbers = np.arange(int(rest + 10 * np.sqrt(rest + 1)) + 10)
    law: Floats = np.exp(xlogy(numbers, rest) - gammaln(numbers + 1) - rest)
    for chance in chances[likely]:
        law = np.convolve(law, (1.0 - chance, chance))
    return law


def rate_error(params: Params, mean: float) -> float:
    """Return the relative error of the rate of unlogged people, as the lesson has it, and at most 1.

    It cannot be less than that of a Gamma law that saw about `mean` of them.
    """
    if not params.crossings:
        return 1.0
    return float(np.clip(params.errors.get("unlogged_relative", 0.0), 1.0 / np.sqrt(mean + 1.0), 1.0))


def reliability(unlogged: Floats) -> list[dict[str, float]]:
    """Return how many crossings were given which probability, and how many people that promises, bin by bin."""
    cell = np.clip((unlogged * BINS).astype(np.intp), 0, BINS - 1)
    count, total = np.bincount(cell, minlength=BINS), np.bincount(cell, unlogged, BINS)
    return [
        {"low": b / BINS, "high": (b + 1) / BINS, "crossings": int(count[b]), "expected": float(total[b])}
        for b in range(BINS)
    ]


def curve(params: Params) -> dict[str, list[float]]:
    """Return the delay law as a line to draw, over all but its thinnest tails."""
    low, high = params.law.quantile(0.002), params.law.quantile(0.998)
    margin = 0.1 * (high - low)
    at = np.linspace(low - margin, high + margin, POINTS)
    return {"delay_s": at.tolist(), "density": params.law.density(at).tolist()}


def recall_interval(params: Params) -> list[float]:
    """Return the interval of the camera's recall."""
    worth = max(params.crossings, 10.0)
    seen, missed = worth * params.recall + 0.5, worth * (1.0 - params.recall) + 0.5
    return [float(betaincinv(seen, missed, share)) for share in ((1.0 - SURE) / 2, (1.0 + SURE) / 2)]


def report(params: Params, times: Sequence[float], unlogged: Sequence[float]) -> dict[str, Any]:
    """Return what was learned of a gate, and of its decided crossings, as plain data."""
    chances = np.array(unlogged, dtype=np.float64)
    learned = params.crossings > 0 and "not_learned" not in params.doubts
    return params.summary() | {
        "law": curve(params),
        "clock": {"time": list(params.clock.since), "shift_s": list(params.clock.shift)},
        "recall_interval": recall_interval(params),
        "learned_from": {"from": params.start, "to": params.end} if learned else None,
        "unlogged": _people(params, times, chances) if len(chances) else None,
        "reliability": reliability(chances),
    }


def _people(params: Params, times: Sequence[float], chances: Floats) -> dict[str, float]:
    begin, end = min(times), max(times)
    days = max((end - begin) / DAY, 1.0 / 24.0)
    people = expected_people(chances, rate_error(params, float(np.sum(chances))))
    return {
        "crossings": len(chances),
        "from": begin,
        "to": end,
        "days": days,
        "expected": people.expected,
        "low": people.low,
        "high": people.high,
        "per_day": people.expected / days,
        "per_day_low": people.low / days,
        "per_day_high": people.high / days,
    }
