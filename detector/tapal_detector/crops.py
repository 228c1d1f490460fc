"""See far people larger: besides the whole frame, show the model chosen regions of it at full size."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tapal_contract.geometry import Box
from tapal_detector.detections import Detections
from tapal_detector.letterbox import Frame
from tapal_detector.nms import suppress
from tapal_detector.overlap import inside_matrix

# A box this near to an inner edge of its region may be cut off there.
_EDGE_PX = 2.0
_SAME_IOU = 0.5
_INSIDE = 0.8


class DetectsBatch(Protocol):
    """What is needed of a detector."""

    def detect_batch(self, frames: Sequence[Frame]) -> list[Detections]:
        """Boxes in each of several frames, which may differ in size."""
        ...


def detect_with_regions(detector: DetectsBatch, frame: Frame, regions: Sequence[Box]) -> Detections:
    """Boxes in the whole frame and, larger, in regions (shares of the frame); each thing once."""
    height, width = frame.shape[:2]
    corners = [
        (round(x1 * width), round(y1 * height), max(round(x2 * width), 1), max(round(y2 * height), 1))
        for x1, y1, x2, y2 in regions
    ]
    parts = [frame[y1:y2, x1:x2] for x1, y1, x2, y2 in corners]
    whole, *found = detector.detect_batch([frame, *parts])
    moved = [_place(one, corner, (width, height)) for one, corner in zip(found, corners, strict=True)]
    return merge([whole, *moved])


def merge(found: Sequence[Detections]) -> Detections:
    """All boxes, those of one label around one thing only once; earlier ones hide the parts of them in later ones."""
    together = Detections.together(found)
    boxes, confidences, labels = together.boxes, together.confidences, together.labels
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    classes = np.array([numbers[label] for label in labels], np.intp)
    kept = suppress(boxes, confidences, classes, iou=_SAME_IOU, most=len(labels) or 1)
    inside = inside_matrix(boxes[kept], boxes[kept])
    np.fill_diagonal(inside, 0)
    inside[classes[kept][:, None] != classes[kept][None, :]] = 0
    # Of two boxes of one label, one within the other, the larger one shows the whole thing.
    partial = (inside > _INSIDE).any(axis=1)
    return together.keep(kept[~partial])


def _place(found: Detections, corner: tuple[int, int, int, int], size: tuple[int, int]) -> Detections:
    x1, y1, x2, y2 = corner
    boxes = found.boxes + np.array([x1, y1, x1, y1], np.float32)
    cut = (
        ((boxes[:, 0] < x1 + _EDGE_PX) & (x1 > 0))
        | ((boxes[:, 1] < y1 + _EDGE_PX) & (y1 > 0))
        | ((boxes[:, 2] > x2 - _EDGE_PX) & (x2 < size[0]))
        | ((boxes[:, 3] > y2 - _EDGE_PX) & (y2 < size[1]))
    )
    return Detections(boxes, found.confidences, found.labels).keep(~cut)
