"""Of several boxes around one thing the surest is kept."""

import numpy as np
import pytest

from tapal_detector import nms


@pytest.mark.parametrize("count", [0, 1, 40])
def test_comparing_all_boxes_at_once_keeps_the_same_ones(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(count)
    corner = dice.uniform(0, 200, (count, 2))
    boxes = np.concatenate([corner, corner + dice.uniform(20, 120, (count, 2))], axis=1).astype(np.float32)
    sure, classes = dice.random(count).astype(np.float32), dice.integers(0, 2, count)
    at_once = nms.suppress(boxes, sure, classes, iou=0.3, most=300)
    monkeypatch.setattr(nms, "AT_ONCE", -1)
    np.testing.assert_array_equal(at_once, nms.suppress(boxes, sure, classes, iou=0.3, most=300))
    assert len(at_once) < count or count < 2
