"""The compiled loops of an evaluation: at which rate each cause would happen, and which pairs are worth a thought."""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
FLOW_WINDOW_S = 300.0
FLOW_NEIGHBOURS = 12
FLOW_FLOOR_S = 30.0
DOUBLE_FLAT_S, DOUBLE_END_S = 3.0, 5.0
PRUNE = 1e-3  # pairs that weigh less are worth no thought
DOUBLE_STEPS = 8  # neighbours before a crossing whose double it may be


@compiled
def flow_of(x: Floats) -> Floats:
    """Return the local rate of crossings per second: neighbours on both sides over the time they take."""
    count = len(x)
    flow = np.empty(count)
    if count < 2:
        flow[:] = 1.0 / (2 * FLOW_WINDOW_S)
        return flow
    for place in range(count):
        first, last = max(place - FLOW_NEIGHBOURS, 0), min(place + FLOW_NEIGHBOURS, count - 1)
        # the ends know one side only; a floor keeps a few close ones from looking like a crowd
        span = x[last] - x[first] + FLOW_FLOOR_S
        if count <= 2 * FLOW_NEIGHBOURS:
            span += (2 * FLOW_NEIGHBOURS - (last - first)) * FLOW_WINDOW_S / FLOW_NEIGHBOURS
        flow[place] = (last - first) / span
    return flow


@compiled
def flow_at(x: Floats, mean: float, trust: float) -> Floats:
    """Return the local rate of crossings, drawn to the mean as far as what differs from it is not to be trusted."""
    flow = flow_of(x)
    if mean > 0.0:
        for place in range(len(x)):
            flow[place] = mean * (flow[place] / mean) ** trust
    return flow


@compiled
def doubles_of(x: Floats) -> Floats:
    """Return the density at which each crossing would be the second count of one shortly before it."""
    density = np.zeros(len(x))
    for place in range(len(x)):
        for before in range(place - 1, max(place - 1 - DOUBLE_STEPS, -1), -1):
            height = (DOUBLE_END_S - (x[place] - x[before])) / (DOUBLE_END_S - DOUBLE_FLAT_S)
            if height <= 0.0:
                break
            density[place] += min(height, 1.0) * (2.0 / (DOUBLE_FLAT_S + DOUBLE_END_S))
    return density


@compiled
def causes_of(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Floats,
    age: Floats,
    rates: tuple[float, float, float, float, float, float],
    level: tuple[float, float],
    waiting: tuple[Floats, Floats],
    told: tuple[Floats, Floats, Floats],
) -> Floats:
    """Return the rates of all causes at each crossing, row by row as in `evaluate.Causes`, and their sum.

    `rates` are alone, flow_share, false, false_share, double_share, follow_share; `level` the mean flow and how far to
    trust what differs from it; `told` the likelihoods of other evidence (lawful, person, false), empty where none is.
    """
    alone, flow_share, false_rate, false_share, double_share, follow_share = rates
    flow, close = flow_at(x, *level), doubles_of(x)
    pending = np.interp(age, *waiting)
    lawful, person, false = told
    share = max(1.0 - flow_share - false_share - double_share, 0.05)
    rows = np.empty((9, len(x)))
    for one in range(len(x)):
        company = 1.0 + follow_share * close[one] / flow[one]
        here = flow[one] * company
        by_lawful = lawful[one] if len(lawful) else 1.0
        by_person = person[one] if len(person) else 1.0
        by_false = false[one] if len(false) else 1.0
        rows[0, one] = alone * by_person
        rows[1, one] = flow_share * here * by_person
        rows[2, one] = false_rate * by_false
        rows[3, one] = false_share * here * by_false
        rows[4, one] = double_share * close[one] * by_lawful
        rows[5, one] = share * here * pending[one] * by_lawful
        rows[6, one] = share * here * by_lawful
        rows[7, one] = company
        rows[8, one] = rows[0, one] + rows[1, one] + rows[2, one] + rows[3, one] + rows[4, one] + rows[5, one]
    return rows


@compiled
def reading(at: float, places: Floats, values: Floats, cell: int) -> tuple[float, int]:
    """Read a function that is linear between places, from the cell of an earlier reading at a lower place."""
    while cell + 2 < len(places) and places[cell + 1] <= at:
        cell += 1
    if at < places[0] or at > places[-1]:
        return 0.0, cell
    share = (at - places[cell]) / (places[cell + 1] - places[cell])
    return values[cell] + share * (values[cell + 1] - values[cell]), cell


@compiled
def near_pairs(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Floats,
    y: Floats,
    rows: Floats,
    lawful: Floats,
    odds: float,
    least: float,
    edges: Floats,
    law: tuple[Floats, Floats],
) -> tuple[Ints, Ints, Floats]:
    """Return the pairs that weigh more than `least`, in order of crossing and record.

    `x` is by the clock of the log, `rows` are of :func:`causes_of`. The `law` gives the density of the delay at some
    places, one in each cell between `edges`.
    """
    places, density = law
    factor = odds * rows[7] / rows[8]
    lowest = least / factor.max() if len(x) else np.inf
    if len(lawful):
        factor *= lawful
    inside = np.flatnonzero(density[1:-1] >= lowest)
    low = edges[inside[0]] if len(inside) else 0.0
    high = edges[inside[-1] + 1] if len(inside) else 0.0
    first = np.searchsorted(y, x + low, side="left")
    last = np.searchsorted(y, x + high, side="right")
    most = (last - first).sum()
    crossing, record, weight = np.empty(most, np.intp), np.empty(most, np.intp), np.empty(most)
    kept = 0
    for one in range(len(x)):
        if first[one] == last[one]:
            continue
        cell = np.searchsorted(places, y[first[one]] - x[one], side="right") - 1
        cell = min(max(cell, 0), len(places) - 2)
        for other in range(first[one], last[one]):
            worth, cell = reading(y[other] - x[one], places, density, cell)
            worth *= factor[one]
            if worth > least:
                crossing[kept], record[kept], weight[kept] = one, other, worth
                kept += 1
    return crossing[:kept], record[:kept], weight[:kept]


@compiled
def for_others(  # noqa: PLR0917 - a compiled function takes its arguments by place
    weight: Floats, record: Ints, ahead: Floats, odds: float, edges: Floats, below: Floats
) -> None:
    """Weigh pairs by the chance that whoever a record is for has not passed yet.

    `ahead` is how far each record lies ahead of now, `below` the share of delays below each of the `edges`.
    """
    fresh = np.searchsorted(ahead, edges[0], side="right")  # records rise; those before it are for nobody to come
    if fresh == len(ahead):
        return
    others = 1.0 + odds * np.interp(ahead[fresh:], edges, below)
    for pair in range(len(weight)):
        if record[pair] >= fresh:
            weight[pair] /= others[record[pair] - fresh]
