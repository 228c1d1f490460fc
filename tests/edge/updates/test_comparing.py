"""What is said of two models on the same frames."""

import pytest

from tapal_contract.updates import ModelBounds
from tapal_detector.detections import Detections
from tapal_edge.updates.comparing import Comparison

BOUNDS = ModelBounds(frames=4, boxes=4, longest_s=60, agreement=0.8, counts=(0.8, 1.25), latency=1.5)


def boxes(*sure: float, at: float = 0.0, label: str = "person") -> Detections:
    """People side by side, as sure as that."""
    sides = [[100 * n + at, 0, 100 * n + 50 + at, 100] for n in range(len(sure))]
    return Detections.of(sides, [label] * len(sure), list(sure))


NOTHING = boxes()


def compared(new: Detections, old: Detections, *, frames: int = 4, slower: float = 1.0, trusted: bool = False):
    found = Comparison(BOUNDS, trusted=trusted)
    for number in range(frames):
        found.add([new], [old], new_s=0.01 * slower, old_s=0.01, elapsed_s=20.0 * (number + 1))
    return found


@pytest.mark.parametrize(
    ("new", "old", "agreement", "counts"),
    [
        pytest.param(boxes(0.9, 0.8), boxes(0.7, 0.9), 1.0, 1.0, id="the-same"),
        pytest.param(boxes(0.9, 0.3), boxes(0.9, 0.5), 1.0, 0.5, id="near-the-threshold-is-no-quarrel"),
        pytest.param(boxes(0.9), boxes(0.9, 0.9), 2 / 3, 0.5, id="one-missed"),
        pytest.param(boxes(0.9, 0.9), boxes(0.9), 2 / 3, 2.0, id="one-more"),
        pytest.param(boxes(0.9, at=40), boxes(0.9), 0.0, 1.0, id="elsewhere"),
        pytest.param(boxes(0.9, label="boat"), boxes(0.9), 0.0, 1.0, id="another-label"),
        pytest.param(NOTHING, NOTHING, None, None, id="nothing-seen"),
        pytest.param(NOTHING, boxes(0.9), 0.0, 0.0, id="blind"),
    ],
)
def test_agreement_and_counts(new, old, agreement, counts) -> None:
    found = compared(new, old)
    assert found.agreement == (None if agreement is None else pytest.approx(agreement))
    assert found.counts == counts


def test_one_box_is_not_found_twice() -> None:
    twice = Detections.of([[0, 0, 50, 100], [2, 0, 52, 100]], ["person", "person"], [0.9, 0.8])
    assert compared(twice, boxes(0.9)).agreement == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("given", "verdict", "says"),
    [
        pytest.param({"new": boxes(0.9), "old": boxes(0.9)}, "good", "", id="good"),
        pytest.param({"new": boxes(0.9), "old": boxes(0.9), "slower": 2}, "bad", "2.00 times as long", id="slow"),
        pytest.param({"new": boxes(0.9), "old": boxes(0.9, 0.9)}, "bad", "agreement 0.67", id="disagrees"),
        pytest.param({"new": NOTHING, "old": NOTHING}, "bad", "try again when more goes on", id="too-little-seen"),
        pytest.param({"new": NOTHING, "old": NOTHING, "trusted": True}, "good", "", id="trusted-on-a-quiet-day"),
    ],
)
def test_the_verdict(given, verdict, says) -> None:
    found = compared(**given).verdict()
    assert found is not None
    assert found[0] == verdict
    assert says in found[1]


def test_nothing_is_said_too_early() -> None:
    assert compared(boxes(0.9), boxes(0.9), frames=2).verdict() is None
