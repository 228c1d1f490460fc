"""Marginals of the bipartite association by belief propagation (Williams & Lau, IEEE TAES 2014).

Each crossing takes at most one record and each record at most one crossing. A pair multiplies the likelihood by its
weight, staying alone by 1. Messages are kept per edge. Time orders both sides, so sweeps along it carry what is
learned at one end of a crowd to the other, and stretches that share no record settle each for itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled, compiled_to_add_in_any_order

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
    load = np.zeros(records)
    for edge in range(count):
        load[re[edge]] += w[edge] * nu[edge]
    starts, first, dense, sent = _filled(cr, re, w, nu)
    last = len(starts) - 2
    nearest = np.empty(last + 2, np.intp)  # the lowest record of all crossings from each on
    nearest[last + 1] = records
    for one in range(last, -1, -1):
        nearest[one] = min(first[one], nearest[one + 1])
    heard = np.empty(max(len(dense), 1))
    begun, farthest, most = 0, -1, 0
    for one in range(last + 1):
        farthest = max(farthest, first[one] + starts[one + 1] - starts[one] - 1)
        if nearest[one + 1] > farthest:
            block = starts[begun : one + 2], first[begun : one + 1]
            most = max(most, _settle(*block, dense, sent, heard, load, rounds, tolerance))
            begun = one + 1
    load[:] = 0.0
    one = -1
    for edge in range(count):
        one += edge == 0 or cr[edge] != cr[edge - 1]
        nu[edge] = sent[starts[one] + re[edge] - first[one]]
        load[re[edge]] += w[edge] * nu[edge]
    total = np.zeros(crossings)
    pair = heard[:count] if len(heard) >= count else np.empty(count)
    for edge in range(count):
        pair[edge] = w[edge] / (1.0 + load[re[edge]] - w[edge] * nu[edge])
        total[cr[edge]] += pair[edge]
    alone = 1.0 / (1.0 + total)
    for edge in range(count):
        pair[edge] *= alone[cr[edge]]
    return most, pair, alone, 1.0 / (1.0 + load)


@compiled
def _filled(cr: Ints, re: Ints, w: Floats, nu: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Give each crossing that has edges one to every record from its first to its last, of weight 0 if it had none.

    So the records of a crossing lie side by side, and the machine can answer several at once. Returns the first edge of
    each crossing and one after the last, the first record of each, weights and messages.
    """
    count = len(w)
    starts, first = np.empty(count + 1, np.intp), np.empty(count, np.intp)
    rows = 0
    starts[0] = 0
    for edge in range(count):
        if edge == 0 or cr[edge] != cr[edge - 1]:
            first[rows] = re[edge]
            rows += 1
        starts[rows] = starts[rows - 1] + re[edge] - first[rows - 1] + 1
    starts, first = starts[: rows + 1], first[:rows]
    if starts[rows] == count:
        return starts, first, w, nu.copy()
    dense, sent = np.zeros(starts[rows]), np.ones(starts[rows])
    row = -1
    for edge in range(count):
        row += edge == 0 or cr[edge] != cr[edge - 1]
        at = starts[row] + re[edge] - first[row]
        dense[at], sent[at] = w[edge], nu[edge]
    return starts, first, dense, sent


@compiled_to_add_in_any_order
def _settle(  # noqa: PLR0917 - a compiled function takes its arguments by place
    starts: Ints,
    first: Ints,
    w: Floats,
    nu: Floats,
    mu: Floats,
    load: Floats,
    rounds: int,
    tolerance: float,
) -> int:
    """Sweep there and back over some crossings, each answering what its records hear by then.

    `starts` are their first edges, and the one after the last, `first` their first records; `mu` holds what one
    crossing is told. Places without a sign spare the compiled code a look at each whether it counts from the end.
    """
    last = len(starts) - 2
    for done in range(1, rounds + 1):
        moved = 0
        for step in range(last + 1):
            one = step if done % 2 == 1 else last - step
            low, edges = np.uint64(starts[one]), np.uint64(starts[one + 1] - starts[one])
            record = np.uint64(first[one])
            for edge in range(edges):
                at = low + edge
                mu[edge] = w[at] / (1.0 + load[record + edge] - w[at] * nu[at])
            # A loop of its own, which writes nothing: else the code would add in lanes only where it finds that no two
            # of the arrays meet in memory, and the last digit would depend on where they lie.
            total = 1.0
            for edge in range(edges):
                total += mu[edge]
            for edge in range(edges):
                at = low + edge
                answer = 1.0 / (total - mu[edge])
                change = answer - nu[at]
                load[record + edge] += w[at] * change
                nu[at] = answer
                moved += (abs(change) >= tolerance) & (w[at] > 0.0)
        if moved == 0:
            return done
    return rounds
