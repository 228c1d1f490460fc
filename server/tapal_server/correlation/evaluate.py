"""The posterior of a stretch of time: who has no record, and how likely that is a person without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp
from tapal_server.correlation.params import Params

Floats = NDArray[np.float64]
FLOW_WINDOW_S = 300.0
FLOW_NEIGHBOURS = 12
FLOW_FLOOR_S = 30.0
CHANCE = 1.0  # variance of a steady gate's log flow times the neighbours on one side, with room
DOUBLE_FLAT_S, DOUBLE_END_S = 3.0, 5.0
PRUNE = 1e-3
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
    def aligned(self) -> Floats:
        """The crossings by the clock of the log, as far as it is known to be off."""
        return self.x if self.shift is None else self.x + self.shift


@dataclass(frozen=True)
class Causes:
    """Rates per second at which each crossing would happen without a record of its own.

    `company` says how much denser lawful people are there than the smooth flow, because they walk in groups.
    """

    alone: Floats
    flow_person: Floats
    false_clock: Floats
    false_flow: Floats
    double: Floats
    pending: Floats
    lawful: Floats
    company: Floats

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
    """Posterior of each crossing of a stretch; `total` is the sum of the causes."""

    unmatched: Floats
    unlogged: Floats
    edges: bp.Edges
    marginals: bp.Marginals
    causes: Causes
    total: Floats

    def share_missing(self, place: int, threshold: float) -> float:
        """Return which share of records may still be missing for P(unlogged) to reach a threshold; 0: never."""
        causes = self.causes
        others = self.total[place] - causes.pending[place]
        room = causes.person[place] * min(float(self.unmatched[place]) * 1.05, 1.0) / threshold - others
        return float(max(room, 0.0) / max(causes.lawful[place], 1e-12))


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


def flow_of(x: Floats) -> Floats:
    """Return the local rate of crossings per second: neighbours on both sides over the time they take."""
    if len(x) < 2:
        return np.full(len(x), 1.0 / (2 * FLOW_WINDOW_S))
    places = np.arange(len(x))
    first = np.maximum(places - FLOW_NEIGHBOURS, 0)
    last = np.minimum(places + FLOW_NEIGHBOURS, len(x) - 1)
    # the ends know one side only; a floor keeps a few close ones from looking like a crowd
    missing = 2 * FLOW_NEIGHBOURS - (last - first)
    span = x[last] - x[first] + FLOW_FLOOR_S
    if len(x) <= 2 * FLOW_NEIGHBOURS:
        span = span + missing * FLOW_WINDOW_S / FLOW_NEIGHBOURS
    flow: Floats = (last - first) / span
    return flow


def flow_level(x: Floats) -> tuple[float, float]:
    """Return the mean flow and how much of the local flow's variation is more than chance (0: none, 1: all)."""
    flow = flow_of(x)
    mean = 1.0 / max(float(np.mean(1.0 / flow)), 1e-9)
    spread = float(np.var(np.log(flow)))
    return mean, float(np.clip(1.0 - CHANCE / FLOW_NEIGHBOURS / max(spread, 1e-9), 0.0, 1.0))


def flow_at(x: Floats, params: Params) -> Floats:
    """Return the local rate of crossings, drawn to the mean as far as its variation looks like chance."""
    flow = flow_of(x)
    if params.flow_mean > 0.0:
        flow = params.flow_mean * (flow / params.flow_mean) ** params.flow_trust
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
    flow = flow_at(x, params)
    person = 1.0 if stretch.person is None else stretch.person
    false = 1.0 if stretch.false is None else stretch.false
    lawful = 1.0 if stretch.lawful is None else stretch.lawful
    share = max(1.0 - params.flow_share - params.false_share - params.double_share, 0.05)
    waiting = params.waiting(now - x)
    close = doubles_of(x)
    company = 1.0 + params.follow_share * close / flow
    flow = flow * company
    return Causes(
        alone=params.alone_rate * person * np.ones(len(x)),
        flow_person=params.flow_share * flow * person,
        false_clock=params.false_rate * false * np.ones(len(x)),
        false_flow=params.false_share * flow * false,
        double=params.double_share * close * lawful,
        pending=share * flow * waiting * lawful,
        lawful=share * flow * lawful,
        company=company,
    )


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
    causes = causes_of(stretch, params, now)
    total = causes.total
    least = float((total / causes.company).min(initial=1.0)) / params.odds
    crossing, record = pairs or bp.candidates(stretch.aligned, stretch.y, *params.law.span(PRUNE * least))
    density = params.law.density(stretch.y[record] - stretch.aligned[crossing])
    weight = params.odds * density * (causes.company / total)[crossing]
    if stretch.lawful is not None:
        weight = weight * stretch.lawful[crossing]
    if pairs is None:
        keep = weight > PRUNE
        crossing, record, weight = crossing[keep], record[keep], weight[keep]
    edges = bp.Edges(crossing, record, weight, len(stretch.x), len(stretch.y))
    marginals = bp.propagate(edges, start=start, rounds=rounds, tolerance=tolerance)
    unlogged = marginals.crossing_alone * causes.person / total
    return Evaluation(marginals.crossing_alone, unlogged, edges, marginals, causes, total)
