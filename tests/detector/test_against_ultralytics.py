"""The same file gives the same boxes here as in Ultralytics: needs the train extra."""

import importlib.util
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector

pytestmark = [
    pytest.mark.train,
    pytest.mark.shared,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(importlib.util.find_spec("ultralytics") is None, reason="the train extra is not installed"),
]


def frames(shared: Path) -> list[np.ndarray]:
    """Real frames of three sizes and shapes."""
    images = []
    for name in ("pets09-s2l1.avi", "boats.mp4", "one-by-one.mp4"):
        capture = cv2.VideoCapture(str(shared / "data" / name))
        images += [capture.read()[1] for _ in islice(range(200), 200)][40::80]
        capture.release()
    images.append(np.ascontiguousarray(images[0][:, :301]))
    return images


def theirs(model: Any, image: np.ndarray, size: int, confidence: float) -> Detections:
    boxes = model.predict(image, imgsz=size, conf=confidence, verbose=False, device="cpu")[0].boxes
    names = [model.names[int(number)] for number in boxes.cls]
    return Detections.of(boxes.xyxy.numpy().tolist(), names, boxes.conf.numpy().tolist())


def assert_same(ours: Detections, other: Detections) -> None:
    """Every box within 1 px and .01 confidence; boxes of equal confidence may come in another order."""
    assert len(ours) == len(other)
    left = list(range(len(other)))
    for box, confidence, label in zip(ours.boxes, ours.confidences, ours.labels, strict=True):
        near = min(left, key=lambda index: float(np.abs(other.boxes[index] - box).max()))
        assert np.abs(other.boxes[near] - box).max() <= 1
        assert abs(other.confidences[near] - confidence) <= 0.01
        assert other.labels[near] == label
        left.remove(near)


@pytest.mark.parametrize("size", [320, 480, 640])
def test_the_default_model(shared: Path, size: int) -> None:
    from ultralytics import YOLO

    path = find("default")
    ours, other = Detector.load(path, size=size), YOLO(str(path), task="detect")
    counts = 0
    for image in frames(shared):
        found = ours.detect(image)
        counts += len(found)
        assert_same(found, theirs(other, image, size, 0.25))
    assert counts > 20


@pytest.mark.parametrize(
    ("weights", "options"),
    [
        pytest.param("yolov8n-coco.pt", {}, id="v8-fixed"),
        pytest.param("yolov8n-coco.pt", {"dynamic": True}, id="v8-dynamic"),
        pytest.param("yolov8n-coco.pt", {"nms": True}, id="v8-end-to-end"),
        pytest.param("yolo11n.yaml", {"dynamic": True}, id="11-untrained"),
        pytest.param("yolo26n.yaml", {}, id="26-end-to-end-untrained"),
        pytest.param("yolov10n.yaml", {}, id="v10-end-to-end-untrained"),
    ],
)
def test_exports(shared: Path, tmp_path: Path, weights: str, options: dict[str, Any]) -> None:
    import shutil

    import torch
    from ultralytics import YOLO

    torch.manual_seed(0)
    if weights.endswith(".pt"):
        shutil.copy(shared / "models" / weights, tmp_path / weights)
        (tmp_path / weights).chmod(0o600)
        model = YOLO(str(tmp_path / weights))
        confidence = 0.25
    else:
        model = YOLO(weights)
        model.save(str(tmp_path / "untrained.pt"))
        model = YOLO(str(tmp_path / "untrained.pt"))
        # Untrained heads are sure of nothing; take the surest few.
        confidence = 1e-4
    path = Path(model.export(format="onnx", imgsz=320, simplify=False, **options))
    ours, other = Detector.load(path, confidence=confidence), YOLO(str(path), task="detect")
    counts = 0
    for image in frames(shared)[:4]:
        found = ours.detect(image)
        counts += len(found)
        assert_same(found, theirs(other, image, 320, confidence))
    assert counts or not weights.endswith(".pt")
