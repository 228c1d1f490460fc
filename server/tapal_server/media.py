"""Pictures of events: bytes in a folder by event id, facts about them in the database."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import UUID_PATTERN
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, AlertShareRow, MediaRow, NodeRow
from tapal_server.errors import NotFoundError
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission, Role

__all__ = ["MediaService", "MediaStore", "is_another_picture", "is_shared", "note_picture"]


class MediaStore:
    """Bytes by event id, in folders small enough to list.

    Attributes:
        is_far: whether a picture takes so long that nobody should wait for it who only stores events.
    """

    is_far = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, event_id: str, suffix: str = ".jpg") -> str:
        """Where a picture lies, relative to the folder."""
        if not UUID_PATTERN.match(event_id):
            raise NotFoundError(f"picture {event_id[:40]!r} is not known")
        # The end of a UUIDv7 is random, its beginning is the time.
        return f"{event_id[-2:]}/{event_id}{suffix}"

    def put(self, event_id: str, jpeg: bytes, *, suffix: str = ".jpg") -> str:
        """Store whole or not at all; the same id again replaces."""
        relative = self.path_of(event_id, suffix)
        path = self._folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        with draft.open("wb") as file:
            file.write(jpeg)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return relative

    def get(self, relative: str) -> bytes:
        """The bytes; raises FileNotFoundError."""
        return (self._folder / relative).read_bytes()

    def delete(self, relative: str) -> None:
        """Remove, if it is there."""
        (self._folder / relative).unlink(missing_ok=True)


class MediaService:
    """Pictures for people who may see their site; each look is audited."""

    def __init__(self, database: Database, store: MediaStore, *, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._clock = clock

    def has(self, event_ids: tuple[str, ...]) -> frozenset[str]:
        """Which of these events have a picture."""
        with self._database.read() as session:
            return frozenset(session.scalars(select(MediaRow.event_id).where(MediaRow.event_id.in_(event_ids))))

    def read(self, actor: Actor, event_id: str) -> bytes:
        """The JPEG of an event.

        Raises:
            NotFoundError: there is none, it was deleted when its time ended, or it is of another site.
        """
        actor.require(Permission.SEE)
        with self._database.read() as session:
            row = session.get(MediaRow, event_id)
            shown = row is not None and (actor.sees(row.site) or is_shared(session, actor, event_id))
        if row is None or not shown:
            raise NotFoundError(f"picture {event_id[:40]!r} is not known")
        try:
            jpeg = self._store.get(row.path)
        except FileNotFoundError as error:
            raise NotFoundError(f"picture {event_id!r} is no longer there") from error
        self._audit.record(actor, "media.view", f"event:{event_id}")
        return jpeg


def is_shared(session: Session, actor: Actor, event_id: str) -> bool:
    """Whether an alert that rests on the event was shared with the actor's agency, and still is."""
    if actor.role is not Role.PARTNER:
        return False
    shared = (
        select(AlertShareRow.id)
        .join(AlertEventRow, AlertEventRow.alert_id == AlertShareRow.alert_id)
        .where(
            AlertEventRow.event_id == event_id,
            AlertShareRow.agency == actor.agency,
            AlertShareRow.ended_at.is_(None),
        )
    )
    return session.scalar(shared.limit(1)) is not None


def is_another_picture(session: Session, event_id: str, jpeg: bytes) -> bool:
    """Whether the event has a picture already, and not this one."""
    known = session.scalar(select(MediaRow.sha256).where(MediaRow.event_id == event_id))
    return known is not None and known != hashlib.sha256(jpeg).hexdigest()


def note_picture(session: Session, event_id: str, node: NodeRow, path: str, jpeg: bytes, now: datetime) -> None:  # noqa: PLR0917 - one caller
    """Write down that a picture is stored; repeats are harmless."""
    row = session.get(MediaRow, event_id) or MediaRow(event_id=event_id)
    row.node, row.site, row.path, row.bytes = node.node, node.site, path, len(jpeg)
    row.sha256, row.stored_at = hashlib.sha256(jpeg).hexdigest(), now
    session.add(row)
