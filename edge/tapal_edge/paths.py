"""The ways tracks take through a picture, so that who looks at a crossing sees where somebody came from."""

from collections import deque
from collections.abc import Iterable

from tapal_detector.track import Track

__all__ = ["Paths"]

POINTS = 16
EVERY_S = 0.4


class Paths:
    """Remembers a few points of each track; about the last seven seconds."""

    def __init__(self) -> None:
        self._of: dict[int, deque[tuple[float, float, float]]] = {}

    def note(self, tracks: Iterable[Track], size: tuple[int, int]) -> None:
        """Take in where the tracks are now, and forget those that are gone."""
        before, self._of = self._of, {}
        for track in tracks:
            points = self._of[track.id] = before.get(track.id) or deque(maxlen=POINTS)
            if points and track.last.time_s - points[-1][0] < EVERY_S:
                continue
            x, y = track.last.anchor(track.label)
            points.append((track.last.time_s, x / size[0], y / size[1]))

    def of(self, track: int) -> tuple[tuple[float, float], ...]:
        """The way of a track as shares of the frame, oldest first."""
        return tuple((x, y) for _, x, y in self._of.get(track, ()))
