"""The compiled fit of a delay law's shape: lognormal from some moment on, or before it, or both, among strangers."""

from math import erfc, log, sqrt

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled

Floats = NDArray[np.float64]
FIT_ROUNDS = 3
STRANGERS = 0.01  # of the counts at first
LEAST_SIDE = 0.03  # of the counts, below which a side is none of the shape
LEAST_SIGMA, MOST_SIGMA = 0.08, 1.5


@compiled
def fitted_shapes(edges: Floats, counts: Floats, strangers: Floats, starts: Floats) -> tuple[Floats, Floats]:
    """Return for each start the shape that fits the counts best among some strangers, and how well it does."""
    shapes, fits = np.empty((len(starts), len(counts))), np.zeros(len(starts))
    total, middles = counts.sum(), (edges[1:] + edges[:-1]) / 2
    mixed, own = np.empty(len(counts)), np.empty(len(counts))
    for one in range(len(starts)):
        shape, stray, sides = shapes[one], STRANGERS, 0
        own[:] = counts / total
        after = logs_of(middles - starts[one], 1e-3), logs_of(edges - starts[one], 1e-9)
        before = logs_of(starts[one] - middles, 1e-3), logs_of(starts[one] - edges, 1e-9)
        for _ in range(FIT_ROUNDS):
            shape[:] = 0.0
            sides = add_side(shape, *after, own) + add_side(shape, *before, own)
            whole, used = max(shape.sum(), 1e-12), 0.0
            for cell in range(len(shape)):
                shape[cell] /= whole
                lawful = (1.0 - stray) * shape[cell]
                mixed[cell] = max(lawful + stray * strangers[cell], 1e-300)
                own[cell] = lawful * (counts[cell] / total) / mixed[cell]
                used += own[cell]
            stray = max(1.0 - used, 1e-4)
        for cell in range(len(shape)):
            fits[one] += counts[cell] * log(mixed[cell])
        if sides == 2:
            fits[one] -= 2.0 * log(total)
    return shapes, fits


@compiled
def logs_of(times: Floats, least: float) -> Floats:
    """Return the logarithm of each time, or of the least; minus infinity before the start."""
    logs = np.full(len(times), -np.inf)
    for one in range(len(times)):
        if times[one] > 0.0:
            logs[one] = log(max(times[one], least))
    return logs


@compiled
def add_side(shape: Floats, since: Floats, edges: Floats, own: Floats) -> int:
    """Add what lies after a start: lognormal in the time since, as fits its `own` counts; 0 if those are a trifle.

    `since` are the logarithms of cells' middles, `edges` those of their ends.
    """
    share = first = second = 0.0
    for cell in range(len(since)):
        if since[cell] > -np.inf:
            share += own[cell]
            first += own[cell] * since[cell]
            second += own[cell] * since[cell] ** 2
    if share <= LEAST_SIDE:
        return 0
    middle = first / share
    sigma = min(max(sqrt(max(second / share - middle**2, 0.0)), LEAST_SIGMA), MOST_SIGMA)
    before = 0.0
    for corner in range(len(edges)):
        below = 0.5 * erfc((middle - edges[corner]) / (sigma * sqrt(2.0)))
        if corner:
            shape[corner - 1] += share * abs(below - before)
        before = below
    return 1
