"""Alerts as the console and the API show them: frozen values, no database behind them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tapal_server.alerts.states import Outcome, Severity, State
from tapal_server.db.tables import AlertHistoryRow, AlertRow, EventRow, PassageRow
from tapal_server.viewing import seen

__all__ = [
    "AlertDetail",
    "AlertFilter",
    "AlertView",
    "AttachmentView",
    "CrossingView",
    "HistoryView",
    "LinkedView",
    "ReasonView",
    "RecordView",
    "ShareView",
    "for_partner",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """A code and its data; `tapal_server.wording` makes the sentence in Indonesian or English."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert: what the engine says (`status`, `probability`, `reason`) and what people made of it (`state`)."""

    id: str
    kind: str
    site: str
    line: str | None
    direction: str | None
    status: str
    probability: float | None
    low: float | None
    high: float | None
    time: datetime
    raised_at: datetime
    closed_at: datetime | None
    reason: ReasonView
    closed_because: ReasonView | None
    innocent: tuple[dict[str, Any], ...]
    event_ids: tuple[str, ...]
    record_ids: tuple[str, ...]
    members: tuple[str, ...]
    state: State
    outcome: Outcome | None
    severity: Severity
    assignee: str | None
    welfare: bool
    version: int
    changed_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    escalation: int = 0
    shelved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """One change of an alert."""

    at: datetime
    actor: str
    action: str
    note: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingView:
    """A crossing near an alert; `unlogged` is the probability that no record belongs to it."""

    event_id: str
    time: datetime
    camera: str
    line: str | None
    direction: str | None
    label: str | None
    unlogged: float | None
    member: bool
    picture: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A passage record near an alert; never with a document."""

    source: str
    record_id: str
    recorded_at: datetime
    received_at: datetime | None
    direction: str
    checkpoint: str
    lane: str | None
    voyage_id: str | None
    traveller_class: str | None
    persons: int
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView:
    """A file somebody added to an alert."""

    id: str
    name: str
    type: str
    bytes: int
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedView:
    """Another alert that belongs to this one."""

    alert_id: str
    kind: str
    site: str
    time: datetime
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """An agency that sees the alert."""

    id: str
    agency: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDetail:
    """An alert with its evidence: the crossings and records around it, its pictures, its history and its files."""

    alert: AlertView
    history: tuple[HistoryView, ...]
    crossings: tuple[CrossingView, ...]
    records: tuple[RecordView, ...]
    pictures: tuple[str, ...]
    attachments: tuple[AttachmentView, ...] = ()
    linked: tuple[LinkedView, ...] = ()
    shares: tuple[ShareView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts; an empty set or None does not limit."""

    states: frozenset[State] = frozenset()
    kinds: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    severities: frozenset[Severity] = frozenset()
    assignee: str | None = None
    welfare: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def alert_view(row: AlertRow, event_ids: tuple[str, ...]) -> AlertView:
    """The view of a row."""
    evidence = row.evidence
    return seen(
        AlertView,
        row,
        reason=ReasonView(**row.reason),
        closed_because=ReasonView(**row.closed_because) if row.closed_because else None,
        innocent=tuple(evidence.get("innocent", ())),
        event_ids=event_ids,
        record_ids=tuple(evidence.get("record_ids", ())),
        members=tuple(evidence.get("members", ())),
        state=State(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        severity=Severity(row.severity),
        shelved=row.shelf_id is not None,
    )


def history_view(row: AlertHistoryRow) -> HistoryView:
    """The view of a row."""
    return seen(HistoryView, row)


def crossing_view(row: EventRow, *, member: bool, picture: bool) -> CrossingView:
    """The view of a row."""
    return seen(CrossingView, row, event_id=row.id, member=member, picture=picture)


def record_view(row: PassageRow) -> RecordView:
    """The view of a row."""
    return seen(RecordView, row)


def for_partner(view: AlertView) -> AlertView:
    """What another agency is shown of it: the lead itself, not who works on it nor the office's log."""
    return replace(view, assignee=None, record_ids=(), members=(), escalation=0, shelved=False)
