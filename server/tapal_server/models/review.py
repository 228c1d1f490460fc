"""Pictures that people look at, so that the next model learns from them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from tapal_contract.ids import id_at
from tapal_server.audit.log import AuditLog
from tapal_server.clips.asking import drop_film
from tapal_server.clips.standing import ClipView, standing
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, ClipRow, EventRow, MediaRow, NodeRow, ReviewDeletionRow, ReviewRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.events import Bus, ClipChanged
from tapal_server.media import MediaStore
from tapal_server.models import clip_frames
from tapal_server.models.propagating import Keyframe, ReviewBox, carried
from tapal_server.models.queueing import Camera, open_row, queued
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import SYSTEM, Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["LABELS", "ReviewDetail", "ReviewService", "ReviewView"]

LABELS = ("person", "bicycle", "car", "motorcycle", "bus", "truck", "boat")
ONE_CLIP = timedelta(seconds=10)
AROUND_A_MISS = timedelta(seconds=60)
MOST_BOXES = 500
FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A picture in the review; `clip` is the event of whose clip it is a frame, `at_s` seconds from its start."""

    id: str
    event_id: str | None
    clip: str | None
    frame: int | None
    at_s: float | None
    alert_id: str | None
    site: str
    node: str
    camera: str
    taken_at: datetime
    why: str
    note: str
    uncertainty: float
    disagreement: float | None
    state: str
    negative: bool
    has_picture: bool
    version: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDetail:
    """A picture with its boxes: what the edge saw, and what a person made of it (None: nobody looked yet)."""

    view: ReviewView
    proposals: tuple[ReviewBox, ...]
    boxes: tuple[ReviewBox, ...] | None


class ReviewService:
    """The queue, and what people say of its pictures."""

    def __init__(
        self,
        database: Database,
        store: MediaStore,
        held_alerts: Sequence[str],
        *,
        audit: AuditLog,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._held_alerts = tuple(held_alerts)
        self._database = database
        self._store = store
        self._bus = bus
        self._audit = audit
        self._clock = clock

    def page(
        self,
        actor: Actor,
        paging: Paging,
        *,
        state: Literal["open", "done", "skipped", "all"] = "open",
        order: Literal["uncertain", "newest"] = "uncertain",
    ) -> Page[ReviewView]:
        """Pictures of sites this person sees, those first from which most is learned."""
        actor.require(Permission.REVIEW)
        query = select(ReviewRow)
        if state != "all":
            query = query.where(ReviewRow.state == state)
        if actor.sites:
            query = query.where(ReviewRow.site.in_(actor.sites))
        more = (ReviewRow.disagreement > ReviewRow.uncertainty, ReviewRow.disagreement)  # never where it is empty
        first = case(more, else_=ReviewRow.uncertainty).desc() if order == "uncertain" else ReviewRow.taken_at.desc()
        with self._database.read() as session:
            return load(session, query, paging, _view, first, ReviewRow.id)

    def get(self, actor: Actor, review_id: str) -> ReviewDetail:
        """One picture with its boxes."""
        actor.require(Permission.REVIEW)
        with self._database.read() as session:
            return _detail(_find(session, actor, review_id))

    def picture(self, actor: Actor, review_id: str) -> bytes:
        """The JPEG, heads blurred; that it was looked at is audited."""
        actor.require(Permission.REVIEW)
        with self._database.read() as session:
            path = _find(session, actor, review_id).path
        try:
            jpeg = self._store.get(path) if path is not None else None
        except FileNotFoundError:
            jpeg = None
        if jpeg is None:
            raise NotFoundError(f"picture {review_id[:40]!r} is not there")
        self._audit.record(actor, "review.view", f"review:{review_id}")
        return jpeg

    def save(
        self,
        actor: Actor,
        review_id: str,
        boxes: Sequence[ReviewBox],
        *,
        negative: bool = False,
        expected_version: int | None = None,
    ) -> ReviewDetail:
        """Say what is in the picture: all boxes, or with `negative` that nothing is that the edge took for something.

        Raises:
            InvalidError: a box off the picture, an unknown label, a negative with boxes, none and no negative.
            ConflictError: somebody else changed it meanwhile.
        """
        _require_boxes(boxes, negative=negative)
        content: list[Any] = [asdict(box) | {"confidence": None} for box in boxes]
        return self._change(actor, review_id, "save", expected_version, state="done", boxes=content, negative=negative)

    def skip(self, actor: Actor, review_id: str) -> ReviewDetail:
        """Nothing can be learned from it."""
        return self._change(actor, review_id, "skip", None, state="skipped", boxes=None, negative=False)

    def reopen(self, actor: Actor, review_id: str) -> ReviewDetail:
        """Back into the queue, what was drawn stays."""
        return self._change(actor, review_id, "reopen", None, state="open")

    def propagate(self, actor: Actor, review_id: str) -> tuple[ReviewDetail, ...]:
        """Carry the boxes of what is done to the open pictures of the same clip, as proposals; returns those.

        Frames of a clip: they are followed through it. Other pictures: they are carried to those within ten seconds.
        """
        actor.require(Permission.REVIEW)
        with self._database.read() as session:
            clip = _labelled(session, actor, review_id).clip
        if clip is not None:
            return self._propagate_in_clip(actor, review_id, clip)
        with self._database.write() as session:
            here = _labelled(session, actor, review_id)
            of_clip = select(ReviewRow).where(
                ReviewRow.node == here.node,
                ReviewRow.camera == here.camera,
                ReviewRow.taken_at.between(here.taken_at - ONE_CLIP, here.taken_at + ONE_CLIP),
                ReviewRow.path.is_not(None),
                ReviewRow.clip.is_(None),
            )
            rows = session.scalars(of_clip.order_by(ReviewRow.taken_at)).all()
            known = [
                Keyframe(one.taken_at.timestamp(), _boxes(one.boxes))
                for one in rows
                if one.state == "done" and one.boxes is not None
            ]
            changed = [one for one in rows if one.state == "open"]
            for one in changed:
                found = carried(known, one.taken_at.timestamp(), _boxes(one.proposals))
                one.proposals = [asdict(box) for box in found]
                one.version += 1
            self._audit.append(session, actor, "review.propagate", f"review:{review_id}", {"to": len(changed)})
            return tuple(_detail(one) for one in changed)

    def _propagate_in_clip(self, actor: Actor, review_id: str, clip: str) -> tuple[ReviewDetail, ...]:
        found = clip_frames.carry(self._database, self._store, clip)  # takes its time, so nothing is held meanwhile
        with self._database.write() as session:
            rows = session.scalars(select(ReviewRow).where(ReviewRow.id.in_(found)).order_by(ReviewRow.frame)).all()
            changed = [row for row in rows if row.state == "open" and row.version == found[row.id].version]
            for row in changed:
                row.proposals = [asdict(box) for box in found[row.id].boxes]
                row.version += 1
            self._audit.append(session, actor, "review.propagate", f"review:{review_id}", {"to": len(changed)})
            return tuple(_detail(row) for row in changed)

    def frames(self, actor: Actor, review_id: str) -> tuple[ReviewView, ...]:
        """The frames of the clip of the same event, in their order; none where no clip has come."""
        actor.require(Permission.REVIEW)
        with self._database.read() as session:
            here = _find(session, actor, review_id)
            clip = here.clip or here.event_id
            of_clip = select(ReviewRow).where(ReviewRow.clip == clip, ReviewRow.frame.is_not(None))
            rows = session.scalars(of_clip.order_by(ReviewRow.frame)) if clip is not None else ()
            return tuple(_view(row) for row in rows)

    def films(self, actor: Actor, shown: Sequence[ReviewView]) -> dict[str, ClipView]:
        """How it stands with the clips of what is shown, by event: those that were asked for or are to be."""
        actor.require(Permission.REVIEW)
        events = {event for one in shown if (event := one.event_id or one.clip) is not None and actor.sees(one.site)}
        now = self._clock.now()
        with self._database.read() as session:
            rows = session.scalars(select(ClipRow).where(ClipRow.event_id.in_(events)))
            return {row.event_id: standing(session, row, now) for row in rows}

    def disagree(self, actor: Actor, scores: Mapping[str, float], between: str) -> int:
        """Note how far two models, or two looks of one, disagree on pictures; returns how many are still there."""
        actor.require(Permission.REVIEW)
        with self._database.write() as session:
            rows = session.scalars(select(ReviewRow).where(ReviewRow.id.in_(scores))).all()
            noted = [row for row in rows if actor.sees(row.site)]
            for row in noted:
                row.disagreement = round(min(max(scores[row.id], 0.0), 1.0), 4)
            detail = {"between": between, "pictures": len(noted)}
            self._audit.append(session, actor, "review.disagreement", "review", detail)
        return len(noted)

    def report_missed(self, actor: Actor, node: str, camera: str, at: datetime, note: str) -> tuple[ReviewView, ...]:
        """Somebody crossed and was not counted: queue what the camera sent around then, or the report alone."""
        actor.require(Permission.JUDGE)
        now = self._clock.now()
        with self._database.write() as session:
            known = session.get(NodeRow, node)
            if known is None or not actor.sees(known.site):
                raise NotFoundError(f"node {node[:64]!r} is not known")
            queued_before = select(ReviewRow.event_id).where(ReviewRow.event_id.is_not(None))
            query = (
                select(EventRow, MediaRow.path)
                .join(MediaRow, MediaRow.event_id == EventRow.id)
                .where(
                    EventRow.node == node,
                    EventRow.camera == camera,
                    EventRow.time.between(at - AROUND_A_MISS, at + AROUND_A_MISS),
                    EventRow.id.not_in(queued_before),
                )
            )
            for event, path in session.execute(query).all():
                queued(session, self._store, event, path, "missed", now, note=note[:1000], by=actor.name)
            session.flush()
            place = Camera(known.site, node, camera)
            report = open_row(place, at, "missed", now, note=note[:1000], by=actor.name, uncertainty=1.0)
            report.event_id = id_at(at.timestamp())  # under which the film of that moment is asked for
            session.add(report)
            self._audit.append(session, actor, "review.missed", f"camera:{node}/{camera}", {"at": at.isoformat()})
            session.flush()
            near = select(ReviewRow).where(
                ReviewRow.queued_at == now, ReviewRow.node == node, ReviewRow.why == "missed"
            )
            queued_now = tuple(_view(row) for row in session.scalars(near.order_by(ReviewRow.id)))
        self._bus.publish(ClipChanged(event_id=report.event_id))  # a node remembers the film of it for minutes only
        return queued_now

    def delete(self, actor: Actor, review_id: str) -> None:
        """Delete a picture and all else of its event for good; datasets that hold it are told to forget it."""
        actor.require(Permission.REVIEW)
        with self._database.write() as session:
            row = _find(session, actor, review_id)
            event = row.event_id or row.clip
            self._audit.append(session, actor, "review.delete", f"review:{review_id}", {"event": event})
            paths = self._forget(session, [row])
        self._drop(paths)

    def deleted(self, actor: Actor, since: datetime) -> tuple[str, ...]:
        """Events whose pictures were deleted from then on."""
        actor.require(Permission.REVIEW)
        query = select(ReviewDeletionRow.event_id).where(ReviewDeletionRow.at >= since)
        with self._database.read() as session:
            return tuple(session.scalars(query.order_by(ReviewDeletionRow.at, ReviewDeletionRow.event_id)))

    def expire(self, before: datetime) -> int:
        """Delete what was queued before; for the retention job, which audits it."""
        total = 0
        while True:
            with self._database.write() as session:
                due = select(ReviewRow).where(ReviewRow.queued_at < before).limit(FORGOTTEN_AT_ONCE)
                paths = self._forget(session, session.scalars(due).all())
            self._drop(paths)
            total += len(paths)
            if not paths:
                return total

    def _forget(self, session: Session, rows: Sequence[ReviewRow]) -> list[str | None]:
        """Delete rows, and what is of the same events: a picture and the frames of its clip go together."""
        events = {event for row in rows if (event := row.event_id or row.clip) is not None}
        of_events = or_(ReviewRow.event_id.in_(events), ReviewRow.clip.in_(events))
        doomed = {row.id: row for row in (*rows, *session.scalars(select(ReviewRow).where(of_events)))}
        for event in sorted(events):
            if session.get(ReviewDeletionRow, event) is None:
                session.add(ReviewDeletionRow(event_id=event, at=self._clock.now()))
        self._forget_films(session, events)
        for row in doomed.values():
            session.delete(row)
        return [row.path for row in doomed.values()]

    def _forget_films(self, session: Session, events: AbstractSet[str]) -> None:
        """Delete the films that the review asked for, here or to come; one that a person asked for is evidence."""
        held = select(AlertEventRow.event_id).where(AlertEventRow.alert_id.in_(self._held_alerts))
        own = (ClipRow.event_id.in_(events), ClipRow.why != "", ClipRow.event_id.not_in(held))
        films = select(ClipRow).where(*own).with_for_update()
        for film in session.scalars(films).all():
            drop_film(session, self._store, film)

    def _drop(self, paths: Sequence[str | None]) -> None:
        for path in paths:
            if path is not None:
                self._store.delete(path)

    def _change(
        self, actor: Actor, review_id: str, action: str, expected_version: int | None, **values: Any
    ) -> ReviewDetail:
        actor.require(Permission.REVIEW)
        with self._database.write() as session:
            row = _find(session, actor, review_id)
            session.refresh(row, with_for_update=True)
            if expected_version not in {None, row.version}:
                raise ConflictError("this picture was changed by somebody else meanwhile; reload it first")
            if values.get("state") == "done" and row.path is None:
                raise ConflictError("this report has no picture to draw boxes on; skip it when it was dealt with")
            for name, value in values.items():
                setattr(row, name, value)
            row.version, row.changed_at, row.changed_by = row.version + 1, self._clock.now(), actor.name
            detail = {"state": row.state, "boxes": len(row.boxes or ()), "negative": row.negative}
            self._audit.append(session, actor, f"review.{action}", f"review:{review_id}", detail)
            return _detail(row)


def _find(session: Session, actor: Actor, review_id: str) -> ReviewRow:
    row = session.get(ReviewRow, review_id)
    if row is None or (actor is not SYSTEM and not actor.sees(row.site)):
        raise NotFoundError(f"picture {review_id[:40]!r} is not known")
    return row


def _labelled(session: Session, actor: Actor, review_id: str) -> ReviewRow:
    row = _find(session, actor, review_id)
    if row.state != "done" or row.boxes is None:
        raise ConflictError("label this picture first; its boxes are what is carried on")
    return row


def _require_boxes(boxes: Sequence[ReviewBox], *, negative: bool) -> None:
    if negative == bool(boxes):
        raise InvalidError("give the boxes of what is in the picture, or say that nothing is, not both", field="boxes")
    if len(boxes) > MOST_BOXES:
        raise InvalidError(f"{len(boxes)} boxes are too many for one picture", field="boxes")
    for number, box in enumerate(boxes):
        if box.label not in LABELS:
            raise InvalidError(
                f"label {box.label[:40]!r} is none of {', '.join(LABELS)}", field=f"boxes.{number}.label"
            )
        if not (0 <= box.x1 < box.x2 <= 1 and 0 <= box.y1 < box.y2 <= 1):
            raise InvalidError("a box lies within 0..1 and has a width and a height", field=f"boxes.{number}")


def _view(row: ReviewRow) -> ReviewView:
    return seen(ReviewView, row, has_picture=row.path is not None)


def _detail(row: ReviewRow) -> ReviewDetail:
    own = None if row.boxes is None else _boxes(row.boxes)
    return ReviewDetail(view=_view(row), proposals=_boxes(row.proposals), boxes=own)


def _boxes(rows: Sequence[dict[str, Any]]) -> tuple[ReviewBox, ...]:
    return tuple(ReviewBox(**row) for row in rows)
