"""Pictures of a tile server under the map; so near the equator its projection and ours differ by less than a pixel."""

from collections.abc import Iterator
from math import asinh, atan, ceil, degrees, floor, log2, pi, radians, sinh, tan
from typing import Protocol

from tapal_server.console.markup import Html, join, tag

__all__ = ["tiles"]

SIDE = 256
DEEPEST = 17


class Frame(Protocol):
    """The part of the earth that is shown."""

    @property
    def latitude(self) -> float:
        """Of its middle."""

    @property
    def longitude(self) -> float:
        """Of its middle."""

    @property
    def scale(self) -> float:
        """Pixels a degree of latitude."""

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a place lies in the picture."""


def tiles(frame: Frame, width: float, height: float, template: str) -> Html:
    """Every tile that touches the picture."""
    zoom = max(0, min(DEEPEST, round(log2(frame.scale * 360 / SIDE))))
    return join(*(_tile(frame, template, zoom, x, y) for x, y in _touching(frame, width, height, zoom)))


def _touching(frame: Frame, width: float, height: float, zoom: int) -> Iterator[tuple[int, int]]:
    all_ = 2**zoom
    east = frame.at(frame.latitude, frame.longitude + 1)[0] - width / 2  # pixels a degree
    half_wide, half_tall = width / 2 / east, height / 2 / frame.scale
    columns = [(frame.longitude + side * half_wide + 180) / 360 * all_ for side in (-1, 1)]
    rows = [(1 - asinh(tan(radians(frame.latitude + side * half_tall))) / pi) / 2 * all_ for side in (1, -1)]
    for y in range(max(0, floor(rows[0])), min(all_, ceil(rows[1]))):
        for x in range(max(0, floor(columns[0])), min(all_, ceil(columns[1]))):
            yield x, y


def _tile(frame: Frame, template: str, zoom: int, x: int, y: int) -> Html:
    left, top = frame.at(*_corner(zoom, x, y))
    right, bottom = frame.at(*_corner(zoom, x + 1, y + 1))
    address = template.format(z=zoom, x=x, y=y)
    return tag(
        "image", href=address, x=left, y=top, width=right - left + 0.5, height=bottom - top + 0.5,
        preserveAspectRatio="none",
    )  # fmt: skip


def _corner(zoom: int, x: int, y: int) -> tuple[float, float]:
    """Latitude and longitude of a tile's north-western corner."""
    all_ = 2**zoom
    return degrees(atan(sinh(pi * (1 - 2 * y / all_)))), x / all_ * 360 - 180
