"""What the engine says of a gate as a whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.params import prior
from tapal_server.correlation.report import expected_people, rate_error, reliability
from tapal_server.correlation.types import Crossing, Gate, Record, Site


def exact(chances: np.ndarray, share: float) -> int:
    """Return a quantile of the Poisson binomial law by convolution."""
    law = np.ones(1)
    for chance in chances:
        law = np.convolve(law, (1.0 - chance, chance))
    return int(np.searchsorted(np.cumsum(law), share))


@pytest.mark.parametrize("shape", [(0.02, 2.0), (0.2, 0.2), (1.0, 1.0), (0.005, 0.5)])
def test_interval_is_that_of_the_poisson_binomial(shape: tuple[float, float]) -> None:
    chances = np.random.default_rng(3).beta(*shape, size=300)
    people = expected_people(chances)
    assert people.expected == pytest.approx(chances.sum())
    assert abs(people.low - exact(chances, 0.05)) <= 1
    assert abs(people.high - exact(chances, 0.95)) <= 1


def test_a_doubtful_rate_widens_the_interval() -> None:
    chances = np.full(400, 0.1)
    sure, doubtful = expected_people(chances), expected_people(chances, rate_error=0.5)
    assert doubtful.low < sure.low < 40 < sure.high < doubtful.high


def test_what_a_lesson_doubts_of_the_rate_widens_the_interval_but_never_narrows_it() -> None:
    known = replace(prior(Gate(line="gate", direction="inbound")), crossings=1000.0)
    assert rate_error(known, 24.0) == pytest.approx(0.2)
    assert rate_error(replace(known, errors={"unlogged_relative": 0.6}), 24.0) == pytest.approx(0.6)
    assert rate_error(replace(known, errors={"unlogged_relative": 0.1}), 24.0) == pytest.approx(0.2)
    assert rate_error(replace(known, errors={"unlogged_relative": 7.0}), 24.0) == pytest.approx(1.0)


def test_nobody_to_expect() -> None:
    people = expected_people(np.zeros(5))
    assert (people.low, people.high) == (0, 0)


def test_reliability_counts_every_crossing_once() -> None:
    table = reliability(np.array([0.0, 0.05, 0.1, 0.95, 1.0]))
    assert [row["crossings"] for row in table] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert table[9]["expected"] == pytest.approx(1.95)


def test_gate_report_is_plain_data_and_counts_who_has_no_record() -> None:
    site = Site(id="gate", kind="checkpoint", checkpoint="GATE", gates=(Gate(line="gate", direction="inbound"),))
    engine = Engine([site])
    before = engine.gate_report("gate", "gate", "inbound")
    assert before is not None
    assert before["unlogged"] is None
    random = np.random.default_rng(5)
    times = np.cumsum(random.exponential(120.0, 400))
    arrivals: list[Crossing | Record] = []
    for number, time in enumerate(times.tolist()):
        arrivals.append(
            Crossing(id=f"c{number}", site="gate", line="gate", direction="inbound", time=time, received_at=time)
        )
        if number % 50 != 25:
            at = time + 20 + 5 * float(random.random())
            arrivals.append(Record(id=f"r{number}", checkpoint="GATE", direction="inbound", time=at, received_at=at))
    for item in sorted(arrivals, key=lambda one: one.received_at):
        if isinstance(item, Crossing):
            engine.on_crossing(item)
        else:
            engine.on_record(item)
        engine.advance(item.received_at)
    engine.finish(float(times[-1]) + 7200.0)
    report = json.loads(json.dumps(engine.gate_report("gate", "gate", "inbound")))
    assert report["unlogged"]["crossings"] == 400
    assert 4 <= report["unlogged"]["expected"] <= 9  # eight had none; false counts may explain some of them
    assert report["unlogged"]["low"] < report["unlogged"]["expected"] < report["unlogged"]["high"]
    assert report["recall_interval"][0] < report["recall"] < report["recall_interval"][1]
    peak = report["law"]["delay_s"][int(np.argmax(report["law"]["density"]))]
    assert 18 < peak < 27
    assert engine.gate_report("gate", "elsewhere", "inbound") is None
