"""Precision, recall and average precision at one overlap, and how sure a difference between two models is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tapal_detector.overlap import iou_matrix

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """One frame: each detection's confidence and whether it is right, and how many things there were.

    Right means: it overlaps a true box by at least the asked overlap, and no surer detection took that box.
    """

    confidences: Floats
    right: npt.NDArray[np.bool_]
    truths: int

    def above(self, confidence: float) -> "Judged":
        """Only detections at least this sure."""
        kept = self.confidences >= confidence
        return Judged(self.confidences[kept], self.right[kept], self.truths)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over frames."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of detections that are right; 1 where nothing was said."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of true things that were found; 1 where there were none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def judge(
    truths: Floats, boxes: Floats, confidences: Floats, *, overlap: float = 0.5, ignored: Floats | None = None
) -> Judged:
    """Match detections to true boxes, the surest first, each to the free true box it overlaps most.

    What is not right and overlaps a box of `ignored` counts neither way.
    """
    order = np.argsort(-confidences, kind="stable")
    right = np.zeros(len(boxes), bool)
    if len(truths) and len(boxes):
        agreement = iou_matrix(np.asarray(boxes, np.float32), np.asarray(truths, np.float32))
        for index in order:
            best = int(agreement[index].argmax())
            if agreement[index, best] >= overlap:
                right[index] = True
                agreement[:, best] = -1
    counted = np.ones(len(boxes), bool)
    if ignored is not None and len(ignored) and len(boxes):
        agreement = iou_matrix(np.asarray(boxes, np.float32), np.asarray(ignored, np.float32))
        counted = right | (agreement.max(axis=1) < overlap)
    order = order[counted[order]]
    return Judged(np.asarray(confidences, np.float32)[order], right[order], len(truths))


def score(frames: Sequence[Judged], *, confidence: float = 0.0) -> Score:
    """Counts at one confidence."""
    kept = [frame.above(confidence) for frame in frames]
    right = sum(int(frame.right.sum()) for frame in kept)
    said = sum(len(frame.right) for frame in kept)
    return Score(right, said - right, sum(frame.truths for frame in kept) - right)


def average_precision(frames: Sequence[Judged]) -> float:
    """Area under the precision-recall curve, precision made monotonic first (as COCO does, without its 101 points)."""
    truths = sum(frame.truths for frame in frames)
    confidences = np.concatenate([frame.confidences for frame in frames]) if frames else np.zeros(0, np.float32)
    if not truths or not len(confidences):
        return 0.0
    right = np.concatenate([frame.right for frame in frames])[np.argsort(-confidences, kind="stable")]
    found = np.cumsum(right)
    precision = np.maximum.accumulate((found / np.arange(1, len(found) + 1))[::-1])[::-1]
    return float((precision * right).sum() / truths)


Table = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better a candidate is than a champion, with a 95 % interval."""

    mean: float
    low: float
    high: float


def bootstrap(
    candidate: Sequence[Judged], champion: Sequence[Judged], measure: str, *, confidence: float, rounds: int = 1000
) -> Difference:
    """Resample the same frames for both: `measure` is precision, recall or f1."""
    if len(candidate) != len(champion):
        raise ValueError(f"{len(candidate)} frames against {len(champion)}: a paired comparison needs the same frames")
    tables = []
    for frames in (candidate, champion):
        kept = [frame.above(confidence) for frame in frames]
        tables.append(np.array([[f.right.sum(), len(f.right), f.truths] for f in kept], np.int64).reshape(-1, 3))
    return paired(tables[0], tables[1], measure, rounds=rounds)


def paired(candidate: Table, champion: Table, measure: str, *, rounds: int = 1000) -> Difference:
    """Resample the same rows of (right, said, true) for both."""
    tables = (candidate, champion)
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(candidate), size=(rounds, len(candidate)))
    values = [_measure(table[drawn].sum(axis=1), measure) for table in tables]
    exact = [_measure(table.sum(axis=0, keepdims=True), measure)[0] for table in tables]
    low, high = np.percentile(values[0] - values[1], [2.5, 97.5])
    return Difference(float(exact[0] - exact[1]), float(low), float(high))


def _measure(sums: npt.NDArray[np.int64], measure: str) -> npt.NDArray[np.float64]:
    right, said, truths = sums[:, 0], sums[:, 1], sums[:, 2]
    over = {"precision": (right, said), "recall": (right, truths), "f1": (2 * right, said + truths)}[measure]
    return np.asarray(over[0] / np.maximum(over[1], 1), np.float64)
