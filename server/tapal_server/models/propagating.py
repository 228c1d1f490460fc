"""Boxes of a picture carried to the others of its clip: by their motion, and onto what the edge saw there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

__all__ = ["Keyframe", "ReviewBox", "carried", "overlap"]

SAME_AT_LEAST = 0.3
REACH_PER_S = 0.5
"""How far a box may move in a second, as a share of the frame, and still be taken for the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewBox:
    """A box in a picture, as shares of it; a person's own has no confidence."""

    label: str
    x1: float
    y1: float
    x2: float
    y2: float
    confidence: float | None = None

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def moved(self, dx: float, dy: float) -> "ReviewBox":
        """The same box elsewhere, cut off at the edges of the picture."""
        x1, x2 = (min(max(x + dx, 0.0), 1.0) for x in (self.x1, self.x2))
        y1, y2 = (min(max(y + dy, 0.0), 1.0) for y in (self.y1, self.y2))
        return ReviewBox(label=self.label, x1=x1, y1=y1, x2=x2, y2=y2)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A picture that a person labelled."""

    at_s: float
    boxes: tuple[ReviewBox, ...]


def carried(known: Sequence[Keyframe], at_s: float, proposals: Sequence[ReviewBox]) -> tuple[ReviewBox, ...]:
    """Where the boxes of labelled pictures are at another moment.

    From two labelled pictures each thing's motion is known, from one it is taken to stand. What the edge saw near the
    place that this gives is taken for the thing itself; what has left the picture is left away.
    """
    nearest = sorted(known, key=lambda one: abs(one.at_s - at_s))[:2]
    if not nearest:
        return ()
    free = list(proposals)
    found = []
    for box in nearest[0].boxes:
        guess = _guess(box, nearest, at_s)
        best = max(free, key=lambda one: overlap(guess, one), default=None)
        if best is not None and best.label == guess.label and overlap(guess, best) >= SAME_AT_LEAST:
            free.remove(best)
            guess = ReviewBox(label=best.label, x1=best.x1, y1=best.y1, x2=best.x2, y2=best.y2)
        if guess.x2 - guess.x1 > 0.002 and guess.y2 - guess.y1 > 0.002:
            found.append(guess)
    return tuple(found)


def _guess(box: ReviewBox, nearest: Sequence[Keyframe], at_s: float) -> ReviewBox:
    if len(nearest) < 2 or nearest[0].at_s == nearest[1].at_s:
        return box
    apart = nearest[1].at_s - nearest[0].at_s
    same = [one for one in nearest[1].boxes if one.label == box.label]
    other = min(same, key=lambda one: _distance(box, one), default=None)
    if other is None or _distance(box, other) > REACH_PER_S * abs(apart):
        return box
    share = (at_s - nearest[0].at_s) / apart
    (x, y), (u, v) = box.middle, other.middle
    return box.moved(share * (u - x), share * (v - y))


def _distance(one: ReviewBox, other: ReviewBox) -> float:
    (x, y), (u, v) = one.middle, other.middle
    return hypot(u - x, v - y)


def overlap(one: ReviewBox, other: ReviewBox) -> float:
    """Intersection over union."""
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(width, 0.0) * max(height, 0.0)
    total = sum((box.x2 - box.x1) * (box.y2 - box.y1) for box in (one, other)) - shared
    return shared / total if total > 0 else 0.0
