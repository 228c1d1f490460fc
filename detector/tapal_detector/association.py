"""Which detection belongs to which track."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tapal_detector.kalman import Motion

# The model confuses these with each other from frame to frame; a track may change its label within a family.
FAMILIES = ({"car", "truck", "bus", "van"}, {"bicycle", "motorcycle"})
_TOO_FAR = 1e6
_TOUCHING = 0.05


@cache
def family(label: str) -> str:
    """The name of the group of labels that one thing may be given in turn."""
    return next((min(group) for group in FAMILIES if label in group), label)


def distance_matrix(
    motions: Sequence[Motion], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squared Mahalanobis distance of every expected box to every detected one, over centre and size.

    With it, per expected box, how uncertain its centre is: of two tracks that a detection fits, the surer one has it.
    """
    corners = boxes.astype(np.float64)
    shapes = np.concatenate([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], axis=1)
    expected = np.array([motion.expected() for motion in motions])
    means, variances = expected[:, 0], expected[:, 1]
    distances: NDArray[np.float64] = ((means[:, None] - shapes[None]) ** 2 / variances[:, None]).sum(axis=2)
    spread: NDArray[np.float64] = np.log(variances[:, 0] * variances[:, 1])
    return distances, spread


def assign(costs: NDArray[np.float64], allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost among the allowed ones, as many pairs as possible."""
    if not allowed.any():
        return []
    rows, columns = linear_sum_assignment(np.where(allowed, costs, _TOO_FAR))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]


def lone(overlap: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pairs that touch each other and nobody else, of an overlap matrix."""
    touching = overlap > _TOUCHING
    alone: NDArray[np.bool_] = (touching.sum(axis=1) == 1)[:, None] & (touching.sum(axis=0) == 1)[None, :]
    return touching & alone
