"""Set how sure a trained model says it is, so that at the usual confidence it loses neither precision nor recall.

Further training moves all confidences together. On held-out pictures we look for the lowest confidence at which the
trained model is behind its start neither in precision nor in recall, at no size, and shift the label's scores so that
this confidence becomes the usual one.
"""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_models import exporting, extra, metrics, slicing
from tapal_models.evaluation import CONFIDENCE, LEAST, OVERLAP
from tapal_models.labels import LABELS, NAMES
from tapal_models.metrics import Judged

SIZES = (320, 480, 640)
GRID = tuple(round(0.15 + 0.01 * step, 2) for step in range(31))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was chosen, and what it gains on the held-out pictures."""

    confidence: float
    shift: float
    gain: float


def calibrate(weights: Path, start: Path, pictures: Path, out: Path, *, label: str = "person") -> Calibration:
    """Write `weights` with `label`'s scores shifted to `out`."""
    images = sorted((pictures / "images").glob("*.jpg"))
    if not images:
        raise TapalError(f"no images/*.jpg in {str(pictures)!r}: give the folder of held-out pictures")
    with tempfile.TemporaryDirectory() as folder:
        judged = []
        for number, file in enumerate((weights, start)):
            onnx = exporting.export_onnx(slicing.load_sliced(file, LABELS), Path(folder) / f"{number}.onnx")
            judged.append({size: judge_pictures(onnx, images, label, size=size) for size in SIZES})
    found = choose([judged[0][size] for size in SIZES], [judged[1][size] for size in SIZES])
    model = slicing.load_sliced(weights, LABELS)
    shift(model, label, found.shift)
    exporting.save_checkpoint(model, out)
    return found


def choose(candidate: Sequence[Sequence[Judged]], start: Sequence[Sequence[Judged]]) -> Calibration:
    """The lowest confidence (most recall) that loses nothing at any size; where none does, the one that loses least."""
    aims = [metrics.score(frames, confidence=CONFIDENCE) for frames in start]

    def smallest_gain(confidence: float) -> float:
        scores = [metrics.score(frames, confidence=confidence) for frames in candidate]
        gains = ((s.precision - a.precision, s.recall - a.recall) for s, a in zip(scores, aims, strict=True))
        return min(min(pair) for pair in gains)

    gains = {confidence: smallest_gain(confidence) for confidence in GRID}
    lossless = [confidence for confidence, gain in gains.items() if gain >= 0]
    best = min(lossless) if lossless else max(GRID, key=lambda c: (round(gains[c], 4), -abs(c - CONFIDENCE)))
    return Calibration(best, logit(CONFIDENCE) - logit(best), gains[best])


def logit(probability: float) -> float:
    """What a sigmoid makes this probability of."""
    return math.log(probability / (1 - probability))


def shift(model: Any, label: str, by: float) -> None:
    """Add `by` to the label's score before the sigmoid, everywhere."""
    head, row = model.model[-1], list(model.names.values()).index(label)
    with extra.torch().no_grad():
        for branch in [*head.cv3, *(getattr(head, "one2one_cv3", None) or [])]:
            branch[-1].bias[row] += by


def judge_pictures(model: Path, images: Sequence[Path], label: str, *, size: int) -> list[Judged]:
    """Judge a model on pictures with YOLO labels beside them."""
    detector = Detector.load(model, size=size, labels=[label], confidence=LEAST)
    judged = []
    for path in images:
        image = cv2.imread(str(path))
        if image is None:
            raise TapalError(f"image {str(path)!r} cannot be read: remove it or write it again")
        seen = detector.detect(np.asarray(image, np.uint8))
        truth = read_boxes(path.parent.parent / "labels" / f"{path.stem}.txt", label, image.shape)
        judged.append(metrics.judge(truth, seen.boxes, seen.confidences, overlap=OVERLAP))
    return judged


def read_boxes(path: Path, label: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """The label's boxes in pixels from a YOLO label file."""
    rows = np.loadtxt(path, ndmin=2) if path.is_file() and path.stat().st_size else np.zeros((0, 5))
    if rows.shape[1] != 5:
        raise TapalError(f"labels {str(path)!r} are not rows of 'class x y width height': correct them")
    rows = rows[rows[:, 0] == NAMES.index(label), 1:]
    centre, half = rows[:, :2], rows[:, 2:] / 2
    scale = np.array([shape[1], shape[0]] * 2)
    return np.asarray(np.hstack([centre - half, centre + half]) * scale, np.float32)
