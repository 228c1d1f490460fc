"""The delay law learned from delays: drawn to a shape where that fits, left alone where it does not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from tapal_server.correlation.delays import LEAST_FIRM, MOST_FIRM, Pairs, firmness, learn_law, shape_of
from tapal_server.correlation.evaluate import Stretch
from tapal_server.correlation.law import DelayLaw, Grid, prior_law, reach
from tapal_server.correlation.learn import Sample, learn
from tapal_server.correlation.params import prior
from tapal_server.correlation.types import Delay, Gate

Floats = NDArray[np.float64]
Draw = Callable[[Generator, int], Floats]
REACH = (-600.0, 900.0)
EVERYBODY = 400_000


def waiting(random: Generator, count: int) -> Floats:
    """The usual: lognormal."""
    return 30.0 * np.exp(0.5 * random.standard_normal(count))


def logged_before(random: Generator, count: int) -> Floats:
    """Records come before crossings, on a clock that is 45 s ahead."""
    return 45.0 - waiting(random, count)


def two_counters(random: Generator, count: int) -> Floats:
    """A record comes as often before as after."""
    return waiting(random, count) * np.where(random.random(count) < 0.5, 1.0, -1.0)


def two_desks(random: Generator, count: int) -> Floats:
    """A quick desk and a slow one: no shape of ours."""
    middle = np.where(random.random(count) < 0.5, 15.0, 90.0)
    return middle * np.exp(0.3 * random.standard_normal(count))


def evenly(random: Generator, count: int) -> Floats:
    """Anything between five seconds and a minute and a half."""
    return random.uniform(5.0, 90.0, count)


def grid_of(delays: Floats) -> Grid:
    low, middle, high = np.quantile(delays, (0.16, 0.5, 0.84))
    return Grid.between(float(middle), float(high - low) / 2, *REACH)


def learned(delays: Floats, grid: Grid, own: Floats | float = 1.0) -> DelayLaw:
    count = len(delays)
    nobody = np.zeros(count, np.intp)
    before = DelayLaw(grid, grid.widths / grid.widths.sum())
    pairs = Pairs(nobody, nobody, count, count, delays, np.broadcast_to(own, count), np.ones(count))
    return learn_law(pairs, before, prior_law(Delay(typical_s=30.0, longest_s=900.0)), REACH)


def lost(law: DelayLaw, draw: Draw) -> float:
    """How many nats each delay is less likely under a law than under the true one, on the same grid."""
    counts = np.bincount(law.grid.cell(draw(np.random.default_rng(99), EVERYBODY)), minlength=len(law.mass))
    true = counts / EVERYBODY
    some = true > 0.0
    return float(np.sum(true[some] * np.log(true[some] / law.mass[some])))


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        pytest.param(waiting, 0.007, id="lognormal"),
        pytest.param(logged_before, 0.008, id="record-first"),
        pytest.param(two_counters, 0.02, id="before-and-after"),
        pytest.param(two_desks, 0.12, id="two-desks-of-no-shape"),
        pytest.param(evenly, 0.08, id="evenly-of-no-shape"),
    ],
)
def test_eight_hundred_delays_tell_the_law(draw: Draw, most: float) -> None:
    drawn = [draw(np.random.default_rng(seed), 800) for seed in range(4)]
    assert np.mean([lost(learned(delays, grid_of(delays)), draw) for delays in drawn]) < most


@pytest.mark.parametrize(
    ("draw", "fits"),
    [
        pytest.param(waiting, True, id="lognormal"),
        pytest.param(logged_before, True, id="record-first"),
        pytest.param(two_counters, True, id="before-and-after"),
        pytest.param(two_desks, False, id="two-desks"),
        pytest.param(evenly, False, id="evenly"),
    ],
)
def test_a_shape_weighs_as_much_as_it_fits(draw: Draw, fits: bool) -> None:
    delays = draw(np.random.default_rng(7), 2000)
    grid = grid_of(delays)
    counts = np.bincount(grid.cell(delays), minlength=192).astype(float)
    firm = firmness(counts, shape_of(grid, counts, grid.widths / grid.widths.sum()))
    assert firm > 2000.0 if fits else firm < 500.0


def test_the_weight_of_a_shape_has_its_bounds() -> None:
    shape = np.full(48, 1 / 48)
    assert firmness(100.0 * shape, shape) == MOST_FIRM
    assert firmness(np.where(np.arange(48) < 4, 1000.0, 0.0), shape) == LEAST_FIRM


@pytest.mark.parametrize("draw", [waiting, two_counters])
def test_a_mirrored_clock_mirrors_the_law(draw: Draw) -> None:
    delays = draw(np.random.default_rng(3), 500)
    there = Grid.between(0.0, 10.0, -900.0, 900.0)
    counts = np.bincount(there.cell(delays), minlength=192).astype(float)
    even = there.widths / there.widths.sum()
    np.testing.assert_allclose(shape_of(there, counts[::-1], even)[::-1], shape_of(there, counts, even), atol=2e-3)


def test_strangers_do_not_build_a_tail() -> None:
    """Doubtful pairs far out come to little; people who really waited long stay, though fewer than they were."""
    random = np.random.default_rng(5)
    delays = waiting(random, 600)
    far = random.uniform(300.0, 800.0, 60)
    grid = grid_of(delays)
    own = np.concatenate((np.ones(600), np.full(60, 0.05)))
    doubted = learned(np.concatenate((delays, far)), grid, own)
    sure = learned(np.concatenate((delays, far)), grid)
    assert 1.0 - np.interp(280.0, grid.edges, doubted.cumulative()) < 0.004
    assert 1.0 - np.interp(280.0, grid.edges, sure.cumulative()) > 0.015


def test_without_pairs_the_law_stays() -> None:
    grid = Grid.between(30.0, 10.0, *REACH)
    before = DelayLaw(grid, grid.widths / grid.widths.sum())
    nobody = np.zeros(0, np.intp)
    pairs = Pairs(nobody, nobody, 0, 0, np.zeros(0), np.zeros(0), np.zeros(0))
    assert learn_law(pairs, before, before, REACH) is before


@pytest.mark.parametrize("flow_s", [300.0, 600.0])
def test_rows_of_a_second_office_minutes_later_belong_to_the_law(flow_s: float) -> None:
    """Every seventh traveller is written down elsewhere: thinly spread, but far too many to be people without a row."""
    random = np.random.default_rng(11)
    seen = 1e9 + np.sort(random.uniform(0.0, 1000 * flow_s, 1000))
    rows = seen + np.where(
        random.random(1000) < 0.15, random.uniform(150.0, 400.0, 1000), random.normal(20.0, 6.0, 1000)
    )
    rows.sort()
    delay = Delay(typical_s=30.0, longest_s=900.0)
    base = prior(Gate(line="gate", direction="inbound", delay=delay))
    learned = learn(Sample(Stretch(seen, rows), rows, float(rows[-1]) + 1e6), base, reach(delay))
    assert float(learned.law.survival(np.array([100.0]))[0]) > 0.08
    assert (learned.alone_rate + learned.flow_share / flow_s) * 1000 * flow_s < 12.0
