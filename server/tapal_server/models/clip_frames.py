"""Clips in the review: their frames to label, with what the edge saw in each, and boxes carried through them."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from tapal_contract.errors import MessageError
from tapal_contract.looks import Look, read_looks
from tapal_server.db.database import Database
from tapal_server.db.tables import ClipRow, ReviewRow
from tapal_server.media import MediaStore
from tapal_server.models import footage
from tapal_server.models.following import proposed
from tapal_server.models.footage import FilmError, Shot
from tapal_server.models.propagating import Keyframe, ReviewBox, carried
from tapal_server.models.queueing import Camera, open_row, uncertainty

__all__ = ["Carried", "carry", "collect"]

log = logging.getLogger(__name__)

AT_ONCE = 10
SURE_ENOUGH = 0.25
"""What the edge was less sure of is no proposal."""
Looks = tuple[tuple[ReviewBox, ...], ...]


def collect(database: Database, store: MediaStore, now: datetime) -> int:
    """Queue the frames of clips whose event's picture is in the review; return how many.

    So a clip comes in once it is on the server: after a verdict on its alert, or a report of somebody missed.
    """
    frame = aliased(ReviewRow)
    known = exists(select(frame.id).where(frame.clip == ClipRow.event_id))
    query = (
        select(ReviewRow, ClipRow.path)
        .join(ClipRow, ClipRow.event_id == ReviewRow.event_id)
        .where(ClipRow.path.is_not(None), ~known)
        .order_by(ClipRow.asked_at)
        .limit(AT_ONCE)
    )
    with database.read() as session:
        waiting = [(row, str(path)) for row, path in session.execute(query)]
        session.expunge_all()
    count = 0
    for picture, path in waiting:
        try:
            film = store.get(path)
        except FileNotFoundError:
            continue
        shots, looks, problem = _taken_apart(film)
        with database.write() as session:
            # the picture may have been deleted meanwhile, its clip with it
            if session.get(ReviewRow, picture.id) is not None:
                count += _queue(session, store, picture, shots, looks, problem, now)
    return count


def _taken_apart(film: bytes) -> tuple[list[Shot], Looks, str]:
    try:
        return footage.shots(film), _looks(film), ""
    except FilmError as error:
        log.warning("a clip comes into the review without frames: %s", error)
        return [], (), f"the clip cannot be taken apart: {error}"[:1000]


def _looks(film: bytes) -> Looks:
    try:
        return tuple(tuple(_box(one) for one in frame if one.confidence >= SURE_ENOUGH) for frame in read_looks(film))
    except MessageError as error:
        log.warning("the frames of a clip come without boxes: %s", error)
        return ()


def _box(one: Look) -> ReviewBox:
    label, confidence, *sides = one
    x1, y1, x2, y2 = sides
    return ReviewBox(label=label, x1=x1, y1=y1, x2=x2, y2=y2, confidence=confidence)


def _queue(  # noqa: PLR0917 - what a clip's frames need
    session: Session,
    store: MediaStore,
    picture: ReviewRow,
    shots: Sequence[Shot],
    looks: Looks,
    problem: str,
    now: datetime,
) -> int:
    if not shots:  # so that nobody tries it again
        broken = _row(picture, now)
        broken.state, broken.note = "skipped", problem
        session.add(broken)
    for shot in shots:
        row = _row(picture, now)
        boxes = looks[shot.number] if shot.number < len(looks) else ()
        row.frame, row.at_s = shot.number, shot.at_s
        row.proposals = [asdict(box) for box in boxes]
        row.uncertainty = uncertainty(row.why, row.proposals)
        row.path = store.put(row.id, shot.jpeg)
        session.add(row)
    report = session.get(ReviewRow, picture.id)
    if shots and report is not None and report.path is None and report.state == "open":
        report.state = "skipped"  # there is nothing to draw on in it, and now there is on its frames
    return len(shots)


def _row(picture: ReviewRow, now: datetime) -> ReviewRow:
    camera = Camera(picture.site, picture.node, picture.camera)
    row = open_row(camera, picture.taken_at, picture.why, now, note=picture.note, by="system", uncertainty=0.0)
    row.clip, row.alert_id = picture.event_id, picture.alert_id
    return row


class Carried(NamedTuple):
    """Boxes for a frame, and the version of it that they were made for."""

    boxes: tuple[ReviewBox, ...]
    version: int


def carry(database: Database, store: MediaStore, clip: str) -> dict[str, Carried]:
    """Where the boxes of a clip's labelled frames are in those that nobody labelled yet, by the frames' ids.

    They are followed through every frame of the clip; where it is no longer there, by their motion alone.
    """
    with database.read() as session:
        rows = session.scalars(select(ReviewRow).where(ReviewRow.clip == clip, ReviewRow.frame.is_not(None))).all()
        kept = session.get(ClipRow, clip)
        path = kept.path if kept is not None else None
        session.expunge_all()
    known = {
        row.frame: tuple(ReviewBox(**box) for box in row.boxes)
        for row in rows
        if row.state == "done" and row.boxes is not None and row.frame is not None
    }
    try:
        film = store.get(path) if path is not None else None
        found = None if film is None else proposed(footage.greys(film), _looks(film), known)
    except (FileNotFoundError, FilmError) as error:
        log.warning("the boxes of clip %s are carried on by their motion: %s", clip, error)
        found = None
    times = {row.frame: row.at_s or 0.0 for row in rows}
    keyframes = [Keyframe(times[number], boxes) for number, boxes in known.items()]
    result = {}
    for row in rows:
        if row.state != "open" or row.frame is None:
            continue
        if found is None:
            boxes = carried(keyframes, times[row.frame], [ReviewBox(**box) for box in row.proposals])
        else:
            boxes = found.get(row.frame, ())
        result[row.id] = Carried(boxes, row.version)
    return result
