"""What the engine is compared with: the usual greedy matcher, and belief propagation told the true parameters."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from tapal_server.correlation.clock import Clock
from tapal_server.correlation.evaluate import Stretch, causes_of, evaluate
from tapal_server.correlation.late import lags_of, learn_late, prior_late
from tapal_server.correlation.law import DelayLaw, Grid, lognormal_mass, reach
from tapal_server.correlation.learn import Sample, learn
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.types import Delay, Gate, Rates
from tapal_server.simulate.scenario import Scenario

AS_CONFIGURED = Delay(typical_s=30.0, longest_s=900.0)
HOUR, DAY = 3600.0, 86400.0


def greedy(x: np.ndarray, y: np.ndarray, delay: Delay) -> np.ndarray:
    """Take for each crossing in turn the nearest free record in the configured window; 1 where none is left."""
    free = np.ones(len(y), bool)
    lonely = np.ones(len(x))
    for place, time in enumerate(x):
        first, last = np.searchsorted(y, (time, time + delay.longest_s))
        open_ones = np.flatnonzero(free[first:last])
        if len(open_ones):
            free[first + open_ones[0]] = False
            lonely[place] = (y[first + open_ones[0]] - time) / delay.longest_s / 2
    return lonely


def reference(x: np.ndarray, y: np.ndarray, guilty: np.ndarray, scenario: Scenario | None, hours: float) -> np.ndarray:
    """Return P(unlogged) of belief propagation with the true law and rates, and the log's clock put right."""
    if scenario is None:
        params, shift = _fitted(x, y, guilty, hours), np.zeros(len(x))
    else:
        params, shift = _told(scenario, guilty, hours, len(x)), _skew(x, scenario)
    return evaluate(Stretch(x, y, shift=shift), following(params, x), np.inf, rounds=300).unlogged


def live_truth(
    x: np.ndarray, rows: tuple[np.ndarray, np.ndarray], guilty: np.ndarray, scenario: Scenario, hours: float
) -> Params:
    """Return all that an engine could know of a gate: the true law, rates and clock, and how late its rows arrive.

    `rows` are the times of the records and when each arrived.
    """
    y, received = rows
    params = following(_told(scenario, guilty, hours, len(x)), x)
    begin = datetime.fromisoformat(scenario.start).timestamp()
    since = np.union1d(np.arange(x[0], x[-1], HOUR / 2), [begin + (scenario.log.skew_until_h or 0.0) * HOUR])
    shift = _skew(since, scenario)
    clock = Clock(tuple(since.tolist()), tuple(shift.tolist()))
    late = learn_late(lags_of(y, received, clock.at(y)), prior_late(0.0))
    return replace(params, late=late, clock=clock, crossings=float(len(x)), doubts=())


def following(params: Params, x: np.ndarray) -> Params:
    """Add how many walk close behind others: what is more of them than the smooth flow and the doubles explain."""
    share = 0.1
    for _ in range(50):
        company = causes_of(Stretch(x, x), replace(params, follow_share=share), np.inf).company
        share = max(float(np.mean(1.0 - 1.0 / company)), 1e-6)
    return replace(params, follow_share=max(share - params.double_share, 1e-6))


def _fitted(x: np.ndarray, y: np.ndarray, guilty: np.ndarray, hours: float) -> Params:
    """Recordings come without their parameters: fit them with the unlogged people told apart."""
    base = prior(Gate(line="", direction="inbound", delay=AS_CONFIGURED, rates=Rates()))
    lawful = Sample(Stretch(x[~guilty], y), y, float(x[-1]) + 1e9)
    params = learn(lawful, base, reach(AS_CONFIGURED))
    return _with_people(params, guilty, hours, len(x))


def _with_people(params: Params, guilty: np.ndarray, hours: float, crossings: int) -> Params:
    count = float(guilty.sum())
    return replace(params, alone_rate=0.5 * count / (hours * HOUR), flow_share=0.5 * count / max(crossings, 1))


def true_law(scenario: Scenario) -> DelayLaw:
    """Return the delay law that a scenario draws from."""
    log = scenario.log
    wide = 20 * log.delay_s + 120
    sign = -1.0 if log.first == "record" else 1.0
    grid = Grid.between(sign * log.delay_s, log.delay_s * log.spread, -wide, wide)
    mass = lognormal_mass(grid.edges, sign * log.delay_s, log.spread)
    if log.first == "either":
        mass = mass / 2 + lognormal_mass(grid.edges, -log.delay_s, log.spread) / 2
    mass = (1 - log.slow_share) * mass + log.slow_share * lognormal_mass(
        grid.edges, sign * 10 * log.delay_s, log.spread
    )
    return DelayLaw(grid, mass / mass.sum())


def _told(scenario: Scenario, guilty: np.ndarray, hours: float, crossings: int) -> Params:
    camera = scenario.camera
    params = Params(
        law=true_law(scenario),
        recall=camera.recall,
        alone_rate=0.0,
        flow_share=0.0,
        false_rate=camera.false_per_hour / HOUR,
        false_share=0.0,
        double_share=camera.double_share,
        late=prior_late(0.0),
    )
    return _with_people(params, guilty, hours, crossings)


def _skew(x: np.ndarray, scenario: Scenario) -> np.ndarray:
    since = x - datetime.fromisoformat(scenario.start).timestamp()
    until = np.inf if scenario.log.skew_until_h is None else scenario.log.skew_until_h * HOUR
    return np.where(since < until, scenario.log.skew_s, 0.0) + scenario.log.drift_s_per_day * since / DAY
