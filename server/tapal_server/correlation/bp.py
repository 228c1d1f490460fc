"""Marginals of the bipartite association by belief propagation (Williams & Lau, IEEE TAES 2014).

Each crossing takes at most one record and each record at most one crossing. A pair multiplies the likelihood by its
weight, staying alone by 1. Messages are kept per edge; sums over a node are one `bincount`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Edges:
    """The pairs worth a thought: crossing, record and weight of each."""

    crossing: Ints
    record: Ints
    weight: Floats
    crossings: int
    records: int


@dataclass(frozen=True)
class Marginals:
    """P(pair) of each edge, P(alone) of each crossing and of each record, and the messages to start from next time."""

    pair: Floats
    crossing_alone: Floats
    record_alone: Floats
    messages: Floats
    rounds: int


def candidates(x: Floats, y: Floats, low: float, high: float) -> tuple[Ints, Ints]:
    """Return crossing and record of every pair with low <= y - x <= high; both inputs sorted."""
    first = np.searchsorted(y, x + low, side="left")
    last = np.searchsorted(y, x + high, side="right")
    count = last - first
    crossing = np.repeat(np.arange(len(x), dtype=np.intp), count)
    start = np.repeat(first - np.concatenate(([0], np.cumsum(count)[:-1])), count) if len(x) else crossing
    return crossing, (np.arange(len(crossing), dtype=np.intp) + start).astype(np.intp)


def propagate(edges: Edges, *, start: Floats | None = None, rounds: int = 200, tolerance: float = 1e-4) -> Marginals:
    """Iterate the messages until none changes by more than `tolerance` (as a probability)."""
    cr, re, w = edges.crossing, edges.record, edges.weight
    if not len(w):
        ones = np.ones(edges.crossings), np.ones(edges.records)
        return Marginals(np.zeros(0), *ones, np.zeros(0), 0)
    nu = np.ones(len(w)) if start is None else start
    done = 0
    for done in range(1, rounds + 1):  # noqa: B007 - reported below
        wn = w * nu
        mu = w / (1.0 + np.bincount(re, wn, edges.records)[re] - wn)
        total = np.bincount(cr, mu, edges.crossings)
        new = 1.0 / (1.0 + total[cr] - mu)
        change = float(np.max(np.abs(new - nu)))
        nu = new
        if change < tolerance:
            break
    wn = w * nu
    load = np.bincount(re, wn, edges.records)
    mu = w / (1.0 + load[re] - wn)
    total = np.bincount(cr, mu, edges.crossings)
    alone: Floats = (1.0 / (1.0 + total)).astype(np.float64)
    unused: Floats = (1.0 / (1.0 + load)).astype(np.float64)
    return Marginals(mu * alone[cr], alone, unused, nu, done)
