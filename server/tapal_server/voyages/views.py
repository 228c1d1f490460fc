"""Planned movements and voyages as others see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tapal_server.db.tables import PlanRow, ScheduleVersionRow, VoyageRow
from tapal_server.viewing import seen

__all__ = [
    "Figures",
    "PlanFigures",
    "PlanView",
    "Status",
    "VersionView",
    "VoyageView",
    "plan_view",
    "status_of",
    "version_view",
    "voyage_view",
]

Status = Literal["scheduled", "under_way", "over", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """Persons in the window of a plan, of the direction that most came in: seen by cameras, and in the log."""

    seen: int
    logged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A planned movement; `late` when it was entered after it began. `persons` are planned, `figures` came."""

    id: str
    site: str
    line: str | None
    direction: str | None
    starts_at: datetime
    ends_at: datetime
    kind: str
    persons: int | None
    figures: PlanFigures
    note: str
    status: Status
    late: bool
    entered_at: datetime
    entered_by: str
    changed_at: datetime
    changed_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Persons of a voyage: on its papers, in the passage log, and seen by the camera in its window.

    `shared_with` are calls of the same line, direction and time: what the camera saw belongs to all of them.
    """

    declared: int | None
    cleared: int
    refused: int
    boarded: int
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoyageView:
    """A voyage and its figures."""

    id: str
    site: str
    line: str | None
    berth: str | None
    direction: str
    vessel: str
    mmsi: int | None
    imo: int | None
    starts_at: datetime
    ends_at: datetime
    note: str
    status: Status
    figures: Figures
    manifest_persons: int | None
    manifest_at: datetime | None
    entered_at: datetime
    entered_by: str
    changed_at: datetime
    changed_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """What it said before somebody changed it."""

    version: int
    replaced_at: datetime
    replaced_by: str
    body: dict[str, Any]


def status_of(row: PlanRow | VoyageRow, now: datetime) -> Status:
    """Where it stands at a time."""
    if row.cancelled_at is not None:
        return "cancelled"
    if now < row.starts_at:
        return "scheduled"
    return "under_way" if now <= row.ends_at else "over"


def plan_view(row: PlanRow, figures: PlanFigures, now: datetime) -> PlanView:
    """A planned movement with figures counted before."""
    late = row.entered_at > row.starts_at
    return seen(PlanView, row, figures=figures, status=status_of(row, now), late=late)


def voyage_view(row: VoyageRow, figures: Figures, now: datetime) -> VoyageView:
    """A voyage with figures counted before."""
    return seen(VoyageView, row, figures=figures, status=status_of(row, now))


def version_view(row: ScheduleVersionRow) -> VersionView:
    """A former version."""
    return seen(VersionView, row)
