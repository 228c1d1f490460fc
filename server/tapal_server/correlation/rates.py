"""How often a crossing happens that leaves no record, by cause: a superposition of Poisson processes.

What the records say of a crossing is one number, the rate at which a lawful passer would have been seen there. Beside
it the causes compete; EM over these few rates alone is cheap and is taken to its end. Lonely moments weigh most,
crossings and empty time alike, since belief propagation overstates how many are alone in a crowd, and rates learned
there would feed on that.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.evaluate import Evaluation
from tapal_server.correlation.params import HOUR, Params
from tapal_server.correlation.sums import log_chances, numbers_about, rates_of

Floats = NDArray[np.float64]
ROUNDS = 40
MOMENTS = 8192  # at which the time between crossings is looked at
PERSON_WEIGHT = 0.5
FALSE_WEIGHT = 8.0  # how firmly the configuration's false and double counts are believed, in counts
NOBODY, SOMEBODY = 0.5, 2.0  # share of gates that have nobody without a record; what others have, by what is configured
MOST_POWER = 10.0
STRANGER = 150.0  # crossings that make one among them count half against himself
PEOPLE = np.concatenate(([0.0], np.geomspace(0.02, 400.0, 40)))  # multiples of what is configured
FALSE = np.geomspace(0.1, 6.0, 16)


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
    near = numbers_about(x, x, far)
    width = max(float(x[-1] - x[0]), HOUR / 4) / MOMENTS
    moments = x[0] + width * (np.arange(MOMENTS) + 0.5)
    others = numbers_about(x, moments, far)
    place = np.clip(np.searchsorted(x, moments), 1, len(x) - 1)
    worth = width / (1.0 + others) * np.minimum(good[place - 1], good[place])
    return Calm(
        good / near,
        max(float(np.sum(worth)), HOUR / 4),
        float(np.sum(worth * np.interp(moments, x, flow))),
        float(np.sum(good / (1.0 + near))),
    )


def learn_rates(result: Evaluation, calm: Calm, params: Params, base: Params) -> Params:
    """Return the parameters with the rates that make the calm crossings most likely, each with its prior."""
    causes = result.causes
    lawful = _lawful(result)
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
    learned = rates_of(units, np.array(before), lawful + causes.pending, calm.weight, exposures, priors, ROUNDS)
    return replace(params, **dict(zip(believed, learned.tolist(), strict=True)))


def expected_rates(result: Evaluation, calm: Calm, before: Params, params: Params, base: Params) -> Params:
    """Return the parameters with the rates of people and of false counts to be expected, all that fit them weighed.

    The most likely rates say nothing of their doubt, and a young gate is mostly doubt. People without a record: none
    at all (`NOBODY`), or some, in the mean `SOMEBODY` times what is configured. False counts: a Gamma law.
    `before` are the parameters of the evaluation, `params` those learned from it.

    Whoever stands out most counts the less, the fewer have been seen: nobody should be a witness against himself.
    Weights that keep crowds from being counted too often make each of the calm count too little, so the chances are
    taken to the power that gives those who may have no record the weight of as many as they are.
    """
    causes = result.causes
    passers = calm.passers + params.follow_share * calm.followed
    learned = params.alone_rate * calm.seconds + params.flow_share * passers
    believed = base.alone_rate * calm.seconds + base.flow_share * passers
    wrong = base.false_rate * calm.seconds + base.false_share * passers
    if learned <= 0.0 or believed <= 0.0:
        return params

    def as_in(rates: Params, row: Floats, name: str) -> Floats:
        return row * (float(getattr(rates, name)) / max(float(getattr(before, name)), 1e-15))

    people = as_in(params, causes.alone, "alone_rate") + as_in(params, causes.flow_person, "flow_share")
    people *= believed / learned
    false = as_in(base, causes.false_clock, "false_rate") + as_in(base, causes.false_flow, "false_share")
    others = _lawful(result) + causes.pending + as_in(params, causes.double, "double_share")
    total, worth = others + people + false, calm.weight.copy()
    suspect = worth * (people + false) / total
    power = min(float(suspect.sum()) / max(float(worth @ suspect), 1e-12), MOST_POWER)
    worth[np.argmax(worth * people / total)] *= len(worth) / (len(worth) + STRANGER)
    chance = log_chances(people, false, others, worth, PEOPLE, FALSE)
    chance -= believed * PEOPLE[:, None] + wrong * FALSE[None, :]
    chance = np.log(PRIOR) + power * chance
    chance = np.exp(chance - chance.max())
    chance /= chance.sum()
    by_people, by_false = chance.sum(axis=1), chance.sum(axis=0)
    more, less = float(PEOPLE @ by_people), float(FALSE @ by_false)
    spread = float(np.sqrt((PEOPLE - more) ** 2 @ by_people))
    return replace(
        params,
        errors=params.errors | {"unlogged_relative": spread / max(more, 1e-15)},
        alone_rate=params.alone_rate * more * believed / learned,
        flow_share=params.flow_share * more * believed / learned,
        false_rate=base.false_rate * less,
        false_share=base.false_share * less,
    )


def _lawful(result: Evaluation) -> Floats:
    """Return the rate at which a lawful passer would be seen at each crossing, by what the records say."""
    unmatched = np.maximum(result.unmatched, 1e-12)
    lawful: Floats = result.causes.total * (1.0 - result.unmatched) / unmatched
    return lawful


def _prior() -> Floats:
    """Return how likely each number of people and of false counts is, in multiples of what is configured."""
    some = np.exp(-PEOPLE[1:] / SOMEBODY) * np.gradient(PEOPLE[1:])
    people = np.concatenate(([NOBODY], (1.0 - NOBODY) * some / some.sum()))
    false = FALSE ** (FALSE_WEIGHT - 1.0) * np.exp(-FALSE_WEIGHT * FALSE) * np.gradient(FALSE)
    prior: Floats = people[:, None] * false[None, :]
    return prior


PRIOR = _prior()
