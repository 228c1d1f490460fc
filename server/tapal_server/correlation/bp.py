"""Marginals of the bipartite association by belief propagation (Williams & Lau, IEEE TAES 2014).

Each crossing takes at most one record and each record at most one crossing. A pair multiplies the likelihood by its
weight, staying alone by 1. Messages are kept per edge. Time orders both sides, so sweeps along it carry what is
learned at one end of a crowd to the other, and stretches that share no record settle each for itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Edges:
    """The pairs worth a thought, in order of their crossings: crossing, record and weight of each."""

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
    if not len(edges.weight):
        ones = np.ones(edges.crossings), np.ones(edges.records)
        return Marginals(np.zeros(0), *ones, np.zeros(0), 0)
    nu: Floats = np.ones(len(edges.weight)) if start is None else start.copy()
    done, pair, alone, unused = pass_messages(
        edges.crossing, edges.record, edges.weight, nu, edges.crossings, edges.records, rounds, tolerance
    )
    return Marginals(pair, alone, unused, nu, done)


@compiled
def pass_messages(  # noqa: PLR0917 - a compiled function takes its arguments by place
    cr: Ints, re: Ints, w: Floats, nu: Floats, crossings: int, records: int, rounds: int, tolerance: float
) -> tuple[int, Floats, Floats, Floats]:
    """Settle each stretch that shares no record with the next by itself; `nu` becomes the settled messages."""
    count = len(w)
    nearest = np.empty(count + 1, np.intp)  # the lowest record of all edges from each on
    nearest[count] = records
    for edge in range(count - 1, -1, -1):
        nearest[edge] = min(re[edge], nearest[edge + 1])
    load = np.zeros(records)
    for edge in range(count):
        load[re[edge]] += w[edge] * nu[edge]
    mu = np.empty(count)
    starts = np.empty(count + 1, np.intp)  # the first edge of each crossing that has one
    blocks, begun, farthest, most = 0, 0, -1, 0
    for edge in range(count):
        if edge == 0 or cr[edge] != cr[edge - 1]:
            starts[blocks] = edge
            blocks += 1
        farthest = max(farthest, re[edge])
        ends = edge + 1 == count or cr[edge + 1] != cr[edge]
        if ends and nearest[edge + 1] > farthest:
            starts[blocks] = edge + 1
            most = max(most, _settle(starts[begun : blocks + 1], re, w, nu, mu, load, rounds, tolerance))
            begun = blocks
    load[:] = 0.0
    for edge in range(count):
        load[re[edge]] += w[edge] * nu[edge]
    total = np.zeros(crossings)
    for edge in range(count):
        mu[edge] = w[edge] / (1.0 + load[re[edge]] - w[edge] * nu[edge])
        total[cr[edge]] += mu[edge]
    alone = 1.0 / (1.0 + total)
    for edge in range(count):
        mu[edge] *= alone[cr[edge]]
    return most, mu, alone, 1.0 / (1.0 + load)


@compiled
def _settle(  # noqa: PLR0917 - a compiled function takes its arguments by place
    starts: Ints, re: Ints, w: Floats, nu: Floats, mu: Floats, load: Floats, rounds: int, tolerance: float
) -> int:
    """Sweep there and back over some crossings, each answering what its records hear by then.

    `starts` are their first edges, and the one after the last; `mu` holds what one crossing is told. Places without a
    sign spare the compiled code a look at each whether it counts from the end.
    """
    last = len(starts) - 2
    for done in range(1, rounds + 1):
        moved = 0.0
        for step in range(last + 1):
            one = step if done % 2 == 1 else last - step
            low, edges = np.uint64(starts[one]), np.uint64(starts[one + 1] - starts[one])
            total = 1.0
            for edge in range(edges):
                at = low + edge
                mu[edge] = w[at] / (1.0 + load[np.uint64(re[at])] - w[at] * nu[at])
                total += mu[edge]
            for edge in range(edges):
                mu[edge] = 1.0 / (total - mu[edge])
            for edge in range(edges):
                at = low + edge
                change = mu[edge] - nu[at]
                load[np.uint64(re[at])] += w[at] * change
                nu[at] = mu[edge]
                moved = max(moved, abs(change))
        if moved < tolerance:
            return done
    return rounds
