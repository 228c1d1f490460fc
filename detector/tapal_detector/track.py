"""One thing followed through time."""

from collections import Counter
from dataclasses import dataclass, field

from tapal_detector.kalman import Motion

BoxPixels = tuple[float, float, float, float]
# A boat's foot is under water: its box centre stands for it.
CENTRE_LABELS = frozenset({"boat"})


@dataclass(frozen=True, slots=True)
class Observation:
    """Where a track was seen: seconds, box in pixels, confidence of the detection."""

    time_s: float
    box: BoxPixels
    confidence: float

    @property
    def scale(self) -> float:
        """The root of the box's area in pixels."""
        x1, y1, x2, y2 = self.box
        return float(max((x2 - x1) * (y2 - y1), 1.0) ** 0.5)

    def anchor(self, label: str) -> tuple[float, float]:
        """The point that crosses lines: bottom centre, for boats the centre."""
        x1, y1, x2, y2 = self.box
        return (x1 + x2) / 2, (y1 + y2) / 2 if label in CENTRE_LABELS else y2


@dataclass(slots=True)
class Track:
    """A track; its number belongs to the tracker that made it.

    Attributes:
        fresh: observations since the track was last handed out; from its birth when it has just been confirmed.
    """

    id: int
    motion: Motion
    last: Observation
    born_s: float
    votes: Counter[str]
    hits: int = 1
    confirmed: bool = False
    missed: int = 0
    fresh: list[Observation] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The label that most confidence was given to."""
        return max(self.votes, key=lambda label: self.votes[label])
