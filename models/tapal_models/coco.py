"""Average precision over ten overlaps as COCO counts it, so that a figure can be laid beside published ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tapal_detector.overlap import iou_matrix

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True)
class Graded:
    """One frame, detections surest first: which of them are right, and which wrong, at each of `OVERLAPS` (10, N).

    What is neither counts neither way.
    """

    confidences: Floats
    right: Flags
    wrong: Flags
    truths: int


def grade(
    truths: Floats,
    boxes: Floats,
    confidences: Floats,
    *,
    ignored: Floats | None = None,
    others: Floats | None = None,
    outside: Flags | None = None,
) -> Graded:
    """Match detections to true boxes, the surest first, each to the free true box it overlaps most.

    Args:
        truths: true boxes (M, 4).
        boxes: detections (N, 4).
        confidences: of the detections (N).
        ignored: boxes (K, 4) that need not be found, nor is it wrong to find them, however often.
        others: true boxes (L, 4) of a size that is not asked for: each may be found once.
        outside: detections (N) of a size that is not asked for: they are not wrong where they find nothing.
    """
    order = np.argsort(-np.asarray(confidences), kind="stable")
    found = np.asarray(boxes, np.float32).reshape(-1, 4)[order]
    right, left = _taken(found, truths, np.zeros((len(OVERLAPS), len(found)), bool))
    if others is not None:
        left &= ~_taken(found, others, right)[0]
    wrong = left
    if outside is not None:
        wrong &= ~outside[order]
    if ignored is not None and len(ignored) and len(found):
        near = iou_matrix(found, np.asarray(ignored, np.float32)).max(axis=1)
        wrong &= near < OVERLAPS[:, None]
    return Graded(np.asarray(confidences, np.float32)[order], right, wrong, len(truths))


def _taken(found: Floats, truths: Floats, busy: Flags) -> tuple[Flags, Flags]:
    """Which detections take a true box at each overlap, those left out that are `busy`; and which take none."""
    taken = np.zeros((len(OVERLAPS), len(found)), bool)
    if len(truths) and len(found):
        agreement = iou_matrix(found, np.asarray(truths, np.float32))
        free = np.ones((len(OVERLAPS), len(truths)), bool)
        steps = np.arange(len(OVERLAPS))
        for place, row in enumerate(agreement):
            left = np.where(free, row, -1.0)
            best = left.argmax(axis=1)
            here = (left[steps, best] >= OVERLAPS) & ~busy[:, place]
            taken[here, place] = True
            free[steps[here], best[here]] = False
    return taken, ~taken & ~busy


def mean_average_precision(frames: Sequence[Graded]) -> float:
    """The mean of the average precisions at overlaps .50 to .95 (mAP50-95 of one label); 0 where nothing was true."""
    return float(np.mean(average_precisions(frames)))


def average_precisions(frames: Sequence[Graded]) -> npt.NDArray[np.float64]:
    """At each overlap: the mean of the best precision that is had at each of 101 recalls or above."""
    truths = sum(frame.truths for frame in frames)
    result = np.zeros(len(OVERLAPS))
    if not truths:
        return result
    order = np.argsort(-np.concatenate([frame.confidences for frame in frames]), kind="stable")
    found = np.cumsum(np.concatenate([frame.right for frame in frames], axis=1)[:, order], axis=1)
    failed = np.cumsum(np.concatenate([frame.wrong for frame in frames], axis=1)[:, order], axis=1)
    for place, (right, wrong) in enumerate(zip(found, failed, strict=True)):
        precision = np.maximum.accumulate((right / np.maximum(right + wrong, 1))[::-1])[::-1]
        reached = np.searchsorted(right / truths, RECALLS, side="left")
        result[place] = precision[reached[reached < len(precision)]].sum() / len(RECALLS)
    return result
