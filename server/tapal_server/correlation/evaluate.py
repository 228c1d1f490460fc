"""The posterior of a stretch of time: who has no record, and how likely that is a person without one."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp
from tapal_server.correlation.params import Params

Floats = NDArray[np.float64]
FLOW_WINDOW_S = 300.0
FLOW_FLOOR_S = 1800.0
DOUBLE_FLAT_S, DOUBLE_END_S = 3.0, 5.0
PRUNE = 1e-5


@dataclass(frozen=True)
class Stretch:
    """Sorted crossings and records, and what is known of each crossing beside its time.

    `lawful`, `person` and `false` are likelihoods of the crossing's other evidence (zones visited, a second line)
    if it is a lawful passer, an unlogged person, or a false count.
    """

    x: Floats
    y: Floats
    lawful: Floats | None = None
    person: Floats | None = None
    false: Floats | None = None
    lag_floor: Floats | None = None
    messages: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Causes:
    """Rates per second at which each crossing would happen without a record of its own."""

    alone: Floats
    flow_person: Floats
    false_clock: Floats
    false_flow: Floats
    double: Floats
    pending: Floats

    @property
    def person(self) -> Floats:
        """Unlogged people."""
        return self.alone + self.flow_person

    @property
    def total(self) -> Floats:
        """Everything."""
        return self.person + self.false_clock + self.false_flow + self.double + self.pending


@dataclass(frozen=True)
class Evaluation:
    """Posterior of each crossing of a stretch."""

    unmatched: Floats
    unlogged: Floats
    edges: bp.Edges
    marginals: bp.Marginals
    causes: Causes
    flow: Floats


def flow_of(x: Floats) -> Floats:
    """Return the local rate of crossings per second around each crossing, shrunk a little towards calm."""
    count = np.searchsorted(x, x + FLOW_WINDOW_S, "right") - np.searchsorted(x, x - FLOW_WINDOW_S, "left")
    flow: Floats = count / (2 * FLOW_WINDOW_S + FLOW_FLOOR_S / np.maximum(count, 1.0) ** 2)
    return flow


def doubles_of(x: Floats) -> Floats:
    """Return the density at which each crossing would be the second count of one shortly before it."""
    density = np.zeros(len(x))
    for step in range(1, 9):
        if step >= len(x):
            break
        gap = x[step:] - x[:-step]
        height = np.clip((DOUBLE_END_S - gap) / (DOUBLE_END_S - DOUBLE_FLAT_S), 0.0, 1.0)
        if not height.any():
            break
        density[step:] += height * (2.0 / (DOUBLE_FLAT_S + DOUBLE_END_S))
    return density


def causes_of(stretch: Stretch, params: Params, now: float) -> Causes:
    """Return the rates of all causes that leave a crossing alone."""
    x = stretch.x
    flow = flow_of(x)
    person = 1.0 if stretch.person is None else stretch.person
    false = 1.0 if stretch.false is None else stretch.false
    lawful = 1.0 if stretch.lawful is None else stretch.lawful
    share = max(1.0 - params.flow_share - params.false_share - params.double_share, 0.05)
    waiting = known_after(params, now - x)
    return Causes(
        alone=params.alone_rate * person * np.ones(len(x)),
        flow_person=params.flow_share * flow * person,
        false_clock=params.false_rate * false * np.ones(len(x)),
        false_flow=params.false_share * flow * false,
        double=params.double_share * doubles_of(x) * lawful,
        pending=share * flow * waiting * lawful,
    )


def known_after(params: Params, age: Floats) -> Floats:
    """Return the share of lawful crossings whose record is still unknown at that age: not written or not arrived."""
    law = params.law
    keep = law.mass > 1e-7
    middles, mass = law.grid.middles[keep], law.mass[keep]
    if len(age) > 400:
        order = np.geomspace(1.0, max(float(age.max()) + 2.0, 3.0), 400) - 1.0
        table = params.late.survival(order[:, None] - middles[None, :]) @ mass
        return np.interp(np.maximum(age, 0.0), order, table)
    return params.late.survival(age[:, None] - middles[None, :]) @ mass


def evaluate(
    stretch: Stretch,
    params: Params,
    now: float,
    *,
    start: Floats | None = None,
    rounds: int = 200,
    tolerance: float = 1e-4,
) -> Evaluation:
    """Return the posterior of every crossing of the stretch, given all it holds and the time it is now."""
    causes = causes_of(stretch, params, now)
    total = causes.total
    low, high = params.law.grid.edges[0], params.law.grid.edges[-1]
    crossing, record = bp.candidates(stretch.x, stretch.y, low, high)
    weight = params.odds * params.law.density(stretch.y[record] - stretch.x[crossing]) / total[crossing]
    if stretch.lawful is not None:
        weight = weight * stretch.lawful[crossing]
    keep = weight > PRUNE
    edges = bp.Edges(crossing[keep], record[keep], weight[keep], len(stretch.x), len(stretch.y))
    if start is not None and len(start) != len(edges.weight):
        start = None
    marginals = bp.propagate(edges, start=start, rounds=rounds, tolerance=tolerance)
    unlogged = marginals.crossing_alone * causes.person / total
    return Evaluation(marginals.crossing_alone, unlogged, edges, marginals, causes, flow_of(stretch.x))
