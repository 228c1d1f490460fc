"""Merging what a teacher saw."""

import numpy as np
import pytest

from tapal_models import teacher


def box(x: float, confidence: float, number: int = 0) -> list[float]:
    return [x, 0, x + 10, 10, confidence, number]


def views(*boxes: list[list[float]]) -> list[np.ndarray]:
    return [np.array(view, np.float64).reshape(-1, 6) for view in boxes]


@pytest.mark.parametrize(
    ("seen", "confidences"),
    [
        pytest.param(views([box(0, 0.8)], [box(1, 0.6)]), [0.7], id="two-views-agree"),
        pytest.param(views([box(0, 0.8)], []), [0.4], id="one-view-counts-half"),
        pytest.param(views([box(0, 0.8)], [box(1, 0.6, 2)]), [0.4, 0.3], id="other-labels-do-not-agree"),
        pytest.param(views([box(0, 0.8)], [box(50, 0.6)]), [0.4, 0.3], id="other-places-do-not-agree"),
        pytest.param(views([], []), [], id="nothing"),
    ],
)
def test_merging(seen, confidences) -> None:
    assert teacher.merge(seen)[:, 4].tolist() == pytest.approx(confidences)


def test_the_surer_view_weighs_more() -> None:
    merged = teacher.merge(views([box(0, 0.9)], [box(2, 0.1)]))
    assert merged[0, 0] == pytest.approx(0.2)
