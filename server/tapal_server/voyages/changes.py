"""What plans and voyages have in common: numbered changes, former versions, status and paging."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.orm import Session

from tapal_server.db.tables import PlanRow, ScheduleVersionRow, VoyageRow
from tapal_server.errors import ConflictError
from tapal_server.voyages.views import Status, VersionView, version_view

__all__ = ["check_version", "keep_version", "next_change", "versions_of", "where_status"]

_LOCK = 0x7A9A3
_META = {"id", "change", "entered_at", "entered_by", "changed_at", "changed_by", "cancelled_at", "version"}


def next_change(session: Session, now: datetime) -> int:
    """The number of a change; it grows with the clock, so that deleting old rows never makes it start again.

    Numbers must become visible in their order, so whoever takes one holds the others until the commit.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    highest = max(session.scalar(select(func.max(table.change))) or 0 for table in (PlanRow, VoyageRow))
    return max(highest + 1, int(now.timestamp() * 1000))


def check_version(session: Session, row: PlanRow | VoyageRow, expected: int | None) -> None:
    """Hold a row until the commit, and raise where somebody else was faster, or it is cancelled."""
    session.refresh(row, with_for_update=True)
    if row.cancelled_at is not None:
        raise ConflictError("it was cancelled; enter a new one")
    if expected is not None and row.version != expected:
        raise ConflictError(f"it was changed meanwhile (version {row.version}, not {expected}); load it again")


def keep_version(session: Session, row: PlanRow | VoyageRow, by: str, now: datetime) -> None:
    """Keep what it says before it says something else."""
    what: Literal["plan", "voyage"] = "plan" if isinstance(row, PlanRow) else "voyage"
    body = {name: _plain(getattr(row, name)) for name in row.__table__.columns.keys() if name not in _META}  # noqa: SIM118 - a collection of columns, not a dict
    session.add(
        ScheduleVersionRow(what=what, key=row.id, version=row.version, replaced_at=now, replaced_by=by, body=body)
    )


def versions_of(session: Session, what: Literal["plan", "voyage"], key: str) -> tuple[VersionView, ...]:
    """Former versions, oldest first."""
    query = select(ScheduleVersionRow).where(ScheduleVersionRow.what == what, ScheduleVersionRow.key == key)
    return tuple(version_view(row) for row in session.scalars(query.order_by(ScheduleVersionRow.number)))


def where_status(table: type[PlanRow | VoyageRow], status: Status, now: datetime) -> ColumnElement[bool]:
    """Rows that stand so at a time."""
    if status == "cancelled":
        return table.cancelled_at.is_not(None)
    when = {
        "scheduled": table.starts_at > now,
        "under_way": and_(table.starts_at <= now, table.ends_at >= now),
        "over": table.ends_at < now,
    }
    return and_(table.cancelled_at.is_(None), when[status])


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
