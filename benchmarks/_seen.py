"""Frames of the recordings and what the detector sees in them, cached so that repeated counting is fast."""

import hashlib
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tapal_detector.detections import Detections
from tapal_detector.detector import Detector

SHARED = Path(__file__).resolve().parents[2] / "shared"
CACHE = Path(tempfile.gettempdir()) / "tapal-benchmarks"
LEAST_CONFIDENCE = 0.05


def frames(video: Path) -> Iterator[NDArray[np.uint8]]:
    """Every frame of a file."""
    capture = cv2.VideoCapture(str(video))
    try:
        while True:
            read, frame = capture.read()
            if not read:
                return
            yield frame.astype(np.uint8, copy=False)
    finally:
        capture.release()


def seen(video: Path, model: Path, size: int) -> list[Detections]:
    """Detections of every frame, all labels, from the cache or by running the model."""
    key = hashlib.sha256(model.read_bytes()).hexdigest()[:12]
    path = CACHE / f"{video.stem}-{model.stem}-{key}-{size}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        detector = Detector.load(model, size=size, confidence=LEAST_CONFIDENCE)
        _write(path, [detector.detect(frame) for frame in frames(video)])
    return _read(path)


def at_least(found: list[Detections], confidence: float, labels: tuple[str, ...]) -> list[Detections]:
    """What a detector with this threshold and label filter would have given."""
    return [
        one.keep((one.confidences > confidence) & np.array([label in labels for label in one.labels], np.bool_))
        for one in found
    ]


def _write(path: Path, found: list[Detections]) -> None:
    frame = np.repeat(np.arange(len(found)), [len(one) for one in found])
    rows = np.concatenate([np.column_stack([one.boxes, one.confidences]) for one in found])
    labels = np.array([label for one in found for label in one.labels], dtype="U32")
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, frame=frame, rows=rows, labels=labels, frames=len(found))
    partial.rename(path)


def _read(path: Path) -> list[Detections]:
    with np.load(path) as file:
        frame, rows, labels, count = file["frame"], file["rows"].astype(np.float32), file["labels"], int(file["frames"])
    starts = np.searchsorted(frame, np.arange(count + 1))
    return [
        Detections(rows[a:b, :4], rows[a:b, 4], tuple(str(label) for label in labels[a:b])) for a, b in pairwise(starts)
    ]
