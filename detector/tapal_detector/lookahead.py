"""How long nobody can come to a line or the edge of a zone, so that the next frames need not be looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.track import CENTRE_LABELS, Track

Point = tuple[float, float]
Segment = tuple[Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookaheadSettings:
    """What is held possible; lengths are shares of the box scale (the root of its area).

    Attributes:
        near: whoever is nearer than this to a line or edge is at it.
        doubt: somebody may be faster than estimated by this many standard deviations of the estimate; it is large for
            who has only just appeared.
        start_speed: whoever stands may set off as fast as this, in scales a second.
    """

    near: float = 0.2
    doubt: float = 0.5
    start_speed: float = 0.5


class Lookahead:
    """The lines and edges of one camera."""

    def __init__(
        self,
        lines: Sequence[LineSpec],
        zones: Sequence[ZoneSpec],
        frame_size: tuple[int, int],
        settings: LookaheadSettings | None = None,
    ) -> None:
        """Prepare; edges of berths do not count, boats take minutes there."""
        width, height = frame_size
        ways = [(line.from_, line.to) for line in lines]
        ways += [way for zone in zones if zone.kind != "berth" for way in pairwise((*zone.polygon, zone.polygon[0]))]
        self._settings = settings or LookaheadSettings()
        self._segments: list[Segment] = [
            ((a[0] * width, a[1] * height), (b[0] * width, b[1] * height)) for a, b in ways
        ]

    def calm_s(self, tracks: Iterable[Track], at_most_s: float) -> float:
        """Seconds for which none of the tracks can be at a line or edge; 0 where one is."""
        calm = at_most_s
        for track in tracks:
            for segment in self._segments:
                calm = min(calm, self._until(track, segment))
                if calm <= 0:
                    return 0.0
        return calm

    def _until(self, track: Track, segment: Segment) -> float:
        chosen, motion = self._settings, track.motion
        scale, (x, y, speed_x, speed_y) = motion.scale, motion.walk(foot=track.label not in CENTRE_LABELS)
        to_x, to_y = _nearest((x, y), segment)
        distance = hypot(to_x - x, to_y - y)
        gap = distance - chosen.near * scale
        if gap <= 0:
            return 0.0
        approach = ((to_x - x) * speed_x + (to_y - y) * speed_y) / distance
        fastest = max(0.0, approach) + chosen.doubt * sqrt(motion.speed_variance)
        return gap / max(fastest, chosen.start_speed * scale)


def _nearest(point: Point, segment: Segment) -> Point:
    """The point of a segment that is nearest to a point."""
    (ax, ay), (bx, by) = segment
    side_x, side_y = bx - ax, by - ay
    length = side_x**2 + side_y**2
    share = 0.0 if length == 0 else ((point[0] - ax) * side_x + (point[1] - ay) * side_y) / length
    share = min(1.0, max(0.0, share))
    return ax + share * side_x, ay + share * side_y
