"""The recall of two counters that see the same people, kept up to date for health."""

import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from tapal_detector.recall import Moment, chapman, counted_by_both
from tapal_edge.config import Pair

WINDOW_S = 7 * 86_400.0
MOMENTS_KEPT = 5_000
FEWEST_BY_BOTH = 30


@dataclass(frozen=True, slots=True)
class Estimated:
    """What is known of one counter."""

    counter: str
    recall: float


class RecallWatch:
    """Notes crossings of paired lines; safe to use from several threads."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._counters = {name for pair in pairs for name in (pair.first, pair.second)}
        self._moments: dict[str, deque[Moment]] = defaultdict(lambda: deque(maxlen=MOMENTS_KEPT))
        self._lock = threading.Lock()

    def note(self, counter: str, moment: Moment) -> None:
        """Take in a crossing of a line, written CAMERA/LINE."""
        if counter in self._counters:
            with self._lock:
                self._moments[counter].append(moment)

    def estimates(self) -> list[Estimated]:
        """Estimate every paired counter that enough people told about, over the last week they have in common."""
        found = []
        for pair in self._pairs:
            with self._lock:
                first, second = list(self._moments[pair.first]), list(self._moments[pair.second])
            first, second = _in_common(first, second, abs(pair.travel_s) + pair.tolerance_s)
            both = counted_by_both(first, second, travel_s=pair.travel_s, tolerance_s=pair.tolerance_s)
            if both >= FEWEST_BY_BOTH:
                recall = chapman(len(first), len(second), both)
                found.append(Estimated(pair.first, recall.first_recall.value))
                found.append(Estimated(pair.second, recall.second_recall.value))
        return found

    def of_camera(self, camera: str) -> float | None:
        """The recall of a camera: of the worst of its lines that is known."""
        mine = [each.recall for each in self.estimates() if each.counter.partition("/")[0] == camera]
        return min(mine, default=None)


def _in_common(first: list[Moment], second: list[Moment], slack_s: float) -> tuple[list[Moment], list[Moment]]:
    """Only the span that both have seen: what one forgot already, the other did not miss."""
    if not first or not second:
        return [], []
    latest = max(first[-1][0], second[-1][0])
    begin = max(first[0][0], second[0][0], latest - WINDOW_S) - slack_s
    return [each for each in first if each[0] >= begin], [each for each in second if each[0] >= begin]
