"""Draw who passes, what the camera reports and what the log writes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tapal_server.simulate.scenario import Scenario

Floats = NDArray[np.float64]
HOUR = 3600.0
DAY = 86400.0
CROWD_S, CROWD = 2.0, 4


@dataclass(frozen=True)
class Passing:
    """People in order of time: seconds from the start, and whether they leave a record."""

    time: Floats
    logged: NDArray[np.bool_]
    unlogged: NDArray[np.bool_]


@dataclass(frozen=True)
class Reported:
    """Crossings in order of arrival; `person` is the index of who it was, -1 for nobody, `first` not a double."""

    time: Floats
    received: Floats
    person: NDArray[np.intp]
    first: NDArray[np.bool_]


@dataclass(frozen=True)
class Logged:
    """Records in order of their time."""

    time: Floats
    received: Floats
    person: NDArray[np.intp]


def people(scenario: Scenario, random: np.random.Generator) -> Passing:
    """Draw everybody who passes."""
    traffic, hours = scenario.traffic, scenario.hours
    times: list[float] = []
    groups: list[tuple[float, int]] = []
    for start in poisson(random, traffic.per_hour, hours):
        night = not 6 <= (start / HOUR + 6) % 24 < 18
        if night and random.random() > traffic.night_share:
            continue
        size = int(random.integers(2, traffic.group_most + 1)) if random.random() < traffic.group_share else 1
        if size > 1:
            groups.append((start, size))
        times += [start + traffic.group_gap_s * step * random.uniform(0.5, 1.5) for step in range(size)]
    if traffic.ferry is not None:
        for start in poisson(random, traffic.ferry.per_day / 24, hours):
            count = int(random.integers(traffic.ferry.people[0], traffic.ferry.people[1] + 1))
            times += list(start + traffic.ferry.minutes * 60 * random.beta(1.3, 2.0, count))
    lawful = np.array(times)
    unlogged = list(poisson(random, scenario.unlogged.alone_per_day / 24, hours))
    for _ in range(int(random.poisson(scenario.unlogged.in_groups_per_day * hours / 24)) if groups else 0):
        start, size = groups[int(random.integers(len(groups)))]
        unlogged.append(start + traffic.group_gap_s * random.uniform(0.3, size + 0.5))
    officers = np.array(list(poisson(random, traffic.officers_per_hour, hours)))
    hidden = random.random(len(lawful)) < scenario.unlogged.share_of_people
    time = np.concatenate((lawful, np.array(unlogged), officers))
    kind = np.concatenate((np.where(hidden, 1, 0), np.full(len(unlogged), 1), np.full(len(officers), 2)))
    order = np.argsort(time, kind="stable")
    time, kind = time[order], kind[order]
    return Passing(time, kind == 0, kind == 1)


def poisson(random: np.random.Generator, per_hour: float, hours: float) -> Floats:
    """Draw the times of a Poisson process."""
    return np.sort(random.uniform(0.0, hours * HOUR, int(random.poisson(per_hour * hours))))


def camera(scenario: Scenario, passing: Passing, random: np.random.Generator) -> Reported:
    """Draw what the camera reports."""
    setup, x = scenario.camera, passing.time
    near = np.searchsorted(x, x + CROWD_S) - np.searchsorted(x, x - CROWD_S)
    crowded = near >= CROWD
    recall = np.where(crowded, setup.recall_in_crowd or setup.recall, setup.recall)
    twice = np.where(crowded, setup.double_in_crowd or setup.double_share, setup.double_share)
    seen = np.flatnonzero(random.random(len(x)) < recall)
    double = seen[random.random(len(seen)) < twice[seen]]
    false = poisson(random, setup.false_per_hour, scenario.hours)
    time = np.concatenate((x[seen], x[double] + random.uniform(0.3, 3.5, len(double)), false))
    time = time + random.normal(0.0, 0.1, len(time))
    person = np.concatenate((seen, double, np.full(len(false), -1)))
    first = np.concatenate((np.ones(len(seen), bool), np.zeros(len(double), bool), np.ones(len(false), bool)))
    up = outside(time, setup.outages)
    time, person, first = time[up], person[up], first[up]
    received = time + 0.1 + random.exponential(setup.delivery_s, len(time))
    order = np.argsort(received, kind="stable")
    return Reported(time[order], received[order], person[order], first[order])


def log(scenario: Scenario, passing: Passing, random: np.random.Generator) -> Logged:
    """Draw what the passage log writes."""
    setup = scenario.log
    person = np.flatnonzero(passing.logged & (random.random(len(passing.time)) >= setup.missing_share))
    x = passing.time[person]
    delay = setup.delay_s * np.exp(setup.spread * random.standard_normal(len(x)))
    delay = np.where(random.random(len(x)) < setup.slow_share, 10 * delay, delay)
    if setup.first == "record":
        delay = -delay
    elif setup.first == "either":
        delay = np.where(random.random(len(x)) < 0.5, -delay, delay)
    skew = np.where(x < (np.inf if setup.skew_until_h is None else setup.skew_until_h * HOUR), setup.skew_s, 0.0)
    written = x + delay
    time = written + skew + setup.drift_s_per_day * x / DAY
    received = np.maximum(written, 0.0) + random.exponential(setup.delivery_s, len(x))
    late = random.random(len(x)) < setup.late_share
    received = np.where(late, received + random.uniform(0.05, 1.0, len(x)) * setup.late_hours * HOUR, received)
    for start, end in setup.outages:
        inside = (received >= start * HOUR) & (received < end * HOUR)
        received = np.where(inside, end * HOUR + random.uniform(0, 600, len(x)), received)
    received = np.maximum(received, time)
    order = np.argsort(time, kind="stable")
    return Logged(time[order], received[order], person[order])


def outside(time: Floats, spans: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    """Whether each time lies outside all spans of hours."""
    result = np.ones(len(time), bool)
    for start, end in spans:
        result &= (time < start * HOUR) | (time >= end * HOUR)
    return result
