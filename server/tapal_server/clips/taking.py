"""Films as they come from nodes: what became of a request, and piece after piece until all are there."""

import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from tapal_contract.clip import Piece, join
from tapal_contract.errors import MessageError
from tapal_contract.node import CommandAnswer
from tapal_server.db.tables import ClipPieceRow, ClipRow, NodeRow
from tapal_server.events import ClipChanged, ServerEvent
from tapal_server.media import MediaStore

__all__ = ["drop_pieces", "note_clip", "take_pieces"]

log = logging.getLogger(__name__)


def note_clip(session: Session, answer: CommandAnswer, now: datetime) -> list[ServerEvent]:
    """Write down what a node said to a request for a film."""
    clip = _asked_by(session, answer.id)
    if clip is None or clip.path is not None:
        return []
    clip.heard_at = now
    if answer.outcome == "refused":
        clip.problem, clip.reason = answer.cause or "failed", answer.reason
    return [ClipChanged(event_id=clip.event_id)]


def take_pieces(
    session: Session, store: MediaStore, node: NodeRow, pieces: Mapping[str, Piece], now: datetime
) -> tuple[tuple[str, ...], list[ServerEvent]]:
    """Keep them; return the ids to acknowledge, and what to tell.

    One nobody asked this node for is acknowledged and dropped: it would be sent for ever.
    """
    changed: set[str] = set()
    # In order, so that two servers that take pieces of the same films never wait for each other in a circle.
    for clip_id in sorted({piece.clip for piece in pieces.values()}):
        clip = _asked_by(session, clip_id)
        if clip is None or clip.node != node.node:
            log.warning("node %s sent a piece of a film that nobody asked it for; dropped", node.node)
            continue
        if clip.path is not None:
            continue  # a repeat: the film is here
        for piece in sorted((one for one in pieces.values() if one.clip == clip_id), key=lambda one: one.number):
            _keep(session, store, piece)
        _count(session, store, clip, next(one for one in pieces.values() if one.clip == clip_id), now)
        changed.add(clip.event_id)
    return tuple(pieces), [ClipChanged(event_id=event_id) for event_id in sorted(changed)]


def drop_pieces(session: Session, store: MediaStore, command_id: str) -> None:
    """Forget what came of a film: it is whole, or will not be."""
    _drop(session, store, ClipPieceRow.command_id == command_id)


def _drop(session: Session, store: MediaStore, *which: ColumnElement[bool]) -> None:
    for path in session.scalars(select(ClipPieceRow.path).where(*which)):
        store.delete(path)
    session.execute(delete(ClipPieceRow).where(*which))


def _asked_by(session: Session, command_id: str) -> ClipRow | None:
    """The film of a request, held until the end of the transaction: its pieces may come to several servers."""
    return session.scalars(select(ClipRow).where(ClipRow.command_id == command_id).with_for_update()).first()


def _keep(session: Session, store: MediaStore, piece: Piece) -> None:
    """The newest making of a film counts: a node that was cut short makes it again."""
    _drop(session, store, ClipPieceRow.command_id == piece.clip, ClipPieceRow.sha256 != piece.sha256)
    row = session.get(ClipPieceRow, (piece.clip, piece.number))
    if row is None:
        row = ClipPieceRow(command_id=piece.clip, number=piece.number)
    row.sha256, row.path = piece.sha256, store.put(piece.id, piece.data, suffix=".piece")
    session.add(row)
    session.flush()


def _count(session: Session, store: MediaStore, clip: ClipRow, one: Piece, now: datetime) -> None:
    of_clip = ClipPieceRow.command_id == clip.command_id
    clip.pieces = session.scalar(select(func.count()).where(of_clip)) or 0
    clip.expected, clip.heard_at, clip.problem = one.of, now, ""
    if clip.pieces < clip.expected:
        return
    rows = session.scalars(select(ClipPieceRow).where(of_clip)).all()
    try:
        film = join([Piece(one.clip, row.number, one.of, row.sha256, store.get(row.path)) for row in rows])
    except (MessageError, FileNotFoundError) as error:
        log.warning("the film of event %s is not kept: %s", clip.event_id, error)
        clip.problem, clip.reason, clip.pieces = "broken", str(error)[:500], 0
    else:
        clip.path = store.put(clip.event_id, film, suffix=".mp4")
        clip.bytes, clip.sha256, clip.stored_at = len(film), one.sha256, now
    drop_pieces(session, store, clip.command_id)
