"""Non-maximum suppression: of several boxes around one thing keep the surest."""

import numpy as np
from numpy.typing import NDArray

from tapal_detector.detections import FloatArray
from tapal_detector.overlap import iou_matrix

MOST_CANDIDATES = 30_000
# Boxes of different classes are moved this far apart, so that they never suppress each other (as Ultralytics does).
CLASS_OFFSET = 7680.0
# So many boxes are compared all with all at once, which is cheaper than row by row.
AT_ONCE = 256


def suppress(
    boxes: FloatArray, confidences: FloatArray, classes: NDArray[np.intp], *, iou: float, most: int
) -> NDArray[np.intp]:
    """Indices of the boxes to keep, surest first; only boxes of the same class suppress each other."""
    order = np.argsort(-confidences, kind="stable")[:MOST_CANDIDATES]
    apart = boxes[order]
    if classes.any():
        apart = apart + (classes[order, None] * CLASS_OFFSET).astype(np.float32)
    same = iou_matrix(apart, apart) > iou if len(order) <= AT_ONCE else None
    kept: list[int] = []
    alive = np.ones(len(order), np.bool_)
    for index in range(len(order)):
        if not alive[index]:
            continue
        kept.append(index)
        if len(kept) == most:
            break
        if same is not None:
            alive &= ~same[index]
            continue
        rest = np.flatnonzero(alive[index + 1 :]) + index + 1
        alive[rest] = iou_matrix(apart[index : index + 1], apart[rest])[0] <= iou
    return order[kept]
