"""A first idea of the delay law from the data alone, however wrong the configuration is.

Every crossing sees the records around it; one of them may be its own, the rest are strangers at the local rate. EM
over a histogram of the delay finds the common lag. Crossings with few records around
them know most, so they are asked first.
"""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp
from tapal_server.correlation.law import CELLS, DelayLaw, Grid
from tapal_server.correlation.sums import common_lag

Floats = NDArray[np.float64]
ASKED = 1500
ROUNDS = 60
SHARE = 0.8  # of crossings that are at first believed to have a record
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
    cell = grid.cell(y[record] - x[asked][crossing]).astype(np.uint16)
    starts = np.searchsorted(crossing, np.arange(len(asked) + 1))
    strangers = np.maximum(count[asked] - 1.0, 0.5) / (2 * reach)
    mass = 0.7 * grid.widths / grid.widths.sum()
    mass += 0.3 * np.diff(np.interp(grid.edges, prior.grid.edges, prior.cumulative()))
    mass = common_lag(starts, cell, strangers, grid.widths, mass / mass.sum(), SHARE, ROUNDS)
    return DelayLaw(grid, mass)


def centre_and_scale(law: DelayLaw) -> tuple[float, float]:
    """Return the middle and the half-width of the law's bulk, its thin background left out."""
    density = law.mass / law.grid.widths
    kept = np.where(density > 0.02 * density.max(), law.mass, 0.0)
    total = np.cumsum(kept) / kept.sum()
    low, middle, high = np.interp((0.16, 0.5, 0.84), total, law.grid.edges[1:])
    return float(middle), max(float(high - low) / 2, 0.2)
