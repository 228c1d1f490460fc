"""Asking a node for a film, for whoever does: a person, or the review after a verdict."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_contract.node import Command
from tapal_server.clips.taking import drop_pieces
from tapal_server.commands.writing import written
from tapal_server.db.tables import ClipRow, CommandRow, EventRow, ReviewRow
from tapal_server.media import MediaStore

__all__ = ["EXPIRES", "FILMED", "ask_node", "drop_film", "film_of", "film_of_report", "one_at_a_time"]

EXPIRES = timedelta(minutes=10)  # for as long a node obeys a command
FILMED = ("crossing", "zone", "vessel")
_LOCK = 0x7A9A5


def one_at_a_time(session: Session) -> None:
    """Let nobody else ask for films until this transaction ends, so that none is asked for twice."""
    if session.get_bind().dialect.name != "sqlite":  # where whoever writes is alone
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def film_of(event: EventRow, now: datetime) -> ClipRow:
    """The row of a film of an event, not asked for yet."""
    return _film(event.id, event, event.time, now)


def film_of_report(report: ReviewRow, now: datetime) -> ClipRow:
    """The same of a moment at which somebody was missed; the report stands in for the event."""
    assert report.event_id is not None, "a report of a moment"
    return _film(report.event_id, report, report.taken_at, now)


def _film(event_id: str, place: EventRow | ReviewRow, happened_at: datetime | None, now: datetime) -> ClipRow:
    return ClipRow(
        event_id=event_id,
        command_id=new_id(),
        node=place.node,
        site=place.site,
        camera=place.camera,
        happened_at=happened_at,
        asked_at=now,
        asked_by="",
    )


def ask_node(session: Session, store: MediaStore, clip: ClipRow, by: str, now: datetime) -> Command:
    """Write down the request for a film, in place of the one before."""
    drop_pieces(session, store, clip.command_id)
    command = Command(
        id=new_id(), name="clip", camera=clip.camera, issued_at=now, issued_by=by, events=(clip.event_id,)
    )
    session.add(written(command, clip.node, clip.site, EXPIRES))
    clip.command_id, clip.asked_at, clip.asked_by, clip.heard_at = command.id, now, by, None
    clip.pieces, clip.expected, clip.problem, clip.reason, clip.hold = 0, 0, "", "", ""
    session.add(clip)
    return command


def drop_film(session: Session, store: MediaStore, clip: ClipRow) -> None:
    """Forget a film: what came of it, the request, and what is still to come."""
    drop_pieces(session, store, clip.command_id)
    if clip.path is not None:
        store.delete(clip.path)
    command = session.get(CommandRow, clip.command_id)
    if command is not None and command.state == "waiting":
        session.delete(command)
    session.delete(clip)
