"""The clerk at the demo's counter: logs people a while after they crossed, and leaves some out.

The clerk stands for an immigration counter. It hears the crossings of the demo's edge, writes a passage record for most
of them after a queue delay, and none for a few: those are the ones Tapal has to find.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tapal_contract.events import Crossing
from tapal_contract.ids import new_id
from tapal_contract.times import to_wire


@dataclass(frozen=True, slots=True)
class Habits:
    """How the clerk works.

    Attributes:
        left_out: share of people without a record, 0..1.
        typical_s: median seconds from the line to the record.
        spread: standard deviation of the delay's logarithm.
    """

    left_out: float = 0.06
    typical_s: float = 2.5
    spread: float = 0.12


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the passage log, as the server's import takes it."""

    record_id: str
    recorded_at: datetime
    direction: str
    checkpoint: str

    def as_json(self) -> dict[str, str]:
        """The row as the passage API takes it."""
        return {
            "record_id": self.record_id,
            "recorded_at": to_wire(self.recorded_at),
            "direction": self.direction,
            "checkpoint": self.checkpoint,
        }


class Clerk:
    """Turns crossings into rows; the same seed leaves out the same people in the same order."""

    def __init__(self, checkpoint: str, habits: Habits, *, seed: int) -> None:
        self._checkpoint = checkpoint
        self._habits = habits
        self._random = Random(seed)  # noqa: S311 - a simulation, not a secret
        self.logged = 0
        self.left_out = 0

    def serve(self, crossing: Crossing) -> Iterator[Row]:
        """Yield the record of a crossing, or nothing for somebody who is left out."""
        if crossing.label != "person":
            return
        delay = self._random.lognormvariate(0.0, self._habits.spread) * self._habits.typical_s
        if self._random.random() < self._habits.left_out:
            self.left_out += 1
            return
        self.logged += 1
        yield Row(
            record_id=new_id(),
            recorded_at=crossing.time + timedelta(seconds=delay),
            direction=crossing.direction,
            checkpoint=self._checkpoint,
        )
