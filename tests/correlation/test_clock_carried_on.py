"""A clock that drifts steadily is taken to go on so until the next lesson; one that jumped or stands is not."""

import numpy as np
import pytest

from tapal_server.correlation.clock import STEADY, STILL, Clock, follow
from tapal_server.correlation.law import DelayLaw, Grid, lognormal_mass

HOUR = 3600.0
BLOCKS = tuple(HOUR * block for block in range(2 * STEADY))
END = 2 * STEADY * HOUR


def drifting(per_hour: float, rough: float = 0.0) -> Clock:
    random = np.random.default_rng(3)
    middles = np.array(BLOCKS) / HOUR + 0.5
    return Clock(BLOCKS, tuple((per_hour * middles + random.normal(0.0, rough, len(middles))).tolist()))


@pytest.mark.parametrize("per_hour", [-1.25, 1.25])
@pytest.mark.parametrize("rough", [0.0, 1.5])
def test_a_steady_drift_goes_on_in_the_mean_of_the_time_to_come(per_hour, rough):
    ahead = drifting(per_hour, rough).carried_on(END, 8 * HOUR)
    assert ahead.since[-1] == END
    assert ahead.shift[-1] == pytest.approx(per_hour * (2 * STEADY + 4), abs=1e-6 + 1.5 * rough)
    assert ahead.at(np.array([END - 1.0, END + 1.0])).tolist() == [ahead.shift[-2], ahead.shift[-1]]


@pytest.mark.parametrize(
    "clock",
    [
        pytest.param(STILL, id="never-moved"),
        pytest.param(Clock(BLOCKS[: STEADY - 1], drifting(1.0).shift[: STEADY - 1]), id="known-too-shortly"),
        pytest.param(
            Clock(BLOCKS, tuple(60.0 * (block >= 3 * STEADY // 2) for block in range(2 * STEADY))), id="jumped"
        ),
        pytest.param(Clock(BLOCKS, (5.0,) * STEADY + (0.0,) * STEADY), id="stands-by-now"),
    ],
)
def test_no_other_clock_is_carried_on(clock):
    assert clock.carried_on(END, 8 * HOUR) is clock


def test_a_drift_is_not_carried_on_for_longer_than_it_was_seen():
    clock = drifting(1.0)
    assert clock.carried_on(END, 2 * STEADY * HOUR) is clock


def test_a_drift_is_followed_more_finely_than_by_steps_and_a_jump_stays_one():
    random = np.random.default_rng(5)
    x = 1e9 + np.cumsum(random.exponential(120.0, 2000))
    off = -30.0 * (x - x[0]) / 86_400.0 + 60.0 * (x > x[1000])
    grid = Grid.between(20.0, 8.0, -400.0, 400.0)
    law = DelayLaw(grid, lognormal_mass(grid.edges, 20.0, 0.4))
    found = follow(x, np.sort(x + off + 20.0 * random.lognormal(0.0, 0.4, len(x))), law, 200.0).at(x)
    assert found is not None
    wrong = found - off - np.median(found - off)
    assert np.median(np.abs(wrong)) < 0.8
    assert found[1010] - found[990] == pytest.approx(60.0, abs=3.0)
