"""Choosing how sure a trained model should say it is."""

from pathlib import Path

import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_models import calibration
from tapal_models.metrics import Judged


def frame(confidences: list[float], right: list[bool], truths: int) -> Judged:
    return Judged(np.array(confidences, np.float32), np.array(right), truths)


START = [[frame([0.9, 0.8, 0.3], [True, True, False], 4)]]


@pytest.mark.parametrize(
    ("candidate", "confidence"),
    [
        pytest.param([[frame([0.9, 0.8, 0.3], [True, True, False], 4)]], 0.15, id="the-same-model-may-say-more"),
        pytest.param([[frame([0.9, 0.8, 0.33, 0.27], [True, True, False, False], 4)]], 0.28, id="over-sure-of-errors"),
        pytest.param([[frame([0.9, 0.35], [True, False], 4)]], 0.25, id="nothing-helps-stay"),
    ],
)
def test_the_lowest_confidence_that_loses_nothing(candidate: list[list[Judged]], confidence: float) -> None:
    found = calibration.choose(candidate, START)
    assert found.confidence == confidence
    assert (found.shift > 0) == (confidence < 0.25)


def test_labels_are_read_in_pixels(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0.5 0.5 0.2 0.4\n2 0.1 0.1 0.1 0.1\n")
    boxes = calibration.read_boxes(tmp_path / "a.txt", "person", (100, 200, 3))
    assert boxes.round(3).tolist() == [[80, 30, 120, 70]]
    assert len(calibration.read_boxes(tmp_path / "none.txt", "person", (100, 200, 3))) == 0


def test_labels_of_another_shape_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0.5 0.5\n")
    with pytest.raises(TapalError, match=r"a\.txt"):
        calibration.read_boxes(tmp_path / "a.txt", "person", (100, 200, 3))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapalError, match="no images"):
        calibration.calibrate(tmp_path / "a.pt", tmp_path / "b.pt", tmp_path, tmp_path / "c.pt")
