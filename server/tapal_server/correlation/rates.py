"""How often a crossing happens that leaves no record, by cause: a superposition of Poisson processes.

What the records say of a crossing is one number, the rate at which a lawful passer would have been seen there. Beside
it the causes compete; EM over these few rates alone is cheap and is taken to its end. Lonely moments weigh most,
crossings and empty time alike, since belief propagation overstates how many are alone in a crowd, and rates learned
there would feed on that.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import loops
from tapal_server.correlation.evaluate import Evaluation
from tapal_server.correlation.params import HOUR, Params

Floats = NDArray[np.float64]
ROUNDS = 40
MOMENTS = 8192  # at which the time between crossings is looked at
ENOUGH = 1000.0  # lonely crossings that suffice to leave the others out
POWERS = (4, 3, 2)
PERSON_WEIGHT = 0.5
FALSE_WEIGHT = 8.0  # how firmly the configuration's false and double counts are believed, in counts


@dataclass(frozen=True)
class Calm:
    """How much each crossing teaches, and the time and flow that the same weights leave of the stretch."""

    weight: Floats
    seconds: float
    passers: float
    followed: float


def calm_of(x: Floats, flow: Floats, good: Floats, span: tuple[float, float]) -> Calm:
    """Weigh moments by how few crossings are near; `good` is 0 where nothing may be learned."""
    far = (span[1] - span[0]) / 2
    near = np.searchsorted(x, x + far, "right") - np.searchsorted(x, x - far, "left")
    power = next((p for p in POWERS if float(np.sum(good * near.astype(np.float64) ** -p)) >= ENOUGH), 1)
    width = max(float(x[-1] - x[0]), HOUR / 4) / MOMENTS
    moments = x[0] + width * (np.arange(MOMENTS) + 0.5)
    others = np.searchsorted(x, moments + far, "right") - np.searchsorted(x, moments - far, "left")
    place = np.clip(np.searchsorted(x, moments), 1, len(x) - 1)
    worth = width * (1.0 + others) ** -float(power) * np.minimum(good[place - 1], good[place])
    return Calm(
        good * near.astype(np.float64) ** -power,
        max(float(np.sum(worth)), HOUR / 4),
        float(np.sum(worth * np.interp(moments, x, flow))),
        float(np.sum(good * (1.0 + near) ** -float(power))),
    )


def learn_rates(result: Evaluation, calm: Calm, params: Params, base: Params) -> Params:
    """Return the parameters with the rates that make the calm crossings most likely, each with its prior.

    Whoever stands out most is left out: nobody may be a witness against himself. Where a gate is known by many it
    matters little; where the first lonely crossing is all there is, it would have made its own kind look common.
    """
    causes = result.causes
    lawful = result.causes.total * (1.0 - result.unmatched) / np.maximum(result.unmatched, 1e-12)
    passers = calm.passers + params.follow_share * calm.followed
    believed = {
        "alone_rate": (causes.alone, calm.seconds, base.alone_rate, PERSON_WEIGHT),
        "flow_share": (causes.flow_person, passers, base.flow_share, PERSON_WEIGHT),
        "false_rate": (causes.false_clock, calm.seconds, base.false_rate, FALSE_WEIGHT),
        "false_share": (causes.false_flow, passers, base.false_share, FALSE_WEIGHT),
        "double_share": (causes.double, calm.followed, base.double_share, FALSE_WEIGHT / 2),
    }
    told = list(believed.values())
    before = [float(getattr(params, name)) for name in believed]
    units = np.array([row / max(rate, 1e-15) for (row, *_), rate in zip(told, before, strict=True)])
    exposures = np.array([exposure for _, exposure, _, _ in told])
    priors = np.array([[prior for *_, prior, _ in told], [worth for *_, worth in told]], dtype=np.float64)
    others, worth, learned = lawful + causes.pending, calm.weight.copy(), np.array(before)
    for _ in range(2):
        learned = loops.rates_of(units, learned, others, worth, exposures, priors, ROUNDS)
        rates = units * learned[:, None]
        worth[np.argmax(worth * rates[:2].sum(axis=0) / (others + rates.sum(axis=0)))] = 0.0
    return replace(params, **dict(zip(believed, learned.tolist(), strict=True)))
