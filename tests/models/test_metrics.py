"""Matching, scores, average precision and paired intervals."""

import numpy as np
import pytest

from tapal_models import metrics

A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [100, 100, 110, 110]
NEAR_A = [1, 0, 11, 10]


def judge(truths: list[list[int]], boxes: list[list[int]], confidences: list[float]) -> metrics.Judged:
    shaped = [np.array(x, np.float32).reshape(-1, 4) for x in (truths, boxes)]
    return metrics.judge(shaped[0], shaped[1], np.array(confidences, np.float32))


@pytest.mark.parametrize(
    ("truths", "boxes", "confidences", "right", "wrong", "missed"),
    [
        pytest.param([A, B], [A, B], [0.9, 0.8], 2, 0, 0, id="all-found"),
        pytest.param([A], [A, NEAR_A], [0.9, 0.8], 1, 1, 0, id="a-double-is-wrong"),
        pytest.param([A], [NEAR_A, A], [0.9, 0.8], 1, 1, 0, id="the-surer-box-takes-it"),
        pytest.param([A, B], [C], [0.9], 0, 1, 2, id="elsewhere"),
        pytest.param([A], [], [], 0, 0, 1, id="nothing-said"),
        pytest.param([], [A], [0.9], 0, 1, 0, id="nothing-there"),
    ],
)
def test_judging(truths, boxes, confidences, right, wrong, missed) -> None:
    assert metrics.score([judge(truths, boxes, confidences)]) == metrics.Score(right, wrong, missed)


def test_what_is_to_be_ignored_counts_neither_way() -> None:
    shaped = [np.array(x, np.float32) for x in ([A], [A, B, C], [B])]
    frame = metrics.judge(shaped[0], shaped[1], np.array([0.9, 0.8, 0.7], np.float32), ignored=shaped[2])
    assert metrics.score([frame]) == metrics.Score(1, 1, 0)


def test_unsure_detections_do_not_count_at_a_higher_confidence() -> None:
    frame = judge([A, B], [A, B], [0.9, 0.2])
    assert metrics.score([frame], confidence=0.25) == metrics.Score(1, 0, 1)


def test_scores_of_nothing_are_perfect_and_of_misses_zero() -> None:
    nothing = metrics.Score(0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 1, 1)
    assert metrics.Score(0, 0, 3).recall == 0


def test_average_precision_falls_with_wrong_boxes_that_are_sure() -> None:
    clean = judge([A, B], [A, B], [0.9, 0.8])
    late = judge([A, B], [A, B, C], [0.9, 0.8, 0.1])
    early = judge([A, B], [A, B, C], [0.9, 0.8, 0.95])
    assert metrics.average_precision([clean]) == pytest.approx(1.0)
    assert metrics.average_precision([late]) == pytest.approx(1.0)
    assert metrics.average_precision([early]) == pytest.approx(2 / 3)
    assert metrics.average_precision([]) == 0


def test_a_better_model_has_an_interval_above_zero_and_an_equal_one_straddles_it() -> None:
    good = [judge([A, B], [A, B], [0.9, 0.8])] * 40
    poor = [judge([A, B], [A], [0.9])] * 30 + good[:10]
    gain = metrics.bootstrap(good, poor, "recall", confidence=0.25)
    assert gain.mean == pytest.approx(30 / 80)
    assert gain.low > 0.2
    same = metrics.bootstrap(good, good, "f1", confidence=0.25)
    assert (same.mean, same.low, same.high) == (0, 0, 0)


def test_intervals_need_the_same_frames() -> None:
    with pytest.raises(ValueError, match="same frames"):
        metrics.bootstrap([judge([A], [A], [0.9])], [], "f1", confidence=0.25)
