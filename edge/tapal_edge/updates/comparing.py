"""Two models on the same frames: how far they agree, how much each sees, how long each takes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tapal_contract.updates import ModelBounds
from tapal_detector.detections import Detections
from tapal_detector.overlap import iou_matrix

SURE, UNSURE = 0.4, 0.2
"""A box as sure as that must be in the other as this, at least: a score near a threshold is no quarrel."""
OVERLAP = 0.5
TIMES_KEPT = 500

Verdict = Literal["good", "bad"]


@dataclass
class Comparison:
    """What came of the frames that both looked at; `new` is the one on trial, whichever of the two counts.

    Where there is too little to judge by in all the time given, a new one that was `trusted` before stays so.
    """

    bounds: ModelBounds
    trusted: bool = False
    frames: int = 0
    sure_new: int = 0
    sure_old: int = 0
    agreed: int = 0
    seconds: float = 0.0
    _times_new: list[float] = field(default_factory=list)
    _times_old: list[float] = field(default_factory=list)

    def add(
        self, new: Sequence[Detections], old: Sequence[Detections], *, new_s: float, old_s: float, elapsed_s: float
    ) -> None:
        """Take in frames, the seconds that each needed for all of them, and the seconds since the beginning."""
        for one, other in zip(new, old, strict=True):
            self.sure_new += _sure(one)
            self.sure_old += _sure(other)
            self.agreed += _found(one, other) + _found(other, one)
        self.frames += len(new)
        self.seconds = elapsed_s
        for times, took in ((self._times_new, new_s), (self._times_old, old_s)):
            times.append(took / max(len(new), 1))
            del times[:-TIMES_KEPT]

    @property
    def agreement(self) -> float | None:
        """Share of each one's sure boxes that the other has; None while there are none."""
        total = self.sure_new + self.sure_old
        return self.agreed / total if total else None

    @property
    def counts(self) -> float | None:
        """Sure boxes of the new one over those of the old."""
        if not self.sure_old:
            return None if not self.sure_new else float(self.sure_new)
        return self.sure_new / self.sure_old

    @property
    def latency(self) -> float | None:
        """Median time of a frame, new over old."""
        if not self._times_old:
            return None
        return float(np.median(self._times_new) / max(np.median(self._times_old), 1e-9))

    @property
    def enough(self) -> bool:
        """Whether it can be judged."""
        return self.frames >= self.bounds.frames and self.sure_new + self.sure_old >= self.bounds.boxes

    def verdict(self) -> tuple[Verdict, str] | None:
        """Whether the new one stays within the bounds, and if not why; None while it cannot be said."""
        if self.enough:
            outside = self.outside()
            return ("bad", outside) if outside else ("good", "")
        if self.seconds >= self.bounds.longest_s:
            if self.trusted and not self.outside():
                return "good", ""
            return "bad", (
                f"in {self.seconds:.0f} s only {self.frames} frames with {self.sure_new + self.sure_old} sure boxes "
                "could be compared: try again when more goes on, or ask for less"
            )
        return None

    def outside(self) -> str:
        """Which bounds are left, in words; empty: none."""
        bounds, found = self.bounds, []
        least, most = bounds.counts
        if self.agreement is not None and self.agreement < bounds.agreement:
            found.append(f"agreement {self.agreement:.2f} is below {bounds.agreement:.2f}")
        if self.counts is not None and not least <= self.counts <= most:
            found.append(
                f"{self.sure_new} sure boxes against {self.sure_old} are outside {least:.2f} to {most:.2f} times"
            )
        if self.latency is not None and self.latency > bounds.latency:
            found.append(f"it takes {self.latency:.2f} times as long, {bounds.latency:.2f} at most")
        return "; ".join(found)


def _sure(seen: Detections) -> int:
    return int((seen.confidences >= SURE).sum())


def _found(one: Detections, other: Detections) -> int:
    """How many sure boxes of one the other has, each of its boxes used once, the surest first."""
    mine, theirs = one.confidences >= SURE, other.confidences >= UNSURE
    if not mine.any() or not theirs.any():
        return 0
    same = np.array(one.labels)[mine][:, None] == np.array(other.labels)[theirs][None, :]
    overlap = np.where(same, iou_matrix(one.boxes[mine], other.boxes[theirs]), 0.0)
    count = 0
    for row in np.argsort(-one.confidences[mine], kind="stable"):
        best = int(overlap[row].argmax())
        if overlap[row, best] >= OVERLAP:
            overlap[:, best] = 0.0
            count += 1
    return count
