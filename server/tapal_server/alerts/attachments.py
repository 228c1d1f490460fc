"""Files that people add to an alert: a few kinds only, bounded, kept with the pictures and deleted in time."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.alerts.casebook import Casebook
from tapal_server.alerts.query import find_alert
from tapal_server.alerts.views import AttachmentView
from tapal_server.db.tables import AttachmentRow
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tapal_server.media import MediaStore
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission, Role
from tapal_server.viewing import seen

__all__ = ["AttachmentService", "type_of"]

MOST = 20
_SUFFIX = ".file"
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


def type_of(data: bytes) -> str:
    """The kind of file, from its bytes.

    Raises:
        InvalidError: it is none of JPEG, PNG, PDF or plain text.
    """
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text or text.lstrip()[:1] == "<":
        raise InvalidError("only JPEG, PNG, PDF and plain text can be attached; convert the file", field="body")
    return "text/plain; charset=utf-8"


class AttachmentService:
    """Adds, gives and removes files of alerts."""

    def __init__(self, casebook: Casebook, store: MediaStore, *, largest: int) -> None:
        self._casebook = casebook
        self._store = store
        self._largest = largest

    def add(self, actor: Actor, alert_id: str, name: str, data: bytes) -> AttachmentView:
        """Attach a file; the same bytes again are the same attachment.

        Raises:
            InvalidError: empty, larger than allowed, or of another kind.
            ConflictError: the alert has as many as it may have.
        """
        actor.require(Permission.JUDGE)
        name, digest = _clean(name), hashlib.sha256(data).hexdigest()
        known = self._known(actor, alert_id, digest)
        if known is not None:
            return known
        if not 0 < len(data) <= self._largest:
            raise InvalidError(f"an attachment has 1 to {self._largest} bytes; make it smaller", field="body")
        kind, detail = type_of(data), {"name": name, "sha256": digest, "bytes": len(data)}
        with self._casebook.change(actor, alert_id, "attach", detail) as (session, _):
            count = session.scalar(select(func.count()).where(AttachmentRow.alert_id == alert_id)) or 0
            if count >= MOST:
                raise ConflictError(f"the alert has {MOST} attachments already; remove one first")
            id_ = new_id()
            row = AttachmentRow(
                id=id_,
                alert_id=alert_id,
                name=name,
                type=kind,
                bytes=len(data),
                sha256=digest,
                path=self._store.put(id_, data, suffix=_SUFFIX),
                by=actor.name,
                at=self._casebook.clock.now(),
            )
            session.add(row)
            return seen(AttachmentView, row)

    def read(self, actor: Actor, alert_id: str, attachment_id: str) -> tuple[AttachmentView, bytes]:
        """The file and its bytes; that it was looked at is audited."""
        actor.require(Permission.SEE)
        with self._casebook.database.write() as session:
            row = _find(session, actor, alert_id, attachment_id)
            try:
                data = self._store.get(row.path)
            except FileNotFoundError as error:
                raise NotFoundError(f"attachment {attachment_id!r} is no longer there") from error
            self._casebook.audit.append(
                session, actor, "attachment.view", f"alert:{alert_id}", {"attachment": attachment_id}
            )
            return seen(AttachmentView, row), data

    def remove(self, actor: Actor, alert_id: str, attachment_id: str) -> None:
        """Remove a file one added oneself or, with the right to assign, anybody's."""
        actor.require(Permission.JUDGE)
        detail = {"attachment": attachment_id}
        with self._casebook.change(actor, alert_id, "detach", detail) as (session, _):
            row = _find(session, actor, alert_id, attachment_id)
            if row.by != actor.name and not actor.may(Permission.ASSIGN):
                raise ForbiddenError("only who added an attachment, or a supervisor, may remove it")
            detail |= {"name": row.name, "sha256": row.sha256}
            path = row.path
            session.delete(row)
        self._store.delete(path)

    def _known(self, actor: Actor, alert_id: str, digest: str) -> AttachmentView | None:
        with self._casebook.database.read() as session:
            find_alert(session, actor, alert_id)
            query = select(AttachmentRow).where(AttachmentRow.alert_id == alert_id, AttachmentRow.sha256 == digest)
            row = session.scalar(query)
            return None if row is None else seen(AttachmentView, row)


def _clean(name: str) -> str:
    """A name without folders or signs that are no text."""
    name = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return name.strip(" .")[-128:] or "file"


def _find(session: Session, actor: Actor, alert_id: str, attachment_id: str) -> AttachmentRow:
    find_alert(session, actor, alert_id)
    row = session.get(AttachmentRow, attachment_id)
    if row is None or row.alert_id != alert_id or actor.role is Role.PARTNER:
        raise NotFoundError(f"attachment {attachment_id[:40]!r} is not known")
    return row
