"""What a picture needs to be queued for the review: its row, the boxes that the edge saw, how much it teaches."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.alerts.states import Outcome
from tapal_server.db.tables import EventRow, ReviewRow
from tapal_server.media import MediaStore

__all__ = ["Camera", "open_row", "queued", "uncertainty"]


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
    row = open_row(camera, event.time, why, now, note=note, by=by, uncertainty=uncertainty(why, proposals))
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


def uncertainty(why: str, proposals: list[dict[str, Any]]) -> float:
    """How much is to be learned: most where edge and people disagree, then where the edge itself was unsure."""
    doubts = [1 - float(box["confidence"]) for box in proposals if box["confidence"] is not None]
    doubt = max(doubts, default=0.5)
    if why == "missed":
        return 1.0
    return round(0.8 + 0.2 * doubt if why == Outcome.FALSE_ALARM.value else 0.8 * doubt, 4)
