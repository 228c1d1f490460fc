"""Who walks where and when on the sample pier: paths in metres a second, pictures by distance walked."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tapal_datasets import pier

STEP_M = 0.72
"""Length of one step: the legs' picture follows the distance walked, so that no foot slides."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A corner of a path in pixels, and how long the walker stands there."""

    x: float
    y: float
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a walker is, where they head, and how far they have come."""

    x: float
    y: float
    rightwards: bool
    standing: bool
    metres: float


@dataclass(frozen=True)
class Walker:
    """One person of the sample: a cut-out `person`, tinted clothes, a path and a speed."""

    name: int
    person: int
    start_s: float
    path: Sequence[Stop]
    speed: float = 1.35
    height_m: float = 1.66
    tint: tuple[int, int, int] = (0, 0, 0)

    @cached_property
    def _legs(self) -> list[tuple[float, float, float, Stop, Stop]]:
        """(begin, end, metres before) of every leg, waits between them left out of the legs' own time."""
        legs = []
        time, metres = self.start_s, 0.0
        for a, b in zip(self.path, self.path[1:], strict=False):
            scale = pier.pixels_per_metre((a.y + b.y) / 2)
            # A step towards the horizon covers more ground than its pixels say, so rows count threefold.
            length = math.hypot(b.x - a.x, 3 * (b.y - a.y)) / scale
            legs.append((time, time + length / self.speed, metres, a, b))
            time += length / self.speed + b.wait_s
            metres += length
        return legs

    @property
    def end_s(self) -> float:
        """When the walker has left the picture."""
        return self._legs[-1][1]

    def at(self, time_s: float) -> Moment | None:
        """The walker at a time, or None before the first and after the last step."""
        if not self.start_s <= time_s < self.end_s:
            return None
        number = bisect.bisect_right([leg[0] for leg in self._legs], time_s) - 1
        begin, end, metres, a, b = self._legs[number]
        share = min(1.0, (time_s - begin) / (end - begin))
        length = (end - begin) * self.speed
        return Moment(
            x=a.x + (b.x - a.x) * share,
            y=a.y + (b.y - a.y) * share,
            rightwards=b.x >= a.x,
            standing=time_s >= end,
            metres=metres + length * share,
        )

    def crossings(self, fps: float) -> list[tuple[float, str]]:
        """Each (time, direction) at which the feet cross the painted line; towards the right is inbound."""
        found = []
        before: tuple[float, float] | None = None
        for tick in range(round(self.start_s * fps * 20), round(self.end_s * fps * 20)):
            time = tick / fps / 20
            moment = self.at(time)
            if moment is None:
                continue
            offset = moment.x - pier.line_x(moment.y)
            if before and (before[1] < 0) != (offset < 0):
                exact = before[0] + (time - before[0]) * before[1] / (before[1] - offset)
                found.append((exact, "inbound" if offset > before[1] else "outbound"))
            before = (time, offset)
        return found


def _right(y: float, *stops: Stop) -> list[Stop]:
    return [Stop(-70, y), *stops, Stop(1030, y)]


def _left(y: float, end: float | None = None) -> list[Stop]:
    return [Stop(1030, y), Stop(-70, y if end is None else end)]


def _counter(x: float, wait_s: float) -> Stop:
    return Stop(x, 306, wait_s)


def cast() -> list[Walker]:
    """The people of the sample, in order of entry; the picture is empty at both ends so that it loops."""
    return [
        Walker(1, 4, 0.6, _right(352, _counter(230, 2.6)), 1.45, 1.72, (58, 34, 18)),
        Walker(2, 6, 1.4, _left(470), 1.3, 1.74),
        Walker(3, 3, 1.9, _left(442), 1.3, 1.62, (24, 20, 66)),
        Walker(4, 1, 5.2, _right(366, _counter(268, 3.0)), 1.4, 1.6),
        Walker(5, 2, 8.6, _right(500), 1.4, 1.72, (20, 52, 34)),
        Walker(7, 4, 10.9, _left(372, 384), 1.3, 1.68, (10, 30, 70)),
        Walker(8, 3, 13.2, _right(340, _counter(212, 2.4)), 1.45, 1.6, (66, 44, 22)),
        Walker(6, 5, 16.0, _left(398), 1.35, 1.58, (30, 0, 20)),
        Walker(9, 6, 17.4, _right(404, _counter(250, 2.8)), 1.5, 1.76, (20, 24, 0)),
        Walker(10, 2, 19.2, _left(486), 1.6, 1.74, (44, 26, 22)),
        Walker(11, 5, 20.4, _right(430), 1.4, 1.6),
        Walker(12, 1, 22.0, _right(462), 1.4, 1.58, (0, 22, 40)),
        Walker(13, 4, 27.4, _left(356, 348), 1.5, 1.7, (40, 44, 48)),
    ]
