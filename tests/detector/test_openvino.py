"""The same boxes on OpenVINO as on onnxruntime; needs the extra `openvino`."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_detector import openvino_session
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.measure import Way, agree, measure
from tests.support import toymodel

installed = pytest.mark.skipif(not openvino_session.is_installed(), reason="the extra openvino is not installed")


@installed
@pytest.mark.parametrize("shape", [(1, 3, 64, 64), ("batch", 3, "height", "width")], ids=["fixed", "dynamic"])
def test_a_model_gives_the_same_boxes_as_on_onnxruntime(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    path = toymodel.save(tmp_path / "toy.onnx", shape=shape)
    frame = np.zeros((48, 64, 3), np.uint8)
    ours, theirs = (Detector.load(path, size=64, providers=[name]).detect(frame) for name in ("cpu", "openvino"))
    assert len(ours) == len(theirs) > 0
    np.testing.assert_allclose(ours.boxes, theirs.boxes, atol=1e-3)
    assert ours.labels == theirs.labels


@installed
def test_the_default_model_agrees_on_a_real_frame(root: Path) -> None:
    read, frame = cv2.VideoCapture(str(root / "datasets/sample/pier.mp4")).read()
    assert read
    ours, theirs = (Detector.load(find("default"), size=320, providers=[name]) for name in ("cpu", "openvino"))
    assert theirs.provider == "openvino"
    assert agree([ours.detect(frame)], [theirs.detect(frame)]) == 1.0


@installed
def test_bench_measures_it_as_one_more_way(tmp_path: Path) -> None:
    path = toymodel.save(tmp_path / "toy.onnx")
    frames = [np.zeros((64, 64, 3), np.uint8)] * 3
    measured = measure(Way(model=path), [Way(model=path, provider="openvino")], frames)[1]
    assert measured.frame_ms is not None
    assert measured.agreement == 1.0


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_session, "is_installed", lambda: False)
    with pytest.raises(TapalError, match=r"pip install 'tapal\[openvino\]'"):
        openvino_session.OpenVinoSession(toymodel.save(tmp_path / "toy.onnx"))
