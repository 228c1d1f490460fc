"""Marginals of the bipartite association by belief propagation (Williams & Lau, IEEE TAES 2014).

Each crossing takes at most one record and each record at most one crossing. A pair multiplies the likelihood by its
weight, staying alone by 1. Messages are kept per edge; sums over a node are one `bincount`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


TOGETHER = 8  # rounds between looks at which messages still move
CALM = 0.1  # of the tolerance: messages that move less are left alone, though a slow one may have a way to go
SMALL = 3000  # edges that are iterated sooner than looked at
SHRINK = 0.6  # share of moving messages below which the others are left alone


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


@dataclass
class _Part:
    """The edges whose messages still move, and what the others add to the sums of their crossings and records."""

    edges: Ints
    crossing: Ints
    record: Ints
    weight: Floats
    taken: Floats
    offered: Floats


def propagate(edges: Edges, *, start: Floats | None = None, rounds: int = 200, tolerance: float = 1e-4) -> Marginals:
    """Iterate the messages until none changes by more than `tolerance` (as a probability)."""
    cr, re, w = edges.crossing, edges.record, edges.weight
    if not len(w):
        ones = np.ones(edges.crossings), np.ones(edges.records)
        return Marginals(np.zeros(0), *ones, np.zeros(0), 0)
    nu: Floats = np.ones(len(w)) if start is None else start.copy()
    none: Floats = np.zeros(1)
    part = _Part(np.arange(len(w)), cr, re, w, none, none)
    done = 0
    while done < rounds:
        steps = min(TOGETHER, rounds - done)
        moved = _iterate(part, nu, edges, steps, tolerance)
        done += steps
        if moved.max() < tolerance:
            break
        moving = moved >= CALM * tolerance
        if len(moving) > SMALL and np.count_nonzero(moving) < SHRINK * len(moving):
            part = _still_moving(part.edges[moving], edges, nu)
    wn = w * nu
    load = np.bincount(re, wn, edges.records)
    mu = w / (1.0 + load[re] - wn)
    total = np.bincount(cr, mu, edges.crossings)
    alone: Floats = (1.0 / (1.0 + total)).astype(np.float64)
    unused: Floats = (1.0 / (1.0 + load)).astype(np.float64)
    return Marginals(mu * alone[cr], alone, unused, nu, done)


def _iterate(part: _Part, nu: Floats, edges: Edges, steps: int, tolerance: float) -> Floats:
    """Pass messages along a part's edges, into `nu`; return how much each changed last."""
    cr, re, w = part.crossing, part.record, part.weight
    mine = nu[part.edges]
    moved = mine
    for _ in range(steps):
        wn = w * mine
        mu = w / ((1.0 + part.taken + np.bincount(re, wn, edges.records))[re] - wn)
        new = 1.0 / ((1.0 + part.offered + np.bincount(cr, mu, edges.crossings))[cr] - mu)
        moved = np.abs(new - mine)
        mine = new
        if moved.max() < tolerance:
            break
    nu[part.edges] = mine
    return moved


def _still_moving(moving: Ints, edges: Edges, nu: Floats) -> _Part:
    """Take the edges that move and those that feel it, so that calm stretches cost nothing while a crowd settles."""
    cr, re, w = edges.crossing, edges.record, edges.weight
    felt = np.zeros(edges.records, bool)
    felt[re[moving]] = True
    feels = np.zeros(edges.crossings, bool)
    feels[cr[felt[re]]] = True
    inside = feels[cr]
    wn = w * nu
    mu = w / (1.0 + np.bincount(re, wn, edges.records)[re] - wn)
    taken: Floats = np.bincount(re[~inside], wn[~inside], edges.records).astype(np.float64)
    offered: Floats = np.bincount(cr[~inside], mu[~inside], edges.crossings).astype(np.float64)
    places = np.flatnonzero(inside)
    return _Part(places, cr[places], re[places], w[places], taken, offered)
