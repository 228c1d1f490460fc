"""Near repeats: pictures that look alike and whose boxes say the same teach nothing new."""

from collections.abc import Sequence

import cv2
import numpy as np

from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.yolofiles import Image, Label

SIDE = 8
ALIKE_BITS = 4
"""Two difference hashes of 64 bits that differ in no more than these are of pictures that look alike."""
SAME_BOX = 0.8


def fingerprint(image: Image) -> int:
    """Difference hash: for each of 8 by 8 cells whether it is brighter than its neighbour to the right."""
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    bits = np.asarray(grey[:, 1:] > grey[:, :-1]).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def alike(one: int, other: int) -> bool:
    """Whether two fingerprints are of pictures that look alike."""
    return (one ^ other).bit_count() <= ALIKE_BITS


def same_boxes(ones: Sequence[Label], others: Sequence[Label]) -> bool:
    """Whether two pictures show the same things at the same places."""
    if len(ones) != len(others):
        return False
    free = list(others)
    for one in ones:
        best = max(free, key=lambda other: _overlap(one, other))
        if best.number != one.number or _overlap(one, best) < SAME_BOX:
            return False
        free.remove(best)
    return True


def count(labels: Sequence[Label]) -> dict[str, int]:
    """Boxes by label name, in the order of the taxonomy."""
    numbers = [label.number for label in labels]
    return {name: numbers.count(place) for place, name in enumerate(NAMES) if place in numbers}


def _overlap(one: Label, other: Label) -> float:
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (one.x2 - one.x1) * (one.y2 - one.y1) + (other.x2 - other.x1) * (other.y2 - other.y1)
    return both / (areas - both)
