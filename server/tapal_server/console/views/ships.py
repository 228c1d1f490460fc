"""Vessels heard over AIS, on the map and as a list."""

from collections.abc import Sequence

from tapal_server.ais.service import VesselView
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common

__all__ = ["drawn", "listing"]


def drawn(vessel: VesselView, x: float, y: float) -> Html:
    """A hull that points where the vessel goes, or a diamond where it does not say."""
    shape = "0,-16 9,12 0,6 -9,12" if vessel.course is not None else "0,-11 11,0 0,11 -11,0"
    turned = f"translate({x:.1f} {y:.1f}) rotate({vessel.course or 0:.0f})"
    return tag("g", tag("title", called(vessel)), tag("polygon", points=shape), transform=turned, class_="vessel")


def listing(vessels: Sequence[VesselView], words: Words) -> Html | None:
    """The same in words."""
    if not vessels:
        return None
    lines = [
        tag(
            "li",
            tag("b", called(vessel)),
            tag("span", words("map.vessel", km=words.number(vessel.distance_km), site=vessel.site), class_="note"),
            _speed(vessel, words),
            common.ago(vessel.heard_at, words),
        )
        for vessel in vessels
    ]
    return join(tag("h2", words("map.vessels")), tag("ul", lines, class_="posts"))


def _speed(vessel: VesselView, words: Words) -> Html | None:
    if vessel.speed_knots is None:
        return None
    return tag("span", words("map.knots", n=words.number(vessel.speed_knots)), class_="note")


def called(vessel: VesselView) -> str:
    """Its name, or its number where it says none."""
    return vessel.name or f"MMSI {vessel.mmsi}"
