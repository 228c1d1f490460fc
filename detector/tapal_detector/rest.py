"""Pass over frames while nobody can be at a line: many looks where they tell something, few where they do not."""

from typing import Protocol


class Followed(Protocol):
    """What is asked of a scene."""

    def calm_s(self, at_most_s: float) -> float:
        """Seconds for which nothing followed can come to a line or the edge of a zone."""
        ...


class Rest:
    """One camera's rest between looks; the frame nearest to its end is looked at."""

    def __init__(self, fps: float) -> None:
        """Rest so that at least so many frames a second are looked at, whatever the scene."""
        self._at_most_s = 1 / fps
        self._last_s = self._until_s = float("-inf")
        self._spacing_s = 0.0

    def passes_over(self, time_s: float) -> bool:
        """Whether this frame need not be looked at; to be asked of every frame, in order."""
        if time_s > self._last_s > float("-inf"):
            self._spacing_s = time_s - self._last_s
        back, self._last_s = time_s < self._last_s, time_s
        return not back and time_s + self._spacing_s / 2 < self._until_s

    def looked(self, time_s: float, scene: Followed) -> None:
        """Note what a look has shown."""
        self._until_s = time_s + scene.calm_s(self._at_most_s)
