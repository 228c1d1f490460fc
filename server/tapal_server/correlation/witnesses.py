"""A second line that the same people pass: who is counted there too is a person, who is not may be a shadow."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.band import Band
from tapal_server.correlation.evaluate import Stretch
from tapal_server.correlation.types import Crossing

Floats = NDArray[np.float64]
SEEN_AGAIN = 0.9  # chance that a person is also counted at the other line
AGAIN_S, ABOUT_S = 30.0, 600.0


class Witnesses:
    """The crossings of the lines that confirm a gate's."""

    def __init__(self) -> None:
        self._seen: Band[None] = Band()

    def note(self, crossing: Crossing) -> bool:
        """Take a crossing of such a line; False when it was known."""
        if crossing.id in self._seen:
            return False
        self._seen.add(crossing.time, crossing.id, None)
        return True

    def weigh(self, stretch: Stretch) -> Stretch:
        """Add what the other lines say of each crossing."""
        if not len(self._seen) or not len(stretch.x):
            return stretch
        span = self._seen.span(stretch.x[0] - ABOUT_S, stretch.x[-1] + ABOUT_S)
        lawful, person, false = confirmation(stretch.x, self._seen.times(*span))
        return replace(
            stretch,
            lawful=lawful if stretch.lawful is None else stretch.lawful * lawful,
            person=person if stretch.person is None else stretch.person * person,
            false=false if stretch.false is None else stretch.false * false,
        )

    def forget(self, before: float) -> None:
        """Let go what lies too far before a time to matter."""
        self._seen.drop_front(self._seen.place(before - ABOUT_S))


def confirmation(x: Floats, witnesses: Floats) -> tuple[Floats, Floats, Floats]:
    """Return how likely it is that a second line counted what it did near each crossing, by what the crossing is.

    `witnesses` are the sorted times of that line. A person is counted there too, within half a minute; a false count
    only by coincidence. Where that line was silent for long, it says nothing.
    """

    def around(far: float) -> NDArray[np.intp]:
        return np.searchsorted(witnesses, x + far, "right") - np.searchsorted(witnesses, x - far, "left")

    wide = around(ABOUT_S)
    chance = np.clip(1.0 - np.exp(-np.maximum(wide - 1, 0) * AGAIN_S / ABOUT_S), 0.02, 0.98)
    seen = around(AGAIN_S) > 0
    by_person, by_chance = SEEN_AGAIN + (1.0 - SEEN_AGAIN) * chance, chance
    person = np.where(wide == 0, 1.0, np.where(seen, by_person, 1.0 - by_person))
    false = np.where(wide == 0, 1.0, np.where(seen, by_chance, 1.0 - by_chance))
    return person, person, false
