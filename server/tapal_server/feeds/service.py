"""Feeds: profiles kept as data, tried before they are used, and files taken in through them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import IO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import FeedRow, ImportRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.feeds.profile import Profile
from tapal_server.feeds.reading import read_feed
from tapal_server.keys import Keys
from tapal_server.passages.model import BadRow, Record
from tapal_server.passages.rejected import csv_of
from tapal_server.passages.store import ImportView, PassageService
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["FeedService", "FeedView", "Preview"]

_PREVIEWED = 200
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A feed, its profile and its health."""

    name: str
    profile: Profile
    changed_at: datetime
    changed_by: str
    last_row_at: datetime | None
    last_problem: str | None
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the first rows of a file would become; nothing is stored."""

    records: tuple[Record, ...]
    problems: tuple[BadRow, ...]
    read: int
    withdrawn: int


class FeedService:
    """Keeps profiles and reads files by them."""

    def __init__(
        self, database: Database, passages: PassageService, *, audit: AuditLog, clock: Clock, keys: Keys
    ) -> None:
        self._database = database
        self._passages = passages
        self._audit = audit
        self._clock = clock
        self._keys = keys

    def all(self, actor: Actor) -> tuple[FeedView, ...]:
        """Feeds by name."""
        actor.require(Permission.PASSAGES)
        with self._database.read() as session:
            return tuple(self._view(row) for row in session.scalars(select(FeedRow).order_by(FeedRow.name)))

    def get(self, actor: Actor, name: str) -> FeedView:
        """One feed."""
        actor.require(Permission.PASSAGES)
        with self._database.read() as session:
            return self._view(_find(session, name))

    def save(self, actor: Actor, name: str, profile: Profile) -> FeedView:
        """Add a feed or change its profile."""
        actor.require(Permission.PASSAGES)
        if not 1 <= len(name) <= 64 or not name.replace("-", "").replace("_", "").isalnum():
            raise InvalidError(f"feed name {name[:70]!r}: use letters, digits, - and _", field="name")
        with self._database.write() as session:
            row = session.get(FeedRow, name) or FeedRow(name=name)
            row.profile, row.changed_at, row.changed_by = (
                profile.model_dump(mode="json"), self._clock.now(), actor.name,
            )  # fmt: skip
            session.add(row)
            self._audit.append(session, actor, "feed.save", f"feed:{name}", {"source": profile.source})
            return self._view(row)

    def delete(self, actor: Actor, name: str) -> None:
        """Forget a feed; its records stay."""
        actor.require(Permission.PASSAGES)
        with self._database.write() as session:
            session.delete(_find(session, name))
            self._audit.append(session, actor, "feed.delete", f"feed:{name}", {})

    def preview(self, actor: Actor, profile: Profile, file: IO[bytes], *, name: str = "file") -> Preview:
        """Read the first rows by a profile, without storing anything."""
        actor.require(Permission.PASSAGES)
        reading = read_feed(profile, file, name=name, key=self._keys.get("documents"))
        records = list(islice(reading.records, _PREVIEWED))
        reading.records.close()
        return Preview(
            records=tuple(records[:_SHOWN]),
            problems=tuple(reading.report.bad[:_PREVIEWED]),
            read=len(records) + reading.report.bad_count,
            withdrawn=len(reading.withdrawn),
        )

    def take(
        self,
        actor: Actor,
        name: str,
        file: IO[bytes],
        *,
        file_name: str = "file",
        tick: Callable[[int], object] = lambda _: None,
    ) -> ImportView:
        """Take a file in through a feed: good rows stored, others reported, withdrawals carried out."""
        profile = self.get(actor, name).profile
        reading = read_feed(profile, file, name=file_name, key=self._keys.get("documents"))
        view = self._passages.take(actor, profile.source, reading.report, reading.records, tick=tick)
        withdrawn = self._passages.withdraw(actor, profile.source, reading.withdrawn) if reading.withdrawn else 0
        with self._database.write() as session:
            row = _find(session, name)
            if reading.report.good:
                row.last_row_at = self._clock.now()
            row.last_problem = reading.report.bad[0].reason[:500] if reading.report.bad else None
            session.execute(update(ImportRow).where(ImportRow.id == view.id).values(withdrawn=withdrawn))
        return replace(view, withdrawn=withdrawn)

    def rejected_csv(self, view: ImportView) -> Iterator[str]:
        """The bad rows of what was just taken in, as CSV."""
        return csv_of(self._database, view.id, view.rejected)

    def _view(self, row: FeedRow) -> FeedView:
        profile = Profile.model_validate(row.profile)
        limit, seen = profile.silent_after_minutes, row.last_row_at or row.changed_at
        silent = limit is not None and (self._clock.now() - seen).total_seconds() > limit * 60
        return FeedView(
            name=row.name,
            profile=profile,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            last_row_at=row.last_row_at,
            last_problem=row.last_problem,
            silent=silent,
        )


def _find(session: Session, name: str) -> FeedRow:
    row = session.get(FeedRow, name)
    if row is None:
        raise NotFoundError(f"feed {name[:64]!r} is not known")
    return row
