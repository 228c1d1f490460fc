from pathlib import Path

import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_detector import measure
from tapal_detector.detections import Detections
from tapal_detector.measure import Way, agree, cameras, choose
from tests.support import toymodel

FRAMES = [np.zeros((64, 64, 3), np.uint8)] * 4


class Clock:
    """Moves on by what the detector that runs is said to need."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Fake:
    """Sees given boxes in a given time."""

    def __init__(self, clock: Clock, seconds: float, boxes: list[list[float]]) -> None:
        self.clock, self.seconds, self.boxes = clock, seconds, boxes

    def detect(self, _frame: np.ndarray) -> Detections:
        self.clock.now += self.seconds
        return Detections.of(self.boxes, ["person"] * len(self.boxes))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(measure, "time", one)
    return one


BOX = [[0.0, 0.0, 10.0, 20.0]]
FLOAT, INT8, OTHER = (Way(model=Path(f"{name}.onnx")) for name in ("float", "int8", "other"))


@pytest.mark.parametrize(
    ("seconds", "boxes", "chosen", "reason"),
    [
        pytest.param(0.5, BOX, INT8, "2.00 times as fast", id="faster-and-the-same"),
        pytest.param(2.0, BOX, FLOAT, "not clearly faster: 2.00 times", id="slower"),
        pytest.param(0.98, BOX, FLOAT, "not clearly faster: 0.98 times", id="hardly-faster"),
        pytest.param(0.5, [[0.0, 0.0, 10.0, 10.0]], FLOAT, "differs: agreement 0.000", id="faster-but-differs"),
    ],
)
def test_only_what_is_faster_and_agrees_is_chosen(
    clock: Clock, seconds: float, boxes: list[list[float]], chosen: Way, reason: str
) -> None:
    fakes = {FLOAT: Fake(clock, 1.0, BOX), INT8: Fake(clock, seconds, boxes)}
    measured = measure.measure(FLOAT, [INT8], FRAMES, load=fakes.__getitem__)
    assert choose(measured).way == chosen
    assert measured[1].reason.startswith(reason)
    assert measured[0].frame_ms == pytest.approx(1000)


def test_a_way_that_cannot_run_is_told_and_passed_over(tmp_path: Path) -> None:
    reference = Way(model=toymodel.save(tmp_path / "toy.onnx"), threads=1)
    broken = Way(model=tmp_path / "missing.onnx")
    measured = measure.measure(reference, [broken], FRAMES)
    assert [one.accepted for one in measured] == [True, False]
    assert "missing.onnx' cannot be read" in measured[1].reason


def test_no_frames_is_one_sentence() -> None:
    with pytest.raises(TapalError, match="no frames to measure with"):
        measure.measure(FLOAT, [], [])


def test_agreement_needs_label_and_place() -> None:
    one, other = Detections.of(BOX, ["person"]), Detections.of(BOX, ["boat"])
    assert agree([one], [one]) == 1
    assert agree([one], [other]) == 0
    assert agree([one], [Detections.none()]) == 0
    assert agree([Detections.none()], [Detections.none()]) == 1


def test_cameras_keep_a_reserve() -> None:
    assert cameras(40, fps=5) == 4
    assert cameras(400, fps=5) == 0
