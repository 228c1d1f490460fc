"""Where a camera looks: a wedge on the map, and the same in words."""

import math

from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.correlation.types import Look

NEAR, FAR = 16.0, 62.0  # pixels from the middle of the post
WINDS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def wedge(look: Look, x: float, y: float, words: Words, *, sees: bool) -> Html:
    """What lies before the camera, as far as its direction and its angle of view tell."""
    half = look.view / 2
    corners = [(FAR, -half), (FAR, half), (NEAR, half), (NEAR, -half)]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (_at(x, y, far, look.bearing + turn) for far, turn in corners)
    large = int(look.view > 180)
    path = (
        f"M{ax:.1f} {ay:.1f}A{FAR:.0f} {FAR:.0f} 0 {large} 1 {bx:.1f} {by:.1f}"
        f"L{cx:.1f} {cy:.1f}A{NEAR:.0f} {NEAR:.0f} 0 {large} 0 {dx:.1f} {dy:.1f}Z"
    )
    state = words("map.sees" if sees else "map.sees_not")
    told = f"{look.camera}: {direction(look, words)}, {state}"
    return tag("path", tag("title", told), d=path, class_="wedge" if sees else "wedge blind")


def direction(look: Look, words: Words) -> str:
    """The direction by the nearest of eight winds, and in degrees."""
    wind = WINDS[round(look.bearing / 45) % len(WINDS)]
    return words("map.looks", wind=words(f"map.wind.{wind}"), degrees=words.number(look.bearing, 0))


def _at(x: float, y: float, far: float, bearing: float) -> tuple[float, float]:
    """A point so far off in a direction, north being up and east right."""
    turn = math.radians(bearing)
    return x + far * math.sin(turn), y - far * math.cos(turn)
