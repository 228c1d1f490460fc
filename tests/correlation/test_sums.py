"""The compiled sums of a lesson against the same sums written plainly."""

from itertools import pairwise, product

import numpy as np
import pytest

from tapal_server.correlation import sums


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(7)


def test_likelihoods_are_those_of_each_crossing_by_itself_up_to_a_constant(chance: np.random.Generator) -> None:
    people, false, others = (chance.exponential(1e-3, 300) for _ in range(3))
    worth = (1.0 + chance.integers(0, 5, 300)) ** -2.0 * (chance.random(300) > 0.1)
    many, shares = np.array([0.0, 0.5, 400.0]), np.array([0.1, 6.0])
    found = sums.log_chances(people, false, others, worth, many, shares)
    wanted = [
        [float(worth @ np.log(others + one * people + other * false)) for other in shares.tolist()]
        for one in many.tolist()
    ]
    assert found - found[0, 0] == pytest.approx(np.array(wanted) - wanted[0][0], rel=1e-12)


def test_nobody_who_teaches_something_makes_all_rates_alike() -> None:
    one = np.ones(3)
    assert not sums.log_chances(one, one, one, np.zeros(3), one, one).any()


def test_the_path_is_the_likeliest_of_all(chance: np.random.Generator) -> None:
    gain = chance.normal(size=(4, 5))

    def worth(states: tuple[int, ...]) -> float:
        steps = [abs(after - before) for before, after in pairwise(states)]
        costs = [0.0 if step == 0 else 0.5 if step == 1 else 1.0 for step in steps]
        return float(sum(gain[block, state] for block, state in enumerate(states))) - sum(costs)

    path, total = sums.best_path(gain, 0.5, 1.0)
    assert total == pytest.approx(max(worth(states) for states in product(range(5), repeat=4)))
    assert worth(tuple(path.tolist())) == pytest.approx(total)


def test_numbers_about_moments(chance: np.random.Generator) -> None:
    times, moments = np.sort(chance.integers(0, 50, 200)).astype(float), np.sort(chance.integers(-9, 60, 90) / 2.0)
    wanted = [int(np.sum(np.abs(times - moment) <= 1.5)) for moment in moments]
    assert sums.numbers_about(times, moments, 1.5).tolist() == wanted


def test_who_still_waits() -> None:
    edges, above = np.array([0.0, 1.0, 10.0]), np.array([1.0, 0.4, 0.0])
    ages, delays, mass = np.array([0.0, 2.0, 3.5, 20.0]), np.array([-1.0, 3.0]), np.array([0.25, 0.75])
    lags = ages[:, None] - delays[None, :]
    wanted = np.where(lags < 0.0, 1.0, np.interp(lags, edges, above, right=0.0)) @ mass
    assert sums.waiting_shares(above, edges, ages, delays, mass) == pytest.approx(wanted)


def test_lags_are_counted_by_block_and_crowd() -> None:
    x, y = np.array([0.0, 10.0, 20.0]), np.array([1.0, 11.5, 12.0, 40.0])
    counts = sums.lag_histograms(x, np.array([0, 1, 3]), y, np.array([0, 0, 1, 1]), (0.0, 4.0), 1.0, 2)
    assert counts.shape == (2, 2, 6)
    assert [tuple(place) for place in np.argwhere(counts)] == [(0, 0, 1), (1, 0, 1), (1, 1, 2)]


def test_the_lag_that_most_crossings_share_is_found(chance: np.random.Generator) -> None:
    pairs = np.array([[3, *chance.integers(0, 20, 4)] for _ in range(200)])
    mass = sums.common_lag(
        np.arange(0, 1001, 5),
        pairs.ravel().astype(np.uint16),
        np.full(200, 0.2),
        np.ones(20),
        np.full(20, 0.05),
        0.8,
        60,
    )
    assert mass.sum() == pytest.approx(1.0)
    assert np.argmax(mass) == 3
