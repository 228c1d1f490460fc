"""Which boats lie at a berth.

A boat that lies still for hours is lost and found again by any tracker, so a moored boat is known by its place, not by
its track: whatever lies where it lay is the same boat.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tapal_contract.geometry import ZoneSpec
from tapal_detector.overlap import iou_matrix
from tapal_detector.track import Observation
from tapal_detector.zone import Polygon

VESSEL_LABELS = frozenset({"boat"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BerthSettings:
    """When a boat has arrived or is gone.

    Attributes:
        moor_s: it lies still at the berth this long.
        still: it stays within this share of the box scale meanwhile.
        same_place: overlap (IoU) with a moored boat that makes it the same boat.
        absent_s: a moored boat not seen this long is gone.
        settle_s: a boat that lies there within this time of the first frame was there before and does not arrive.
    """

    moor_s: float = 10.0
    still: float = 0.35
    same_place: float = 0.3
    absent_s: float = 60.0
    settle_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Call:
    """A boat arrived or departed: when, and where it was last seen."""

    event: Literal["arrived", "departed"]
    time_s: float
    track: int
    seen: Observation


@dataclass(slots=True)
class _Moored:
    track: int
    seen: Observation
    place: Observation


@dataclass(slots=True)
class _Coming:
    since: Observation
    from_start: bool


@dataclass(slots=True)
class BerthWatch:
    """One berth of one camera."""

    spec: ZoneSpec
    polygon: Polygon
    settings: BerthSettings
    _moored: list[_Moored] = field(default_factory=list)
    _coming: dict[int, _Coming] = field(default_factory=dict)
    _first_s: float | None = None

    def update(self, track: int, label: str, seen: Observation) -> list[Call]:
        """One more observation of a boat."""
        inside = self.polygon.depth(seen.anchor(label)) > 0
        moored = self._lying_at(track, seen)
        if moored is not None:
            near = inside and _shift(moored.place, seen, label) < 2 * self.settings.still
            if near or _same(moored.place, seen, self.settings.same_place):
                moored.track, moored.seen = track, seen
                return []
            self._moored.remove(moored)
            return [Call("departed", seen.time_s, track, seen)]
        if not inside:
            self._coming.pop(track, None)
            return []
        return self._wait(track, label, seen)

    def advance(self, time_s: float) -> list[Call]:
        """Time has passed; boats that were not seen for long are gone since they were last seen."""
        if self._first_s is None:
            self._first_s = time_s
        gone = [boat for boat in self._moored if time_s - boat.seen.time_s > self.settings.absent_s]
        self._moored = [boat for boat in self._moored if boat not in gone]
        return [Call("departed", boat.seen.time_s, boat.track, boat.seen) for boat in gone]

    def forget(self, track: int) -> None:
        """A track has ended; a boat that is moored stays so."""
        self._coming.pop(track, None)

    def _wait(self, track: int, label: str, seen: Observation) -> list[Call]:
        first_s = seen.time_s if self._first_s is None else self._first_s
        coming = self._coming.get(track)
        if coming is None:
            coming = self._coming[track] = _Coming(seen, seen.time_s - first_s <= self.settings.settle_s)
        if _shift(coming.since, seen, label) > self.settings.still:
            self._coming[track] = _Coming(seen, from_start=False)
            return []
        if seen.time_s - coming.since.time_s < self.settings.moor_s:
            return []
        del self._coming[track]
        self._moored.append(_Moored(track, seen, seen))
        return [] if coming.from_start else [Call("arrived", coming.since.time_s, track, seen)]

    def _lying_at(self, track: int, seen: Observation) -> _Moored | None:
        own = next((boat for boat in self._moored if boat.track == track), None)
        if own is not None:
            return own
        # Another track at the place of a boat that is itself still seen is a second boat.
        absent = (boat for boat in self._moored if boat.seen.time_s < seen.time_s)
        return next((boat for boat in absent if _same(boat.place, seen, self.settings.same_place)), None)


def _shift(before: Observation, now: Observation, label: str) -> float:
    (x, y), (u, v) = before.anchor(label), now.anchor(label)
    return float(np.hypot(u - x, v - y) / before.scale)


def _same(place: Observation, seen: Observation, least: float) -> bool:
    boxes = [np.array([one.box], np.float32) for one in (place, seen)]
    return float(iou_matrix(boxes[0], boxes[1])[0, 0]) >= least
