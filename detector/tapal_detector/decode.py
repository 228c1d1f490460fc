"""From the numbers a YOLO model gives back to boxes in the pixels of its input."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tapal_detector.detections import FloatArray
from tapal_detector.nms import suppress

FEW_CLASSES = 8  # so many rows are compared faster one by one than all together


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What counts as a detection; the defaults are those of Ultralytics.

    Attributes:
        confidence: boxes at or below it are dropped.
        iou: two boxes of one class that overlap more are one thing.
        most: no more boxes than this from one frame.
        classes: only these class numbers, or all.
    """

    confidence: float = 0.25
    iou: float = 0.7
    most: int = 300
    classes: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes (x1 y1 x2 y2) with confidence and class number."""

    boxes: FloatArray
    confidences: FloatArray
    classes: NDArray[np.intp]

    def keep(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Candidates":
        """Those that a mask or a list of indices chooses."""
        return Candidates(self.boxes[chosen], self.confidences[chosen], self.classes[chosen])


def decode_raw(output: FloatArray, thresholds: Thresholds) -> Candidates:
    """One image of a raw head: (4 + classes, anchors), boxes as centre and size, still overlapping."""
    scores = output[4:]
    likely = np.flatnonzero(_highest(scores, thresholds.classes) > thresholds.confidence)
    scores = scores[:, likely]
    classes = scores.argmax(axis=0)
    centre, half = output[:2, likely].T, output[2:4, likely].T / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    found = _of_classes(Candidates(boxes, scores[classes, np.arange(len(likely))], classes), thresholds.classes)
    kept = suppress(found.boxes, found.confidences, found.classes, iou=thresholds.iou, most=thresholds.most)
    return found.keep(kept)


def decode_end_to_end(output: FloatArray, thresholds: Thresholds) -> Candidates:
    """One image of an end-to-end head: (rows, 6) of x1 y1 x2 y2 confidence class, already one box for each thing."""
    rows = output[output[:, 4] > thresholds.confidence][: thresholds.most]
    found = Candidates(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.intp))
    return _of_classes(found, thresholds.classes)


def _highest(scores: FloatArray, classes: tuple[int, ...] | None) -> FloatArray:
    """Each anchor's highest score among the wanted classes; that of its surest class may be higher yet."""
    if not classes or len(classes) > FEW_CLASSES:
        most: FloatArray = scores.max(axis=0)
        return most
    return reduce(np.maximum, (scores[number] for number in classes))


def _of_classes(found: Candidates, classes: tuple[int, ...] | None) -> Candidates:
    if classes is None:
        return found
    if len(classes) > FEW_CLASSES:
        return found.keep(np.isin(found.classes, classes))
    chosen = np.zeros(len(found.classes), np.bool_)
    for number in classes:  # isin would take as long as the rest of decoding
        chosen |= found.classes == number
    return found if chosen.all() else found.keep(chosen)
