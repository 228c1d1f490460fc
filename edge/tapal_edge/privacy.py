"""No face leaves the box: heads are made of a few coarse squares, from which nothing can be won back."""

from collections.abc import Iterable

import cv2
import numpy as np

from tapal_detector.detections import Detections
from tapal_edge.sources.frame import Image

PERSON = "person"
HEAD_SHARE = 0.30  # of the height of a standing person a head is 1/7; crouching, leaning and cut-off ones have more
MARGIN_SHARE = 0.15
SQUARES_AT_MOST = 4

Rectangle = tuple[int, int, int, int]


def head_of(box: tuple[float, float, float, float], width: int, height: int) -> Rectangle | None:
    """Return the part of a person's box in which the head is, with a margin, cut to the frame.

    The square at the top of a wide box (somebody bending, a group) is higher than its share of the height.
    """
    x1, y1, x2, y2 = box
    side, margin = x2 - x1, MARGIN_SHARE * (x2 - x1)
    bottom = y1 + max(HEAD_SHARE * (y2 - y1), min(side, 0.5 * (y2 - y1)))
    left, top = int(max(0, x1 - margin)), int(max(0, y1 - margin))
    right, low = int(np.ceil(min(width, x2 + margin))), int(np.ceil(min(height, bottom)))
    return (left, top, right, low) if right > left and low > top else None


def blur_heads(image: Image, looks: Iterable[Detections]) -> Image:
    """Return a copy in which the heads of all persons are unrecognisable.

    Args:
        image: the frame.
        looks: detections of this frame, with all unsure ones, and of the frames beside it, so that a person whom
            the detector missed for a moment is covered too.
    """
    covered = image.copy()
    height, width = image.shape[:2]
    for detections in looks:
        for box, label in zip(detections.boxes, detections.labels, strict=True):
            if label == PERSON:
                x1, y1, x2, y2 = (float(value) for value in box)
                head = head_of((x1, y1, x2, y2), width, height)
                if head is not None:
                    _cover(image, covered, head)
    return covered


def _cover(image: Image, covered: Image, head: Rectangle) -> None:
    left, top, right, low = head
    part = image[top:low, left:right]
    columns = min(SQUARES_AT_MOST, part.shape[1])
    rows = min(SQUARES_AT_MOST, part.shape[0])
    coarse = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    # averages are taken from the untouched image, so heads that overlap do not sharpen one another
    covered[top:low, left:right] = cv2.resize(coarse, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_NEAREST)
