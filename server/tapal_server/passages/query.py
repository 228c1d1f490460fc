"""Reading the passage log and the imports that filled it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.alerts.views import RecordView, record_view
from tapal_server.db.database import Database
from tapal_server.db.tables import ImportRow, PassageRow
from tapal_server.errors import NotFoundError
from tapal_server.paging import Page, Paging, load
from tapal_server.passages.model import BadRow
from tapal_server.passages.rejected import csv_of
from tapal_server.passages.store import ImportView
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["PassageFilter", "PassageReader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageFilter:
    """Which records; None does not limit."""

    source: str | None = None
    checkpoint: str | None = None
    direction: str | None = None
    voyage_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class PassageReader:
    """Lists records of the checkpoints one may see, and imports."""

    def __init__(self, database: Database, checkpoint_of: Callable[[str], str | None]) -> None:
        self._database = database
        self._checkpoint_of = checkpoint_of

    def page(
        self, actor: Actor, paging: Paging, wanted: PassageFilter, *, newest_first: bool = True
    ) -> Page[RecordView]:
        """Records by their time; withdrawn ones are left out."""
        actor.require(Permission.SEE)
        query = select(PassageRow).where(PassageRow.withdrawn_at.is_(None))
        if actor.sites:
            query = query.where(PassageRow.checkpoint.in_({self._checkpoint_of(site) or "" for site in actor.sites}))
        for column, value in (
            (PassageRow.source, wanted.source),
            (PassageRow.checkpoint, wanted.checkpoint),
            (PassageRow.direction, wanted.direction),
            (PassageRow.voyage_id, wanted.voyage_id),
        ):
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(PassageRow.recorded_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(PassageRow.recorded_at < wanted.until)
        order = PassageRow.recorded_at.desc() if newest_first else PassageRow.recorded_at.asc()
        with self._database.read() as session:
            return load(session, query, paging, record_view, order, PassageRow.number)

    def imports(
        self, actor: Actor, paging: Paging, *, source: str | None = None, newest_first: bool = True
    ) -> Page[ImportView]:
        """What was taken in, by its time."""
        actor.require(Permission.PASSAGES)
        query = select(ImportRow)
        if source is not None:
            query = query.where(ImportRow.source == source)
        with self._database.read() as session:
            order = ImportRow.at.desc() if newest_first else ImportRow.at.asc()
            return load(session, query, paging, _view, order, ImportRow.id)

    def rejected_csv(self, actor: Actor, import_id: str) -> Iterator[str]:
        """The bad rows of an import as CSV, piece by piece."""
        actor.require(Permission.PASSAGES)
        with self._database.read() as session:
            rejected = _find(session, import_id).rejected
        return csv_of(self._database, import_id, rejected)


def _find(session: Session, import_id: str) -> ImportRow:
    row = session.get(ImportRow, import_id)
    if row is None:
        raise NotFoundError(f"import {import_id!r} is not known")
    return row


def _view(row: ImportRow) -> ImportView:
    problems = tuple(BadRow(**problem) for problem in row.problems or ())
    return seen(ImportView, row, problems=problems, ignored_columns=())
