"""The posterior of a stretch of time: who has no record, and how likely that is a person without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp, loops
from tapal_server.correlation.loops import FLOW_NEIGHBOURS, PRUNE, flow_of
from tapal_server.correlation.params import Params

Floats = NDArray[np.float64]
CHANCE = 1.0  # variance of a steady gate's log flow times the neighbours on one side, with room
NOTHING: Floats = np.zeros(0)
VISIT_LAWFUL, VISIT_UNLOGGED = 0.9, 0.3  # chance to be seen in the counter zone


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
    shift: Floats | None = None

    @property
    def told(self) -> tuple[Floats, Floats, Floats]:
        """The likelihoods of other evidence as the compiled loops take them, empty where there is none."""
        lawful, person, false = (NOTHING if one is None else one for one in (self.lawful, self.person, self.false))
        return lawful, person, false

    @property
    def aligned(self) -> Floats:
        """The crossings by the clock of the log, as far as it is known to be off."""
        return self.x if self.shift is None else self.x + self.shift


@dataclass(frozen=True)
class Causes:
    """Rates per second at which each crossing would happen without a record of its own.

    `company` says how much denser lawful people are there than the smooth flow, because they walk in groups; `total`
    is the sum of all that leave no record.
    """

    alone: Floats
    flow_person: Floats
    false_clock: Floats
    false_flow: Floats
    double: Floats
    pending: Floats
    lawful: Floats
    company: Floats
    total: Floats

    @property
    def person(self) -> Floats:
        """Unlogged people."""
        return self.alone + self.flow_person


@dataclass(frozen=True)
class Evaluation:
    """Posterior of each crossing of a stretch."""

    unmatched: Floats
    unlogged: Floats
    edges: bp.Edges
    marginals: bp.Marginals
    causes: Causes


def evidence(
    x: Floats,
    y: Floats,
    visits: Sequence[Mapping[str, float] | None],
    counters: tuple[str, ...],
    shift: Floats | None = None,
) -> Stretch:
    """Weigh whether each track was in a counter zone before it crossed; unknown weighs nothing."""
    been = np.array([np.nan if visit is None else float(any(zone in visit for zone in counters)) for visit in visits])

    def weigh(chance: float) -> Floats:
        return np.where(np.isnan(been), 1.0, np.where(been > 0, chance, 1.0 - chance))

    return Stretch(x, y, lawful=weigh(VISIT_LAWFUL), person=weigh(VISIT_UNLOGGED), false=weigh(0.5), shift=shift)


def flow_level(x: Floats) -> tuple[float, float]:
    """Return the mean flow and how much of the local flow's variation is more than chance (0: none, 1: all)."""
    flow = flow_of(x)
    mean = 1.0 / max(float(np.mean(1.0 / flow)), 1e-9)
    spread = float(np.var(np.log(flow)))
    return mean, float(np.clip(1.0 - CHANCE / FLOW_NEIGHBOURS / max(spread, 1e-9), 0.0, 1.0))


def flow_at(x: Floats, params: Params) -> Floats:
    """Return the local rate of crossings, drawn to the mean as far as its variation looks like chance."""
    _, level = params.believed
    return loops.flow_at(x, *level)


def causes_of(stretch: Stretch, params: Params, now: float) -> Causes:
    """Return the rates of all causes that leave a crossing alone."""
    return Causes(*_rows(stretch, params, now))


def _rows(stretch: Stretch, params: Params, now: float) -> Floats:
    rates, level = params.believed
    return loops.causes_of(stretch.x, now - stretch.x, rates, level, params.waits, stretch.told)


def evaluate(
    stretch: Stretch,
    params: Params,
    now: float,
    *,
    pairs: tuple[bp.Ints, bp.Ints] | None = None,
    start: Floats | None = None,
    rounds: int = 200,
    tolerance: float = 1e-4,
) -> Evaluation:
    """Return the posterior of every crossing of the stretch, given all it holds and the time it is now.

    With `pairs` only those are thought of, all of them, so that messages can be carried over by `start`.
    """
    rows = _rows(stretch, params, now)
    causes, lawful, law = Causes(*rows), NOTHING if stretch.lawful is None else stretch.lawful, params.law
    if pairs is None:
        edges = law.grid.edges
        found = loops.near_pairs(stretch.aligned, stretch.y, rows, lawful, params.odds, PRUNE, edges, law.nodes)
        crossing, record, weight = found
    else:
        crossing, record = pairs
        factor = params.odds * causes.company / causes.total
        if len(lawful):
            factor = factor * lawful
        weight = law.density(stretch.y[record] - stretch.aligned[crossing]) * factor[crossing]
    ahead = stretch.y - now - (0.0 if stretch.shift is None else float(stretch.shift[-1]))
    loops.for_others(weight, record, ahead, params.odds, law.grid.edges, law.cumulative())
    graph = bp.Edges(crossing, record, weight, len(stretch.x), len(stretch.y))
    marginals = bp.propagate(graph, start=start, rounds=rounds, tolerance=tolerance)
    unlogged = marginals.crossing_alone * causes.person / causes.total
    return Evaluation(marginals.crossing_alone, unlogged, graph, marginals, causes)
