"""A first idea of the delay law from the data alone, however wrong the configuration is.

Every crossing sees the records around it; one of them may be its own, the rest are strangers at the local rate. EM
over a histogram of the delay finds the common lag. Crossings with few records around
them know most, so they are asked first.
"""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp, loops
from tapal_server.correlation.law import CELLS, DelayLaw, Grid

Floats = NDArray[np.float64]
ASKED = 1500
ROUNDS = 60
LEAST = 30


def rough_law(x: Floats, y: Floats, prior: DelayLaw, reach: float) -> DelayLaw | None:
    """Return the law that makes the data most likely, on a coarse grid; None with too little data."""
    count = np.searchsorted(y, x + reach) - np.searchsorted(y, x - reach)
    asked = np.flatnonzero(count > 0)
    if len(asked) < LEAST:
        return None
    asked = np.sort(asked[np.argsort(count[asked], kind="stable")[:ASKED]])
    crossing, record = bp.candidates(x[asked], y, -reach, reach)
    grid = Grid.between(0.0, 2.0, -reach, reach, 2 * CELLS)
    d = y[record] - x[asked][crossing]
    cell = grid.cell(d)
    strangers = np.maximum(count[asked] - 1.0, 0.5) / (2 * reach)
    widths = grid.widths
    uniform = widths / widths.sum()
    mass = 0.7 * uniform + 0.3 * np.diff(np.interp(grid.edges, prior.grid.edges, prior.cumulative()))
    mass /= mass.sum()
    share = 0.8
    for _ in range(ROUNDS):
        counts = loops.lag_counts(crossing, cell, mass / widths, strangers, share)
        share = float(np.clip(counts.sum() / len(asked), 0.05, 0.995))
        smooth = np.convolve(counts, (0.25, 0.5, 0.25), mode="same")
        mass = smooth / smooth.sum() * 0.999 + 0.001 * uniform
    return DelayLaw(grid, mass)


def centre_and_scale(law: DelayLaw) -> tuple[float, float]:
    """Return the middle and the half-width of the law's bulk, its thin background left out."""
    density = law.mass / law.grid.widths
    kept = np.where(density > 0.02 * density.max(), law.mass, 0.0)
    total = np.cumsum(kept) / kept.sum()
    low, middle, high = np.interp((0.16, 0.5, 0.84), total, law.grid.edges[1:])
    return float(middle), max(float(high - low) / 2, 0.2)
