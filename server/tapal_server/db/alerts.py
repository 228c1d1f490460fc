"""Tables of alerts, of their history, and of the correlator's own memory."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["AlertEventRow", "AlertHistoryRow", "AlertRow", "CorrelatorRow"]


class AlertRow(Base):
    """An alert: what the engine says of it, and what people made of it."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_state_raised_at", "state", "raised_at"),
        Index("ix_alerts_site_time", "site", "time"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    site: Mapped[str] = mapped_column(String(64))
    line: Mapped[str | None] = mapped_column(String(64))
    direction: Mapped[str | None] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), doc="the engine's word: open, explained, ...")
    probability: Mapped[float | None]
    time: Mapped[datetime]
    raised_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    low: Mapped[float | None] = mapped_column(doc="bounds of what was estimated, where there are some")
    high: Mapped[float | None]
    reason: Mapped[dict[str, Any]] = mapped_column(doc="code and data; wording makes the sentence")
    closed_because: Mapped[dict[str, Any] | None] = mapped_column(doc="why the engine closed it")
    evidence: Mapped[dict[str, Any]] = mapped_column(doc="record_ids, innocent readings, members, surge")
    state: Mapped[str] = mapped_column(String(16), default="new")
    outcome: Mapped[str | None] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(8), default="medium")
    pressing_since: Mapped[datetime | None] = mapped_column(
        doc="when it last became more severe or left its shelf; null: never since it was raised"
    )
    assignee: Mapped[str | None] = mapped_column(String(64))
    welfare: Mapped[bool] = mapped_column(default=False)
    shelf_id: Mapped[str | None] = mapped_column(String(36), doc="the shelf it waits on")
    escalation: Mapped[int] = mapped_column(default=0, server_default="0", doc="how often it was told again")
    version: Mapped[int] = mapped_column(default=1, doc="counts every change, so that two people do not overwrite")
    changed_at: Mapped[datetime] = mapped_column(index=True)
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]


class AlertEventRow(Base):
    """Which events an alert rests on."""

    __tablename__ = "alert_events"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)


class AlertHistoryRow(Base):
    """One change of an alert, by whom and when; rows are added, never altered."""

    __tablename__ = "alert_history"

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(String(4000))
    detail: Mapped[dict[str, Any]]


class CorrelatorRow(Base):
    """What the correlator of a share of the sites had read, and where the last copy of its engine lies."""

    __tablename__ = "correlator"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    events_through: Mapped[int] = mapped_column(BIG, default=0)
    passages_through: Mapped[int] = mapped_column(BIG, default=0)
    schedule_through: Mapped[int] = mapped_column(BIG, default=0, server_default="0")
    settings: Mapped[str] = mapped_column(String(64), default="", doc="fingerprint of sites and settings")
    snapshot: Mapped[dict[str, Any] | None]
    saved_at: Mapped[datetime | None]
    sites: Mapped[list[str] | None] = mapped_column(doc="what it decided for; null: for all")
    term: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="counts who took it over; only the last writes"
    )
