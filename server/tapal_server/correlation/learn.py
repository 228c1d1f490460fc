"""What the data say about a gate: EM with belief propagation as its E-step, the configuration as its prior."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.ndimage import label as measure_label

from tapal_server.correlation.bp import candidates
from tapal_server.correlation.clock import synchronise
from tapal_server.correlation.delays import Pairs, learn_law
from tapal_server.correlation.evaluate import Evaluation, Stretch, evaluate, flow_at, flow_level
from tapal_server.correlation.late import lags_of, learn_late
from tapal_server.correlation.law import DelayLaw, Grid
from tapal_server.correlation.params import HOUR, Params
from tapal_server.correlation.rates import Calm, calm_of, expected_rates, learn_rates
from tapal_server.correlation.start import centre_and_scale, rough_law
from tapal_server.correlation.sums import numbers_about

Floats = NDArray[np.float64]
CLOCK_OFF_S = 300.0  # how far a log's clock may wander within a window
LEAST = 40  # crossings below which the configuration is all there is
RECALL_WEIGHT = 20.0
ODD_HOUR = 8
FOLLOW = 0.1  # where EM starts
FEW, CROWDED, WEAK = 200, 8.0, 0.85
THIN, FAINT, CLEAR = 0.001, 0.003, 0.03  # of the highest density
HEAVY = 0.03  # of the rows, who come together at another time: a second office, say
MISSING = 0.006  # of rows, while more may still come nobody counts as one without
BULK = 0.01  # left out at either end
MARGINS = (3.0, 1.5, 0.7, 0.2)  # of the bulk, thought of on either side of it: people who wait long are few but real
PAIRS = 12.0  # for each crossing, beyond which a crowd hides who waited long
FIRST, NEXT = 120, 40  # rounds of messages in the first step of EM and in those that carry on


@dataclass(frozen=True)
class Sample:
    """The stretch to learn from, and when its records arrived."""

    stretch: Stretch
    received: Floats
    now: float


@dataclass(frozen=True)
class Lesson:
    """All that a gate learns from: a value, so that it can be learned in another process."""

    sample: Sample
    base: Params
    reach: float
    start: Params | None
    rounds: int

    def learned(self) -> Params:
        """Return what it teaches."""
        return learn(self.sample, self.base, self.reach, start=self.start, rounds=self.rounds)


def learn(sample: Sample, base: Params, reach: float, *, start: Params | None = None, rounds: int = 12) -> Params:
    """Return the parameters that explain the sample best; `base` is the prior, `start` where to begin."""
    x, y = sample.stretch.x, sample.stretch.y
    late = learn_late(lags_of(y, sample.received), base.late)
    if len(x) < LEAST or len(y) < LEAST // 2:
        return replace(base, late=late, crossings=float(len(x)))
    params = replace(start or base, late=late)
    if start is None:
        params = _fresh(params, x, y, base, reach)
    if params.clock.since:
        params = replace(params, late=learn_late(lags_of(y, sample.received, params.clock.at(y)), base.late))
    stretch = replace(sample.stretch, shift=params.clock.at(x))
    sample = replace(sample, stretch=stretch)
    x = stretch.aligned
    low, high = _window(params.law, x, y)
    mean, trust = flow_level(x)
    follow = params.follow_share or FOLLOW
    params = replace(params, span=(low, high), flow_mean=mean, flow_trust=trust, follow_share=follow)
    pairs = candidates(x, y, low, high)
    weight = _calm(stretch.x, bulk_of(params.law))
    messages: Floats | None = None
    for step in range(rounds):
        steps = FIRST if step == 0 else NEXT
        result = evaluate(sample.stretch, params, sample.now, pairs=pairs, start=messages, rounds=steps, tolerance=1e-3)
        messages = result.marginals.messages
        fresh = maximise(sample, result, params, base, weight)
        moved = _distance(params, fresh)
        before, params = params, fresh
        if step >= 2 and moved < 0.003:
            break
    calm = _calm_moments(sample, result, before)
    params = expected_rates(result, calm, before, params, base)
    return replace(params, doubts=doubts_of(params, base, x), errors=params.errors | errors_of(params, x))


def errors_of(params: Params, x: Floats) -> dict[str, float]:
    """Return rough standard errors of what was learned."""
    count = float(len(x))
    hours = max(float(x[-1] - x[0]) / HOUR, 0.1)
    _, spread = params.law.moments()
    return {
        "recall": float(np.sqrt(params.recall * (1 - params.recall) / count)),
        "delay_s": spread / float(np.sqrt(count)),
        "unlogged_per_hour_alone": float(np.sqrt(params.alone_rate * HOUR / hours)),
        "unlogged_share_of_flow": float(np.sqrt(params.flow_share / count)),
        "double_share": float(np.sqrt(params.double_share / count)),
    }


def doubts_of(params: Params, base: Params, x: Floats) -> tuple[str, ...]:
    """Return what these data cannot settle, as codes.

    `few_crossings`, `crowded` (counts speak, not names), `false_or_unlogged` (as many false counts are expected as
    people), `prior_contradicted` (the configured delay is not what the gate shows), `clock_moves`, `weak_camera`.
    """
    flow = len(x) / max(float(x[-1] - x[0]), 1.0)
    people = params.alone_rate + params.flow_share * flow
    false = params.false_rate + params.false_share * flow
    low, high = base.law.support(0.02)
    checks = {
        "few_crossings": len(x) < FEW,
        "crowded": float(np.mean(1.0 / _calm(np.sort(x), bulk_of(params.law)))) > CROWDED,
        "false_or_unlogged": people < 1.5 * false,
        "prior_contradicted": not low <= params.law.quantile(0.5) <= high,
        "clock_moves": bool(params.clock.since),
        "weak_camera": params.recall < WEAK,
    }
    return tuple(code for code, doubt in checks.items() if doubt)


def _fresh(params: Params, x: Floats, y: Floats, base: Params, reach: float) -> Params:
    """Return the law and the clock as a first look at the data has them."""
    rough = rough_law(x, y, base.law, reach)
    if rough is None:
        return params
    first: DelayLaw = rough

    def again(aligned: Floats) -> DelayLaw:
        return rough_law(aligned, y, base.law, reach) or first

    clock, law = synchronise(x, y, rough, min(reach / 2, CLOCK_OFF_S), again)
    return replace(params, law=_regrid(law, reach), clock=clock)


def _window(law: DelayLaw, x: Floats, y: Floats) -> tuple[float, float]:
    """Return the delays worth a thought: the bulk, its tails, and other peaks: clear (the clock was off) or heavy."""
    density = gaussian_filter1d(law.mass, 1.5) / law.grid.widths
    top = float(density.max())
    worth = np.zeros(len(density), bool)
    for least in (FAINT, THIN):
        label, runs = measure_label(density >= least * top)
        for run in range(1, runs + 1):
            here = label == run
            clear = float(density[here].max()) >= CLEAR * top
            worth |= here & (clear if least == FAINT else not clear and float(law.mass[here].sum()) >= HEAVY)
    places = np.flatnonzero(worth)
    low, high = float(law.grid.edges[places[0]]), float(law.grid.edges[places[-1] + 1])
    for margin in MARGINS:
        far = margin * (high - low)
        if len(candidates(x, y, low - far, high + far)[0]) <= PAIRS * len(x):
            break
    return low - far, high + far


def bulk_of(law: DelayLaw) -> tuple[float, float]:
    """Return the delays between which nearly all lie: whoever passes closer together competes for a record."""
    return law.support(BULK)


def _distance(old: Params, new: Params) -> float:
    grid = new.law.grid.edges
    law = float(np.max(np.abs(np.interp(grid, old.law.grid.edges, old.law.cumulative()) - new.law.cumulative())))
    return max(law, abs(old.recall - new.recall), 5 * abs(old.flow_share - new.flow_share))


def _regrid(law: DelayLaw, reach: float) -> DelayLaw:
    centre, scale = centre_and_scale(law)
    grid = Grid.between(centre, scale, min(-reach, centre - reach), max(reach, centre + reach))
    mass = np.diff(np.interp(grid.edges, law.grid.edges, law.cumulative()))
    return DelayLaw(grid, mass / mass.sum())


def maximise(sample: Sample, result: Evaluation, params: Params, base: Params, weight: Floats) -> Params:
    """Return the parameters that fit an evaluation best."""
    stretch = sample.stretch
    good_x, good_y = sound_hours(stretch, result)
    edges = result.edges
    pairs = Pairs(
        edges.crossing,
        edges.record,
        edges.crossings,
        edges.records,
        stretch.y[edges.record] - stretch.aligned[edges.crossing],
        result.marginals.pair,
        (weight * good_x)[edges.crossing],
    )
    law = learn_law(pairs, params.law, base.law, params.span)
    bulk = bulk_of(params.law)
    calm_y = good_y * _calm(stretch.y, bulk)
    seen = float(np.sum((1.0 - result.marginals.record_alone) * calm_y))
    recall = (seen + RECALL_WEIGHT * base.recall) / (float(np.sum(calm_y)) + RECALL_WEIGHT)
    causes = result.causes
    calm = _calm_moments(sample, result, params)
    matched = (1.0 - result.unmatched) * good_x
    together = float(np.sum(matched * (1.0 - 1.0 / causes.company)))
    known = learn_rates(result, calm, params, base)
    return replace(
        known,
        law=law,
        follow_share=together / (float(np.sum(matched)) + 1.0),
        recall=float(np.clip(recall, 0.05, 0.998)),
        crossings=float(len(stretch.x)),
        start=float(stretch.x[0]),
        end=float(stretch.x[-1]),
        doubts=(),
    )


def _calm_moments(sample: Sample, result: Evaluation, params: Params) -> Calm:
    """Weigh moments by how calm they are; those of late, whose rows may still come, say nothing of who has none."""
    stretch = sample.stretch
    good, _ = sound_hours(stretch, result)
    good *= params.waiting(sample.now - stretch.x) <= MISSING
    return calm_of(stretch.x, flow_at(stretch.x, params), good, bulk_of(params.law))


def _calm(times: Floats, span: tuple[float, float]) -> Floats:
    """Weigh each crossing (or record) by how few others of its own kind are near: crowds tell little.

    Counting the other kind would prefer those whose partner is missing.
    """
    far = (span[1] - span[0]) / 2
    weight: Floats = 1.0 / numbers_about(times, times, far)
    return weight


def sound_hours(stretch: Stretch, result: Evaluation) -> tuple[Floats, Floats]:
    """Return weights 0 or 1 of crossings and records: hours when the camera or the log was out teach nothing."""
    x, y = stretch.x, stretch.y
    origin = min(x[0], y[0] if len(y) else x[0])
    hour_x = ((x - origin) // HOUR).astype(np.intp)
    hour_y = ((y - origin) // HOUR).astype(np.intp)
    size = int(max(hour_x.max(), hour_y.max() if len(y) else 0)) + 1
    seen, alone = np.bincount(hour_x, minlength=size), np.bincount(hour_x, result.unmatched, size)
    logged, missed = np.bincount(hour_y, minlength=size), np.bincount(hour_y, result.marginals.record_alone, size)
    no_log = (seen >= ODD_HOUR) & (alone > 0.5 * seen)
    no_camera = (logged >= ODD_HOUR) & (missed > 0.7 * logged)
    out = no_log | no_camera
    return (~out[hour_x]).astype(np.float64), (~out[hour_y]).astype(np.float64)
