"""How long after its own time a record reaches us: most at once, some hours later from posts that were offline."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EDGES = np.concatenate(([0.0], np.geomspace(0.5, 20 * 86400.0, 180)))
PROMPT_S = 5.0
PRIOR_RECORDS = 30.0
REPORT_S = 36 * 3600.0  # what arrives at one moment and reaches further back is a log taken over, not a report


@dataclass(frozen=True)
class LateLaw:
    """A histogram of the lag between `recorded_at` and `received_at`."""

    mass: Floats

    @property
    def above(self) -> Floats:
        """The share of records that take longer than each of the edges."""
        return np.concatenate((np.cumsum(self.mass[::-1])[::-1], [0.0]))

    def share(self, lag: float) -> float:
        """Return the share of records that take longer than `lag` seconds."""
        return float(self.survival(np.array([lag]))[0])

    def survival(self, lag: Floats) -> Floats:
        """Return the share of records that take longer, for each lag."""
        return np.where(lag < 0, 1.0, np.interp(lag, EDGES, self.above, right=0.0))

    def to_data(self) -> list[float]:
        """Give plain data for a snapshot."""
        return [float(value) for value in self.mass]

    @classmethod
    def from_data(cls, data: list[float]) -> Self:
        """Take back what :meth:`to_data` gave."""
        return cls(np.array(data))


def prior_late(share: float) -> LateLaw:
    """Most records at once, `share` of them anywhere between a minute and a day, evenly in the logarithm."""
    middles = np.sqrt(np.maximum(EDGES[1:], 0.5) * np.maximum(EDGES[:-1], 0.25))
    prompt = np.exp(-EDGES[:-1] / PROMPT_S) - np.exp(-EDGES[1:] / PROMPT_S)
    late = ((middles > 60.0) & (middles < 86400.0)).astype(np.float64)
    return LateLaw((1.0 - share) * prompt / prompt.sum() + share * late / late.sum())


def lags_of(time: Floats, received: Floats, shift: Floats | None = None) -> Floats:
    """Return how late each record came, those left out that came as part of a back-fill.

    A post sends what it wrote since it last could: minutes, or a day of files. Rows of many days that arrive within a
    second were never on their way to us, so they say nothing of how long the next one will take. What a slow clock
    adds to a lag is not lateness: `shift` is how far it was ahead at each.
    """
    moment = np.floor(received)
    _, batch = np.unique(moment, return_inverse=True)
    first, last = np.full(batch.max(initial=-1) + 1, np.inf), np.full(batch.max(initial=-1) + 1, -np.inf)
    np.minimum.at(first, batch, time)
    np.maximum.at(last, batch, time)
    lags = received - time if shift is None else received - time + np.minimum(shift, 0.0)
    reports: Floats = lags[(last - first <= REPORT_S)[batch]]
    return reports


def learn_late(lags: Floats, base: LateLaw) -> LateLaw:
    """Mix what was seen with what was believed before, worth `PRIOR_RECORDS` records."""
    counts = np.histogram(np.clip(lags, 0.0, EDGES[-1]), EDGES)[0]
    return LateLaw((counts + PRIOR_RECORDS * base.mass) / (counts.sum() + PRIOR_RECORDS))
