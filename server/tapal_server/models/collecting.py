"""The task that fills the review: the pictures behind verdicts, their clips fetched, and the frames of those."""

import asyncio
import logging

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from tapal_server.alerts.states import Outcome, State
from tapal_server.clips.wishes import Wishes
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, AlertRow, EventRow, MediaRow, ReviewDeletionRow, ReviewRow
from tapal_server.events import AlertChanged, Bus, ClipChanged, ServerEvent
from tapal_server.media import MediaStore
from tapal_server.models import clip_frames
from tapal_server.models.queueing import queued

__all__ = ["Collector"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
GATHER_S = 5.0
"""What comes meanwhile is looked at together: of a country's many verdicts each would hold up whoever else writes."""
AT_ONCE = 200
WORTH_A_LOOK = (Outcome.CONFIRMED.value, Outcome.FALSE_ALARM.value, Outcome.EXPLAINED.value)


class Collector:
    """One task that queues the pictures of judged alerts, has their clips fetched, and queues these, each once."""

    def __init__(self, database: Database, store: MediaStore, wishes: Wishes, *, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._wishes = wishes
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Collect until cancelled."""
        with self._bus.bell(_is_news) as bell:
            while True:
                try:
                    await asyncio.to_thread(self.work)
                except (SQLAlchemyError, OSError):
                    log.exception("the review could not be filled; it is tried again")
                await asyncio.sleep(GATHER_S)
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
                AlertRow.acknowledged_at.is_not(None),  # or a late record explained it, and nobody looked
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
        self._wishes.work()
        return count + clip_frames.collect(self._database, self._store, self._clock.now())


def _is_news(event: ServerEvent) -> bool:
    return isinstance(event, ClipChanged) or (isinstance(event, AlertChanged) and event.action == "resolve")
