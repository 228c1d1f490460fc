"""The delay law from the delays of an E-step: a histogram, drawn to a shape as far as that shape fits.

A histogram of a thousand delays is rough, and smoothing it makes every law too wide. Waiting times are skewed in much
the same way everywhere, so the histogram is mixed with a lognormal whose start is free, and with its mirror image where
records come before crossings too. How much the shape weighs (a Dirichlet prior around it) the histogram itself says:
by as much as the counts scatter about the shape more than chance lets them, the shape is wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from tapal_server.correlation.law import DelayLaw, Grid
from tapal_server.correlation.shapes import fitted_shapes

Floats = NDArray[np.float64]
BACKGROUND_WEIGHT, YOUNG_WEIGHT, YOUNG = 0.05, 5.0, 40.0
OUTSIDE = 0.003  # of the shape, beyond which is the tail
WIDTH = 0.5  # of the kernel, beside Silverman's rule: the shape smooths too
TAIL_WIDTH = 5.4  # kernels of the bulk; few build a tail
TAIL_TRUST = 0.4  # strangers paired in the tails must not build the tails; people who really waited long persist
LEAST_FIRM, MOST_FIRM = 20.0, 5000.0
BINS = 24  # of equal weight, in which the histogram and its shape are compared
FREE = 4  # parameters of a shape
STARTS = np.array((0.0005, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 0.95, 0.98, 0.99, 0.995, 0.9995))
BEYOND = np.array((0.1, 0.3, 0.6, 1.0, 2.0, 4.0))  # of the bulk's width
BROAD = 3  # cells in one at first
FINER = 4  # starts tried on either side of the best


@dataclass(frozen=True)
class Pairs:
    """Pairs of an E-step: who, how far apart, P(own) and what each teaches (crowds teach little)."""

    crossing: NDArray[np.intp]
    record: NDArray[np.intp]
    crossings: int
    records: int
    delay: Floats
    own: Floats
    worth: Floats


def learn_law(pairs: Pairs, law: DelayLaw, base: DelayLaw, window: tuple[float, float]) -> DelayLaw:
    """Mix the smoothed histogram of delays with the shape that fits it and a thin background."""
    grid = law.grid
    counts: Floats = np.bincount(grid.cell(pairs.delay), pairs.own * pairs.worth, len(law.mass)).astype(np.float64)
    total = float(counts.sum())
    if total < 1.0:
        return law
    inside = (grid.middles >= window[0]) & (grid.middles <= window[1])
    uniform = np.where(inside, grid.widths, 0.0)
    uniform /= uniform.sum()
    prior = np.where(inside, np.diff(np.interp(grid.edges, base.grid.edges, base.cumulative())), 0.0)
    shape = shape_of(grid, counts, uniform)
    reached = np.cumsum(shape)
    bulk = (reached > OUTSIDE) & (reached < 1.0 - OUTSIDE)
    firm = firmness(counts[bulk], shape[bulk])
    width = max(WIDTH * total ** (-0.2) * _spread(counts), 0.6)
    smooth = np.where(bulk, gaussian_filter1d(counts, width, mode="constant"), 0.0)
    tails = gaussian_filter1d(np.where(bulk, 0.0, counts), TAIL_WIDTH * width, mode="constant")
    background = BACKGROUND_WEIGHT + YOUNG_WEIGHT * np.exp(-total / YOUNG)
    mass = (smooth + firm * shape) * (total / (total + firm)) + np.where(bulk, 0.0, TAIL_TRUST * tails)
    mass += 0.5 * background * (uniform + prior)
    return DelayLaw(grid, mass / mass.sum())


def firmness(counts: Floats, shape: Floats) -> float:
    """Return how many counts the shape is worth: few where the histogram leaves it by more than chance."""
    total = float(counts.sum())
    share = shape / shape.sum()
    cell = np.minimum((np.cumsum(share) * BINS).astype(np.intp), BINS - 1)
    expected, found = total * np.bincount(cell, share, BINS), np.bincount(cell, counts, BINS)
    some = expected > 0.0
    off = float(np.sum((found[some] - expected[some]) ** 2 / expected[some])) / max(int(some.sum()) - FREE, 1)
    return float(np.clip(total / max(off - 1.0, 1e-9), LEAST_FIRM, MOST_FIRM))


def shape_of(grid: Grid, counts: Floats, strangers: Floats) -> Floats:
    """Return the mass of the likeliest shape: lognormal from some moment on, or before it, or both.

    A first look is at broader cells.
    """
    edges = grid.edges
    below = np.concatenate(([0.0], np.cumsum(counts))) / counts.sum()
    first, low, high, last = np.interp((0.01, 0.16, 0.84, 0.99), below, edges)
    wide = max(float(high - low), 0.05) * BEYOND
    starts = np.unique(np.concatenate((np.interp(STARTS, below, edges), first - wide, last + wide)))
    broad = np.arange(0, len(counts), BROAD)
    cells = np.append(edges[broad], edges[-1])
    _, fits = fitted_shapes(cells, np.add.reduceat(counts, broad), np.add.reduceat(strangers, broad), starts)
    best = int(np.argmax(fits))
    finer = np.linspace(starts[max(best - 1, 0)], starts[min(best + 1, len(starts) - 1)], 2 * FINER + 1)
    shapes, fits = fitted_shapes(edges, counts, strangers, finer)
    shape: Floats = shapes[int(np.argmax(fits))]
    return shape


def _spread(counts: Floats) -> float:
    total = np.cumsum(counts) / counts.sum()
    low, high = np.interp((0.16, 0.84), total, np.arange(len(counts)))
    return float(high - low) / 2
