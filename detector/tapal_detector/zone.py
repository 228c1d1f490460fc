"""Who is in a zone, since when, and for how long before."""

from dataclasses import dataclass, field
from math import hypot
from typing import Literal

from tapal_contract.geometry import ZoneSpec
from tapal_detector.track import Observation

Point = tuple[float, float]
ZoneEventKind = Literal["enter", "leave", "loiter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSettings:
    """When a visit is believed; lengths are shares of the box scale.

    Attributes:
        dead_band: an anchor nearer to the edge than this is neither inside nor outside.
        confirm_frames: so many observations in a row make it one or the other.
        loiter_s: a visit as long as this is told once.
    """

    dead_band: float = 0.12
    confirm_frames: int = 2
    loiter_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A change in a visit: what, when, how long it has lasted, and the observation that showed it."""

    event: ZoneEventKind
    time_s: float
    seconds: float
    seen: Observation


@dataclass(slots=True)
class _Stay:
    inside: bool | None = None
    since_s: float = 0.0
    before_s: float = 0.0
    loitered: bool = False
    streak: int = 0
    streak_since_s: float = 0.0
    streak_inside: bool = False
    last: Observation | None = None


@dataclass(slots=True)
class Polygon:
    """A closed polygon in pixels."""

    corners: tuple[Point, ...]

    @classmethod
    def of(cls, spec: ZoneSpec, frame_size: tuple[int, int]) -> "Polygon":
        """The polygon of a zone in pixels of a frame."""
        return cls(tuple((x * frame_size[0], y * frame_size[1]) for x, y in spec.polygon))

    def depth(self, point: Point) -> float:
        """Pixels from the edge: positive inside, negative outside."""
        inside, nearest = False, float("inf")
        for a, b in zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True):
            nearest = min(nearest, _distance(point, a, b))
            if (a[1] > point[1]) != (b[1] > point[1]) and point[0] < a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (
                b[0] - a[0]
            ):
                inside = not inside
        return nearest if inside else -nearest


@dataclass(slots=True)
class ZoneWatch:
    """One zone of one camera; remembers a track until told to forget it."""

    spec: ZoneSpec
    polygon: Polygon
    settings: ZoneSettings
    _stays: dict[int, _Stay] = field(default_factory=dict)

    def update(self, track: int, label: str, seen: Observation) -> list[Visit]:
        """One more observation of a track."""
        stay = self._stays.setdefault(track, _Stay())
        stay.last = seen
        depth = self.polygon.depth(seen.anchor(label)) / seen.scale
        visits = []
        if abs(depth) >= self.settings.dead_band:
            visits = self._step(stay, depth > 0, seen)
        if stay.inside and not stay.loitered and seen.time_s - stay.since_s >= self.settings.loiter_s:
            stay.loitered = True
            visits.append(Visit("loiter", seen.time_s, seen.time_s - stay.since_s, seen))
        return visits

    def seconds(self, track: int, until_s: float) -> float:
        """How long a track has been inside up to a moment, all visits together."""
        stay = self._stays.get(track)
        if stay is None:
            return 0.0
        return stay.before_s + (max(0.0, until_s - stay.since_s) if stay.inside else 0.0)

    def forget(self, track: int) -> list[Visit]:
        """A track has ended; where it was inside it leaves."""
        stay = self._stays.pop(track, None)
        if stay is None or not stay.inside or stay.last is None:
            return []
        return [Visit("leave", stay.last.time_s, stay.last.time_s - stay.since_s, stay.last)]

    def _step(self, stay: _Stay, inside: bool, seen: Observation) -> list[Visit]:  # noqa: FBT001  # a private answer, not an option
        if stay.streak == 0 or stay.streak_inside != inside:
            stay.streak, stay.streak_since_s, stay.streak_inside = 0, seen.time_s, inside
        stay.streak += 1
        if inside == bool(stay.inside) or stay.streak < self.settings.confirm_frames:
            if not inside and stay.inside is None:
                stay.inside = False
            return []
        moment = stay.streak_since_s
        stay.inside = inside
        if inside:
            stay.since_s, stay.loitered = moment, False
            return [Visit("enter", moment, 0.0, seen)]
        stay.before_s += moment - stay.since_s
        return [Visit("leave", moment, moment - stay.since_s, seen)]


def _distance(point: Point, a: Point, b: Point) -> float:
    """Pixels from a point to the segment a-b."""
    side_x, side_y = b[0] - a[0], b[1] - a[1]
    length = side_x**2 + side_y**2
    share = 0.0 if length == 0 else ((point[0] - a[0]) * side_x + (point[1] - a[1]) * side_y) / length
    share = min(1.0, max(0.0, share))
    return hypot(point[0] - a[0] - share * side_x, point[1] - a[1] - share * side_y)
