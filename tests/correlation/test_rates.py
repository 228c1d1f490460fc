"""How often people pass without a record: what a gate's own crossings make of the configuration's word."""

import numpy as np
import pytest

from tapal_server.correlation.evaluate import Stretch, evaluate, flow_at
from tapal_server.correlation.law import reach
from tapal_server.correlation.learn import Sample, learn
from tapal_server.correlation.params import HOUR, Params, prior
from tapal_server.correlation.rates import Calm, calm_of, expected_rates
from tapal_server.correlation.types import Delay, Gate, Rates

DELAY = Delay(typical_s=30, longest_s=300)


def lesson(lawful: int, lonely: int, rates: Rates | None = None) -> Params:
    """Learn from people who pass every five minutes, some more of whom leave no row."""
    random = np.random.default_rng(7)
    seen = 1e9 + 300.0 * np.arange(lawful)
    rows = np.sort(seen + random.lognormal(3.0, 0.4, lawful))
    others = random.uniform(seen[0], seen[-1], lonely)
    stretch = Stretch(np.sort(np.concatenate((seen, others))), rows)
    base = prior(Gate(line="gate", direction="inbound", delay=DELAY, rates=rates or Rates()))
    return learn(Sample(stretch, rows, float(rows[-1]) + 1e6), base, reach(DELAY))


def chance(params: Params) -> float:
    """Return how likely a crossing without a row is a person, at twelve an hour."""
    people = params.alone_rate + params.flow_share * 12 / HOUR
    return people / (people + params.false_rate + params.false_share * 12 / HOUR)


def test_one_lonely_crossing_of_a_young_gate_accuses_nobody():
    assert chance(lesson(100, 1)) < 0.6


def test_a_gate_where_everybody_has_a_row_comes_to_expect_nobody():
    learned, known = lesson(100, 0), lesson(1000, 0)
    base = prior(Gate(line="gate", direction="inbound", delay=DELAY))
    assert chance(known) < chance(learned) < chance(base)


def test_many_lonely_crossings_are_people():
    learned = lesson(1000, 30)
    expected = learned.alone_rate * HOUR + learned.flow_share * 12
    assert chance(learned) > 0.7
    assert expected == pytest.approx(30 / (1000 / 12), rel=0.4)


def test_a_gate_that_is_told_of_many_false_counts_takes_fewer_for_people():
    assert chance(lesson(1000, 10, Rates(false_share=0.01))) < chance(lesson(1000, 10))


def test_a_gate_configured_to_have_no_people_in_its_flow_and_no_false_ones_learns_all_the_same():
    learned = lesson(500, 5, Rates(unlogged_share=0.0, false_share=0.0))
    assert learned.flow_share == learned.false_share == 0.0
    assert learned.alone_rate > 0.0


@pytest.mark.parametrize("count", [100, 5000])
def test_two_who_pass_together_teach_as_much_as_one_alone_however_many_are_known(count):
    x = np.sort(np.append(1e9 + 300.0 * np.arange(count), 1e9 + 300.0 * (count // 2) + 10.0))
    weight = calm_of(x, np.full(len(x), 1 / 300.0), np.ones(len(x)), (0.0, 100.0)).weight
    assert weight[count // 2 : count // 2 + 2].tolist() == [0.5, 0.5]
    assert set(np.delete(weight, [count // 2, count // 2 + 1]).tolist()) == {1.0}


def test_who_passed_so_lately_that_a_row_may_still_come_is_not_taken_for_one_without():
    random = np.random.default_rng(7)
    seen = 1e9 + 300.0 * np.arange(200)
    written = seen + random.lognormal(3.0, 0.4, 200)
    received = written + np.where(np.arange(200) % 40 == 20, 3 * HOUR, 0.0)
    base = prior(Gate(line="gate", direction="inbound", delay=DELAY))

    def learned(silent: int) -> Params:
        rows = slice(200 - silent)
        sample = Sample(Stretch(seen, written[rows]), received[rows], float(seen[-1]) + 600.0)
        return learn(sample, base, reach(DELAY))

    assert chance(learned(3)) < chance(learned(0)) + 0.05


def test_it_is_the_number_of_witnesses_that_counts_and_not_what_all_of_them_weigh():
    random = np.random.default_rng(7)
    seen = np.sort(1e9 + random.uniform(0.0, 300.0 * 500, 500))
    rows = np.sort(seen[np.arange(500) % 60 != 30] + random.lognormal(3.0, 0.4, 492))
    base = prior(Gate(line="gate", direction="inbound", delay=DELAY))
    result = evaluate(Stretch(seen, rows), base, np.inf)
    calm = calm_of(seen, flow_at(seen, base), np.ones(500), (5.0, 60.0))
    half = Calm(calm.weight / 2, calm.seconds / 2, calm.passers / 2, calm.followed / 2)
    whole, halved = (expected_rates(result, weights, base, base, base) for weights in (calm, half))
    assert halved.alone_rate == pytest.approx(whole.alone_rate, rel=1e-9)
    assert halved.false_rate == pytest.approx(whole.false_rate, rel=1e-9)
