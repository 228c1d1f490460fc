"""Points, boxes, lines and zones, in fractions of the frame: x right, y down, 0..1."""

from itertools import combinations, pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tapal_contract.ids import Name
from tapal_contract.model import Frozen

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Fraction, Fraction]
Direction = Literal["inbound", "outbound"]
ZoneKind = Literal["counter", "restricted", "berth", "waiting"]


def _require_ordered(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    if x2 < x1 or y2 < y1:
        raise ValueError(f"a box is [x1, y1, x2, y2] with x1 <= x2 and y1 <= y2, not {list(box)}")
    return box


Box = Annotated[tuple[Fraction, Fraction, Fraction, Fraction], AfterValidator(_require_ordered)]


class LineSpec(Frozen):
    """An arrow across which crossings are counted.

    Standing at ``from`` and looking at ``to`` in the image, a step from the left side to the right side is inbound;
    ``inbound: right_to_left`` flips that.
    """

    id: Name
    from_: Point = Field(alias="from")
    to: Point
    inbound: Literal["left_to_right", "right_to_left"] = "left_to_right"

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.from_ == self.to:
            raise ValueError(f"line {self.id!r} has no length: 'from' and 'to' are both {list(self.to)}")
        return self


class ZoneSpec(Frozen):
    """A polygon that people or boats enter, leave or stay in."""

    id: Name
    kind: ZoneKind
    polygon: Annotated[tuple[Point, ...], Field(min_length=3, max_length=64)]

    @model_validator(mode="after")
    def _is_simple(self) -> Self:
        if _area(self.polygon) < 1e-6:
            raise ValueError(f"zone {self.id!r} has no area: give at least three corners that are not on one line")
        if _crosses_itself(self.polygon):
            raise ValueError(f"zone {self.id!r} crosses itself: give its corners in order around the outside")
        return self


def _area(polygon: tuple[Point, ...]) -> float:
    closed = (*polygon, polygon[0])
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(closed))) / 2


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _crosses_itself(polygon: tuple[Point, ...]) -> bool:
    edges = list(pairwise((*polygon, polygon[0])))
    for (i, (a, b)), (j, (c, d)) in combinations(enumerate(edges), 2):
        neighbours = j - i == 1 or (i == 0 and j == len(edges) - 1)
        if neighbours:
            continue
        if _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0:
            return True
    return False
