"""What is deleted when: one table of periods, one job, its deletions audited; a legal hold keeps what it names."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, delete, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from tapal_server.alerts.states import State
from tapal_server.audit.log import AuditLog
from tapal_server.clips.taking import drop_pieces
from tapal_server.clock import Clock
from tapal_server.db.commands import LookRow
from tapal_server.db.database import Database
from tapal_server.db.tables import (
    AlertEventRow,
    AlertRow,
    AttachmentRow,
    CameraPictureRow,
    ClipRow,
    CommandRow,
    CorrelatorRow,
    DeliveryRow,
    EventRow,
    ImportRow,
    ManifestDocumentRow,
    MediaRow,
    PassageRow,
    PassageVersionRow,
    PlanRow,
    ReferenceViewRow,
    ScheduleVersionRow,
    SessionRow,
    SignInFailureRow,
    TallyRow,
    VesselRow,
    VoyageRow,
)
from tapal_server.media import MediaStore
from tapal_server.models.review import ReviewService
from tapal_server.people.actor import SYSTEM
from tapal_server.tallies import hour_of

__all__ = ["RetentionJob", "RetentionSettings"]

log = logging.getLogger(__name__)

EVERY_S = 3600.0
_AT_ONCE = 1000
VESSELS_DAYS = 1.0  # where a vessel was heard last is of no use the day after


class RetentionSettings(BaseModel):
    """Periods in days; the defaults follow what UU 27/2022 asks: no longer than the purpose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: float = Field(30, gt=0, description="Crossings, zone visits and camera events.")
    unreviewed_media: float = Field(3, gt=0, description="Pictures and films that belong to no alert.")
    live_media: float = Field(1 / 24, gt=0, description="Pictures somebody asked a camera for.")
    reference_views: float = Field(400, gt=0, description="How each camera's view should look, after it was taken.")
    alert_media: float = Field(30, gt=0, description="Pictures and films of an alert, after it was resolved.")
    review: float = Field(90, gt=0, description="Pictures to learn from; datasets built with them are told to forget.")
    document_hashes: float = Field(
        7, gt=0, description="Keyed hashes of document numbers, of the log and of manifests."
    )
    passages: float = Field(
        90, gt=0, description="Records of the passage log, voyages and planned movements, and what they said before."
    )
    attachments: float = Field(90, gt=0, description="Files people added to an alert, after it was resolved.")
    alerts: float = Field(730, gt=0, description="Alerts and their history, after they were resolved.")
    deliveries: float = Field(30, gt=0, description="Messages that were sent.")
    sessions: float = Field(30, gt=0, description="Ended sessions and failed attempts to sign in.")
    held_alerts: tuple[str, ...] = Field((), description="Alerts under a legal hold: nothing of theirs is deleted.")


class RetentionJob:
    """One task that keeps the periods."""

    def __init__(
        self,
        database: Database,
        store: MediaStore,
        settings: RetentionSettings,
        *,
        audit: AuditLog,
        clock: Clock,
        review: ReviewService,
    ) -> None:
        self._database = database
        self._store = store
        self._settings = settings
        self._audit = audit
        self._clock = clock
        self._review = review

    async def run(self) -> None:
        """Delete what is due, every hour, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.work)
            except (SQLAlchemyError, OSError):
                log.exception("retention could not finish; it goes on in an hour")
            await asyncio.sleep(EVERY_S)

    def work(self) -> dict[str, int]:
        """Delete what is due now; return how much of what."""
        done = {
            "media": self._media(),
            "clips": self._clips(),
            "looks": self._looks(),
            "attachments": self._attachments(),
            "review": self._review.expire(self._before(self._settings.review)),
            "document_hashes": self._repeat(self._hashes),
            "engines": self._engines(),
            "events": self._repeat(self._events),
            "passages": self._repeat(self._passages),
            "alerts": self._repeat(self._alerts),
            "others": self._repeat(self._others),
        }
        done = {what: count for what, count in done.items() if count}
        if done:
            self._audit.record(SYSTEM, "retention.delete", "retention", **done)
        return done

    def _repeat(self, step: Callable[[Session], int]) -> int:
        """In small transactions, so that ingest never waits long."""
        total = 0
        while True:
            with self._database.write() as session:
                count = step(session)
            total += count
            if count < _AT_ONCE:
                return total

    def _before(self, days: float) -> datetime:
        return self._clock.now() - timedelta(days=days)

    def _looks(self) -> int:
        """Pictures that somebody asked a camera for, which nobody looks at any more."""
        live, views = self._settings.live_media, self._settings.reference_views
        return self._taken(CameraPictureRow, live) + self._taken(ReferenceViewRow, views)

    def _engines(self) -> int:
        """Copies of engines that nobody goes on with: they hold hashes of documents, too."""
        before = self._before(self._settings.document_hashes).timestamp()
        with self._database.write() as session:
            rows = session.scalars(select(CorrelatorRow).where(CorrelatorRow.snapshot.is_not(None))).all()
            due = [row for row in rows if row.snapshot is not None and row.snapshot["at"] < before]
            for row in due:
                self._store.delete((row.snapshot or {})["path"])
                row.snapshot = None
        return len(due)

    def _taken(self, table: type[LookRow], days: float) -> int:
        with self._database.write() as session:
            due = session.scalars(select(table).where(table.taken_at < self._before(days))).all()
            for row in due:
                self._store.delete(row.path)
                session.delete(row)
        return len(due)

    def _kept(self, event_id: InstrumentedAttribute[str]) -> Select[str]:
        """Which events' pictures and films an alert still needs."""
        settings = self._settings
        of_alert = select(AlertEventRow.event_id).where(AlertEventRow.event_id == event_id)
        return of_alert.join(AlertRow, AlertRow.id == AlertEventRow.alert_id).where(
            or_(
                AlertRow.state != State.RESOLVED.value,
                AlertRow.resolved_at >= self._before(settings.alert_media),
                AlertRow.id.in_(settings.held_alerts),
            )
        )

    def _clips(self) -> int:
        """Films, and what came of those that never came whole."""
        before = self._before(self._settings.unreviewed_media)
        query = select(ClipRow).where(ClipRow.asked_at < before, ~exists(self._kept(ClipRow.event_id)))
        with self._database.write() as session:
            due = session.scalars(query).all()
            for row in due:
                drop_pieces(session, self._store, row.command_id)
                if row.path is not None:
                    self._store.delete(row.path)
                session.delete(row)
        return len(due)

    def _media(self) -> int:
        settings = self._settings
        query = select(MediaRow.event_id, MediaRow.path).where(
            MediaRow.stored_at < self._before(settings.unreviewed_media), ~exists(self._kept(MediaRow.event_id))
        )
        total = 0
        while True:
            with self._database.write() as session:
                due = session.execute(query.limit(_AT_ONCE)).all()
                session.execute(delete(MediaRow).where(MediaRow.event_id.in_([row.event_id for row in due])))
            for row in due:
                self._store.delete(row.path)
            total += len(due)
            if len(due) < _AT_ONCE:
                return total

    def _attachments(self) -> int:
        # Never later than their alert, whose end would take the rows and leave the bytes.
        days = min(self._settings.attachments, self._settings.alerts)
        query = (
            select(AttachmentRow.id, AttachmentRow.path)
            .join(AlertRow, AlertRow.id == AttachmentRow.alert_id)
            .where(
                AlertRow.state == State.RESOLVED.value,
                AlertRow.resolved_at < self._before(days),
                AlertRow.id.not_in(self._settings.held_alerts),
            )
        )
        with self._database.write() as session:
            due = session.execute(query).all()
            session.execute(delete(AttachmentRow).where(AttachmentRow.id.in_([row.id for row in due])))
        for row in due:
            self._store.delete(row.path)
        return len(due)

    def _hashes(self, session: Session) -> int:
        before = self._before(self._settings.document_hashes)
        session.execute(delete(ManifestDocumentRow).where(ManifestDocumentRow.stored_at < before))
        due = session.scalars(
            select(PassageRow.number)
            .where(
                PassageRow.document_hash.is_not(None),
                PassageRow.stored_at < before,
            )
            .limit(_AT_ONCE)
        ).all()
        session.execute(
            update(PassageRow)
            .where(PassageRow.number.in_(due))
            .values(document_hash=None)
            .execution_options(synchronize_session=False)
        )
        return len(due)

    def _events(self, session: Session) -> int:
        of_alert = select(AlertEventRow.event_id).where(AlertEventRow.event_id == EventRow.id)
        query = select(EventRow.arrival).where(
            EventRow.received_at < self._before(self._settings.events), ~exists(of_alert)
        )
        due = session.scalars(query.limit(_AT_ONCE)).all()
        session.execute(delete(EventRow).where(EventRow.arrival.in_(due)))
        return len(due)

    def _passages(self, session: Session) -> int:
        before = self._before(self._settings.passages)
        session.execute(delete(PassageVersionRow).where(PassageVersionRow.replaced_at < before))
        session.execute(delete(ImportRow).where(ImportRow.at < before))
        due = session.scalars(select(PassageRow.number).where(PassageRow.stored_at < before).limit(_AT_ONCE)).all()
        session.execute(delete(PassageRow).where(PassageRow.number.in_(due)))
        session.execute(delete(ScheduleVersionRow).where(ScheduleVersionRow.replaced_at < before))
        longest = max(self._settings.events, self._settings.passages)
        session.execute(delete(TallyRow).where(TallyRow.hour < hour_of(self._before(longest))))
        for table in (PlanRow, VoyageRow):
            session.execute(delete(table).where(table.ends_at < before, table.changed_at < before))
        return len(due)

    def _alerts(self, session: Session) -> int:
        query = select(AlertRow.id).where(
            AlertRow.state == State.RESOLVED.value,
            AlertRow.resolved_at < self._before(self._settings.alerts),
            AlertRow.id.not_in(self._settings.held_alerts),
        )
        due = session.scalars(query.limit(_AT_ONCE)).all()
        session.execute(delete(AlertRow).where(AlertRow.id.in_(due)))
        return len(due)

    def _others(self, session: Session) -> int:
        before = self._before(self._settings.sessions)
        session.execute(delete(SignInFailureRow).where(SignInFailureRow.at < before))
        session.execute(delete(CommandRow).where(CommandRow.issued_at < before))
        session.execute(delete(VesselRow).where(VesselRow.heard_at < self._before(VESSELS_DAYS)))
        session.execute(delete(SessionRow).where(SessionRow.expires_at < before))
        query = select(DeliveryRow.number).where(
            DeliveryRow.made_at < self._before(self._settings.deliveries), DeliveryRow.state != "waiting"
        )
        due = session.scalars(query.limit(_AT_ONCE)).all()
        session.execute(delete(DeliveryRow).where(DeliveryRow.number.in_(due)))
        return len(due)
