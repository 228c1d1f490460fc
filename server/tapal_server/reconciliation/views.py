"""What a comparison of two agencies shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["Difference", "DifferenceKind", "ReconciliationView"]

DifferenceKind = Literal["only_first", "only_second", "times_differ", "persons_differ"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A passage that two agencies do not tell alike; the side without a record has neither id, time nor persons."""

    kind: DifferenceKind
    direction: str
    first_id: str | None = None
    first_at: datetime | None = None
    first_persons: int | None = None
    second_id: str | None = None
    second_at: datetime | None = None
    second_persons: int | None = None
    voyage_id: str | None = None
    by: Literal["document", "time"] | None = None

    @property
    def at(self) -> datetime:
        """When it was, by whoever says so."""
        moment = self.first_at or self.second_at
        assert moment is not None
        return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationView:
    """Two sources of one site over a window: counts of records, and the differences in order of time."""

    site: str
    checkpoint: str
    first: str
    second: str
    since: datetime
    until: datetime
    first_records: int
    second_records: int
    first_persons: int
    second_persons: int
    paired: int
    paired_by_document: int
    agreeing: int
    only_first: int
    only_second: int
    times_differ: int
    persons_differ: int
    matters: bool
    differences: Sequence[Difference]
