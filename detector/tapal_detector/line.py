"""Count confirmed changes of side of one line (DESIGN section 3)."""

from dataclasses import dataclass, field
from math import hypot
from typing import Literal

from tapal_contract.geometry import Direction, LineSpec
from tapal_detector.track import Observation

Point = tuple[float, float]
Side = Literal[-1, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """When a change of side is believed; lengths are shares of the box scale (the root of its area).

    Attributes:
        dead_band: an anchor nearer to the line than this is on neither side.
        confirm_frames: so many observations in a row beyond the band make a side.
        sure_band: one observation this far beyond the line makes a side at once.
        came_from_s: who is first seen within the dead band, cuts the line and goes on has crossed it when, at that
            pace, they were beyond the band on the other side so many seconds before.
    """

    dead_band: float = 0.12
    confirm_frames: int = 2
    sure_band: float = 0.6
    came_from_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Cut:
    """A change of side: the observations before and after the line, and how far between them it was cut."""

    direction: Direction
    before: Observation
    after: Observation
    share: float

    @property
    def time_s(self) -> float:
        """The interpolated moment on the line."""
        return self.before.time_s + self.share * (self.after.time_s - self.before.time_s)

    @property
    def nearest(self) -> Observation:
        """The observation nearer to the line."""
        return self.before if self.share < 0.5 else self.after


@dataclass(slots=True)
class _Walk:
    """What one track did at the line since its side was last confirmed; grows no longer however long it stays."""

    born_s: float
    born_at: float
    side: Side | None = None
    last: tuple[Observation, Point] | None = None
    beyond: int = 0
    towards: Side = 1
    cuts: dict[Direction, Cut] = field(default_factory=dict)
    balance: int = 0


class LineCounter:
    """One line of one camera; remembers a track until told to forget it."""

    def __init__(self, spec: LineSpec, frame_size: tuple[int, int], settings: LineSettings) -> None:
        width, height = frame_size
        self.spec = spec
        self._start = (spec.from_[0] * width, spec.from_[1] * height)
        self._arrow = (spec.to[0] * width - self._start[0], spec.to[1] * height - self._start[1])
        self._length = hypot(*self._arrow)
        self._settings = settings
        self._walks: dict[int, _Walk] = {}

    def update(self, track: int, label: str, seen: Observation) -> Cut | None:
        """One more observation of a track; the crossing that it confirms."""
        anchor = seen.anchor(label)
        distance = self._distance(anchor) / seen.scale
        walk = self._walks.setdefault(track, _Walk(seen.time_s, distance))
        if walk.last is not None:
            self._note(walk, walk.last, (seen, anchor))
        walk.last = (seen, anchor)
        side: Side = 1 if distance >= 0 else -1
        if abs(distance) < self._settings.dead_band:
            walk.beyond = 0
            return None
        walk.beyond = walk.beyond + 1 if side == walk.towards else 1
        walk.towards = side
        sure = walk.beyond >= self._settings.confirm_frames or abs(distance) >= self._settings.sure_band
        seen_well_off = walk.side is None and abs(walk.born_at) >= self._settings.dead_band
        return self._settle(walk, distance, seen.time_s) if sure or seen_well_off else None

    def forget(self, track: int) -> Cut | None:
        """A track has ended; the crossing that it had made but not yet confirmed."""
        walk = self._walks.pop(track, None)
        if walk is None or walk.last is None or not walk.beyond:
            return None
        seen, anchor = walk.last
        return self._settle(walk, self._distance(anchor) / seen.scale, seen.time_s)

    def _settle(self, walk: _Walk, distance: float, time_s: float) -> Cut | None:
        before, walk.side = walk.side or self._came_from(walk, distance, time_s), walk.towards
        cuts, balance = walk.cuts, walk.balance
        walk.cuts, walk.balance = {}, 0
        # Who weaves through the line and back has cut it as often one way as the other.
        if before is None or before == walk.side or balance * walk.side <= 0:
            return None
        return cuts[self._direction(walk.side)]

    def _came_from(self, walk: _Walk, distance: float, time_s: float) -> Side | None:
        """The side that somebody first seen within the dead band must have been on, at the pace they had since."""
        band, seconds = self._settings.dead_band, time_s - walk.born_s
        if abs(walk.born_at) >= band or seconds <= 0:
            return None
        origin = walk.born_at - (distance - walk.born_at) / seconds * self._settings.came_from_s
        if abs(origin) < band:
            return None
        return 1 if origin >= 0 else -1

    def _note(self, walk: _Walk, a: tuple[Observation, Point], b: tuple[Observation, Point]) -> None:
        (before, p), (after, q) = a, b
        first, second = self._distance(p), self._distance(q)
        if (first >= 0) == (second >= 0):
            return
        share = first / (first - second)
        if not 0 <= self._along((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1]))) <= 1:
            return
        side: Side = 1 if second >= 0 else -1
        direction = self._direction(side)
        walk.cuts[direction] = Cut(direction, before, after, share)
        walk.balance += side

    def _distance(self, point: Point) -> float:
        """Pixels from the endless line; left of the arrow is negative."""
        x, y = point[0] - self._start[0], point[1] - self._start[1]
        return (self._arrow[0] * y - self._arrow[1] * x) / self._length

    def _along(self, point: Point) -> float:
        """How far along the arrow a point lies: 0 at its start, 1 at its tip."""
        x, y = point[0] - self._start[0], point[1] - self._start[1]
        return (self._arrow[0] * x + self._arrow[1] * y) / self._length**2

    def _direction(self, side: Side) -> Direction:
        return "inbound" if (side == 1) == (self.spec.inbound == "left_to_right") else "outbound"
