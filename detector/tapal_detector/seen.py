"""What a scene reports, in the past tense; the edge makes messages of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tapal_contract.geometry import Direction

BoxShare = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingSeen:
    """Somebody changed sides of a line.

    Attributes:
        time_s: the interpolated moment on the line, in the time given to `Scene.update`.
        frame_time_s: the time of the frame that the box belongs to, the one nearest to the line.
        box: x1 y1 x2 y2 as shares of the frame.
        visited: seconds spent in each zone before the crossing; zones never visited are left out.
    """

    time_s: float
    frame_time_s: float
    line: str
    direction: Direction
    track: int
    label: str
    confidence: float
    box: BoxShare
    visited: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSeen:
    """Somebody entered, left or loiters in a zone, where they have been for so many seconds."""

    time_s: float
    frame_time_s: float
    zone: str
    event: Literal["enter", "leave", "loiter"]
    track: int
    label: str
    confidence: float
    box: BoxShare
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselSeen:
    """A boat came to lie at a berth, or is gone from it."""

    time_s: float
    frame_time_s: float
    berth: str
    event: Literal["arrived", "departed"]
    track: int
    label: str
    confidence: float
    box: BoxShare


Seen = CrossingSeen | ZoneSeen | VesselSeen
