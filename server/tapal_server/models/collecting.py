"""What comes into the review: the pictures behind verdicts, and those around a crossing that nobody counted."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.alerts.states import Outcome, State
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, AlertRow, EventRow, MediaRow, ReviewDeletionRow, ReviewRow
from tapal_server.events import AlertChanged, Bus, ServerEvent
from tapal_server.media import MediaStore

__all__ = ["Camera", "Collector", "open_row", "queued"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
AT_ONCE = 200
WORTH_A_LOOK = (Outcome.CONFIRMED.value, Outcome.FALSE_ALARM.value, Outcome.EXPLAINED.value)


class Collector:
    """One task that queues the pictures of judged alerts, each once."""

    def __init__(self, database: Database, store: MediaStore, *, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Collect until cancelled."""
        with self._bus.bell(_is_verdict) as bell:
            while True:
                try:
                    await asyncio.to_thread(self.work)
                except (SQLAlchemyError, OSError):
                    log.exception("the review could not be filled; it is tried again")
                await bell.wait(LOOK_EVERY_S)

    def work(self) -> int:
        """Queue what is new; return how much."""
        of_it = ReviewRow.event_id == MediaRow.event_id
        query = (
            select(AlertRow.id, AlertRow.outcome, EventRow, MediaRow.path)
            .join(AlertEventRow, AlertEventRow.alert_id == AlertRow.id)
            .join(EventRow, EventRow.id == AlertEventRow.event_id)
            .join(MediaRow, MediaRow.event_id == EventRow.id)
            .where(
                AlertRow.state == State.RESOLVED.value,
                AlertRow.outcome.in_(WORTH_A_LOOK),
                ~exists(select(ReviewRow.id).where(of_it)),
                ~exists(select(ReviewDeletionRow.event_id).where(ReviewDeletionRow.event_id == MediaRow.event_id)),
            )
            .limit(AT_ONCE)
        )
        count, taken = 0, set()
        with self._database.write() as session:
            for alert_id, outcome, event, path in session.execute(query).all():
                if event.id not in taken:
                    taken.add(event.id)
                    assert outcome is not None, "chosen by its outcome"
                    count += queued(session, self._store, event, path, outcome, self._clock.now(), alert=alert_id)
        return count


def _is_verdict(event: ServerEvent) -> bool:
    return isinstance(event, AlertChanged) and event.action == "resolve"


def queued(  # noqa: PLR0917 - what a row needs
    session: Session,
    store: MediaStore,
    event: EventRow,
    path: str,
    why: str,
    now: datetime,
    *,
    alert: str | None = None,
    note: str = "",
    by: str = "system",
) -> bool:
    """Queue an event's picture with the edge's boxes; False where the picture is gone."""
    try:
        jpeg = store.get(path)
    except FileNotFoundError:
        return False
    proposals = _proposals(session, event)
    camera = Camera(event.site, event.node, event.camera)
    row = open_row(camera, event.time, why, now, note=note, by=by, uncertainty=_uncertainty(why, proposals))
    row.event_id, row.alert_id, row.proposals = event.id, alert, proposals
    row.path = store.put(row.id, jpeg)
    session.add(row)
    return True


class Camera(NamedTuple):
    """Which camera a picture is of."""

    site: str
    node: str
    camera: str


def open_row(
    camera: Camera, taken_at: datetime, why: str, now: datetime, *, note: str, by: str, uncertainty: float
) -> ReviewRow:
    """What nobody has looked at yet, so far without a picture."""
    return ReviewRow(
        id=new_id(),
        event_id=None,
        alert_id=None,
        **camera._asdict(),
        taken_at=taken_at,
        why=why,
        note=note,
        uncertainty=uncertainty,
        state="open",
        negative=False,
        proposals=[],
        boxes=None,
        queued_at=now,
        changed_at=now,
        changed_by=by,
    )


def _proposals(session: Session, event: EventRow) -> list[dict[str, Any]]:
    """The boxes that the edge saw on this camera at this moment, the event's own first."""
    moment = timedelta(milliseconds=200)
    query = select(EventRow).where(
        EventRow.node == event.node,
        EventRow.camera == event.camera,
        EventRow.time.between(event.time - moment, event.time + moment),
        EventRow.id != event.id,
    )
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in (event, *session.scalars(query.order_by(EventRow.time))):
        body = row.body
        if body.get("box") and body.get("track") is not None:
            label = str(body.get("label") or "boat")
            x1, y1, x2, y2 = body["box"]
            box = {"label": label, "x1": x1, "y1": y1, "x2": x2, "y2": y2, "confidence": body.get("confidence")}
            found.setdefault((label, int(body["track"])), box)
    return list(found.values())


def _uncertainty(why: str, proposals: list[dict[str, Any]]) -> float:
    """How much is to be learned: most where edge and people disagree, then where the edge itself was unsure."""
    doubts = [1 - float(box["confidence"]) for box in proposals if box["confidence"] is not None]
    doubt = max(doubts, default=0.5)
    if why == "missed":
        return 1.0
    return round(0.8 + 0.2 * doubt if why == Outcome.FALSE_ALARM.value else 0.8 * doubt, 4)
