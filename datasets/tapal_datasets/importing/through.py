"""Boxes drawn at some frames of a video, and the frames between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box drawn at a frame (from 1): whether the thing is seen there, and whether it stays in sight after it."""

    frame: int
    sides: Sides
    seen: bool = True
    stays: bool = True


def between(drawn: Sequence[Drawn]) -> Iterator[tuple[int, Sides]]:
    """Every frame the thing is seen in, boxes between two drawn ones moved along a straight line."""
    ordered = sorted(drawn, key=lambda one: one.frame)
    for place, one in enumerate(ordered):
        if one.seen:
            yield one.frame, one.sides
        for after in ordered[place + 1 : place + 2] if one.stays else []:
            for frame in range(one.frame + 1, after.frame):
                yield frame, _moved(one.sides, after.sides, (frame - one.frame) / (after.frame - one.frame))


def _moved(a: Sides, b: Sides, share: float) -> Sides:
    return (
        a[0] + share * (b[0] - a[0]),
        a[1] + share * (b[1] - a[1]),
        a[2] + share * (b[2] - a[2]),
        a[3] + share * (b[3] - a[3]),
    )
