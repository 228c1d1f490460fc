"""The law of the delay d = recorded - crossed: a density on a grid that is fine near its centre and coarse far out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tapal_server.correlation.types import Delay

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
CELLS = 192
BACKGROUND = 0.02  # share of an unlearned law that is spread over everything, because a prior may be wrong


@dataclass(frozen=True)
class Grid:
    """Cells equal in asinh((d - centre) / scale)."""

    centre: float
    scale: float
    edges: Floats

    @classmethod
    def between(cls, centre: float, scale: float, low: float, high: float, cells: int = CELLS) -> Self:
        """Lay a grid from `low` to `high` seconds."""
        z = np.linspace(np.arcsinh((low - centre) / scale), np.arcsinh((high - centre) / scale), cells + 1)
        return cls(centre, scale, centre + scale * np.sinh(z))

    @property
    def middles(self) -> Floats:
        """The middle of each cell."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @property
    def widths(self) -> Floats:
        """The width of each cell in seconds."""
        return np.diff(self.edges)

    def cell(self, d: Floats) -> Places:
        """Return the cell of each delay; outside is clipped to the first or last."""
        z0 = np.arcsinh((self.edges[0] - self.centre) / self.scale)
        z1 = np.arcsinh((self.edges[-1] - self.centre) / self.scale)
        z = np.arcsinh((d - self.centre) / self.scale)
        cells = len(self.edges) - 1
        places: Places = np.clip(((z - z0) * (cells / (z1 - z0))).astype(np.intp), 0, cells - 1)
        return places


@dataclass(frozen=True)
class DelayLaw:
    """A density over a grid, linear between the cells' middles."""

    grid: Grid
    mass: Floats
    shift: float = 0.0

    @cached_property
    def nodes(self) -> tuple[Floats, Floats]:
        """Delays and the density at each, which is linear between them and zero outside."""
        at = np.concatenate((self.grid.edges[:1], self.grid.middles, self.grid.edges[-1:]))
        return at, np.concatenate(([0.0], self.mass / self.grid.widths, [0.0]))

    @cached_property
    def table(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The edges of the cells, the nodes, and the share below each edge, as the compiled loops take them."""
        return (self.grid.edges, *self.nodes, self.cumulative())

    def density(self, d: Floats) -> Floats:
        """Return f(d) per second; zero outside the grid."""
        return np.interp(d, *self.nodes, left=0.0, right=0.0)

    @cached_property
    def _quantiles(self) -> dict[float, float]:
        return {}

    @cached_property
    def _below(self) -> Floats:
        return np.concatenate(([0.0], np.cumsum(self.mass)))

    def cumulative(self) -> Floats:
        """Return the distribution function at the grid's edges."""
        return self._below

    def quantile(self, q: float) -> float:
        """Return the delay below which the share `q` lies; a few shares are asked for again and again."""
        found = self._quantiles.get(q)
        if found is None:
            found = self._quantiles[q] = float(np.interp(q, self.cumulative(), self.grid.edges))
        return found

    def support(self, outside: float = 1e-4) -> tuple[float, float]:
        """Return the interval that holds all but `outside` at each end."""
        return self.quantile(outside), self.quantile(1.0 - outside)

    def span(self, least: float) -> tuple[float, float]:
        """Return the interval outside which the density stays below `least` per second."""
        inside = np.flatnonzero(self.mass / self.grid.widths >= least)
        if not len(inside):
            return 0.0, 0.0
        return float(self.grid.edges[inside[0]]), float(self.grid.edges[inside[-1] + 1])

    def survival(self, d: Floats) -> Floats:
        """Return the share of delays longer than `d`."""
        return 1.0 - np.interp(d, self.grid.edges, self.cumulative())

    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation."""
        mean = float(self.mass @ self.grid.middles)
        return mean, float(np.sqrt(float(self.mass @ (self.grid.middles - mean) ** 2)))

    def to_data(self) -> dict[str, Any]:
        """Give plain data for a snapshot or a plot."""
        return {
            "centre": self.grid.centre,
            "scale": self.grid.scale,
            "edges": self.grid.edges.tolist(),
            "mass": self.mass.tolist(),
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Take back what :meth:`to_data` gave."""
        return cls(Grid(data["centre"], data["scale"], np.array(data["edges"])), np.array(data["mass"]))


def reach(delay: Delay) -> float:
    """How far on either side of a crossing its record is looked for before anything is learned."""
    return 1.25 * delay.longest_s + 120.0


def lognormal_mass(edges: Floats, median: float, sigma: float, location: float = 0.0) -> Floats:
    """Return the mass of a shifted lognormal in each cell; a negative median is its mirror image."""
    x = (1.0 if median > 0 else -1.0) * (edges - location)
    score: Floats = np.log(np.maximum(x, 1e-9) / abs(median)) / sigma
    return np.abs(np.diff(np.where(x > 0, ndtr(score), 0.0)))


def prior_law(delay: Delay) -> DelayLaw:
    """Turn the configured delay into a law with a broad background."""
    wide = reach(delay)
    grid = Grid.between(0.0, max(delay.typical_s / 4, 0.5), -wide, wide)
    sigma = max(float(np.log(delay.longest_s / delay.typical_s)) / 2.6, 0.25)
    mass = np.zeros(CELLS)
    if delay.first != "record":
        mass += lognormal_mass(grid.edges, delay.typical_s, sigma)
    if delay.first != "crossing":
        mass += lognormal_mass(grid.edges, -delay.typical_s, sigma)
    mass /= mass.sum()
    mass = (1 - BACKGROUND) * mass + BACKGROUND * grid.widths / grid.widths.sum()
    return DelayLaw(grid, mass)
