import math
import random

import pytest

from tapal_contract.errors import TapalError
from tapal_detector.recall import chapman, counted_by_both


def test_two_perfect_counters_leave_nothing_unseen() -> None:
    found = chapman(40, 40, 40)
    assert found.total.value == found.total.low == 40
    assert found.total.high < 42
    assert found.first_recall.value == found.second_recall.value == 1
    assert found.first_recall.low < 0.95


def test_known_numbers() -> None:
    found = chapman(200, 150, 120)
    assert found.total.value == pytest.approx(201 * 151 / 121 - 1)
    assert found.first_recall.value == pytest.approx(120 / 150)
    assert found.second_recall.value == pytest.approx(120 / 200)
    assert 230 <= found.total.low < found.total.value < found.total.high


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    dice, inside, trials = random.Random(3), 0, 400
    for _ in range(trials):
        seen = [(dice.random() < 0.9, dice.random() < 0.8) for _ in range(300)]
        found = chapman(sum(a for a, _ in seen), sum(b for _, b in seen), sum(a and b for a, b in seen))
        inside += found.total.low <= 300 <= found.total.high
    assert inside / trials > 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials)


def test_nothing_counted_says_nothing() -> None:
    assert chapman(0, 0, 0).first_recall.low == 0
    assert chapman(0, 0, 0).first_recall.high == 1
    assert chapman(3, 4, 0).total.high == math.inf


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(TapalError, match="5 crossings counted by both cannot be among 4 and 9"):
        chapman(4, 9, 5)


@pytest.mark.parametrize(
    ("first", "second", "options", "expected"),
    [
        pytest.param(
            [(10, "inbound"), (20, "inbound")], [(10.5, "inbound"), (90, "inbound")], {}, 1, id="near-in-time"
        ),
        pytest.param([(10, "inbound")], [(10, "outbound")], {}, 0, id="other-direction"),
        pytest.param([(10, "inbound")], [(16, "inbound")], {"travel_s": 6}, 1, id="walks-from-one-to-the-other"),
        pytest.param([(16, "outbound")], [(10, "outbound")], {"travel_s": 6}, 1, id="and-back"),
        pytest.param([(10, "inbound")], [(10, "inbound"), (10.1, "inbound")], {}, 1, id="each-once"),
        pytest.param([], [(10, "inbound")], {}, 0, id="nothing"),
    ],
)
def test_counted_by_both(first: list, second: list, options: dict, expected: int) -> None:
    assert counted_by_both(first, second, **options) == expected
