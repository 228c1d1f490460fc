"""What every label format becomes: named boxes in pixels, by frame."""

from collections.abc import Iterator
from dataclasses import dataclass

from tapal_contract.errors import TapalError

NAMES = ("person", "bicycle", "car", "motorcycle", "bus", "truck", "boat")
"""The taxonomy; a label's class number in a dataset is its place here."""
ALIASES = {"pedestrian": "person", "people": "person", "bike": "bicycle", "motorbike": "motorcycle", "ship": "boat"}
SMALLEST = 1.0
"""Boxes with a side below this many pixels are mistakes of the mouse."""
ROUNDING = 1e-6
"""By this share of the picture a box may stand out of it uncut: sides made of fractions with six digits do, and cutting
them would move a label a little with every import."""


@dataclass(frozen=True, slots=True)
class Box:
    """One labelled thing in one frame; sides in pixels."""

    label: str
    x1: float
    y1: float
    x2: float
    y2: float


def known(label: str, where: str) -> str:
    """The taxonomy's name for a label.

    Raises:
        TapalError: the taxonomy has no such label.
    """
    name = label.strip().lower()
    name = ALIASES.get(name, name)
    if name not in NAMES:
        raise TapalError(f"{where}: label {label!r} is unknown: use one of {', '.join(NAMES)}")
    return name


def boxed(label: str, sides: tuple[float, float, float, float], size: tuple[int, int] | None, where: str) -> Box:
    """A box cut to the picture (width, height), where that is known.

    Raises:
        TapalError: the box is empty, or lies outside the picture.
    """
    x1, y1, x2, y2 = sides
    if not (x2 - x1 >= SMALLEST and y2 - y1 >= SMALLEST):
        raise TapalError(f"{where}: box {x2 - x1:g} by {y2 - y1:g} pixels is empty: draw it again or delete it")
    if size:
        x1, x2 = (_cut(side, size[0]) for side in (x1, x2))
        y1, y2 = (_cut(side, size[1]) for side in (y1, y2))
        if x2 - x1 < SMALLEST or y2 - y1 < SMALLEST:
            raise TapalError(
                f"{where}: the box lies outside the picture of {size[0]} by {size[1]}: correct or delete it"
            )
    return Box(known(label, where), x1, y1, x2, y2)


def _cut(side: float, end: int) -> float:
    return side if -ROUNDING * end <= side <= (1 + ROUNDING) * end else min(max(side, 0.0), float(end))


def lines(text: str, path: object) -> Iterator[tuple[str, str]]:
    """Non-empty lines, each with 'FILE, line N' to blame."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield line, f"{path}, line {number}"
