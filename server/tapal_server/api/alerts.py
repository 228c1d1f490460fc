"""Alerts over the API."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tapal_server.alerts.query import SORTS
from tapal_server.alerts.states import Outcome, Severity, State
from tapal_server.alerts.views import AlertDetail, AlertFilter, AlertView
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(prefix="/alerts", tags=["alerts"], responses=PROBLEMS)

Sort = Annotated[str, Query(pattern=f"^-?({'|'.join(SORTS)})$", description="Column; with - before it, descending.")]
AlertId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$", examples=["unlogged_crossing-01a2"])]
Names = Annotated[list[Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]], Query()]


class Out(BaseModel):
    """Read from the services' views."""

    model_config = ConfigDict(from_attributes=True)


class ReasonOut(Out):
    """Why, as a code and its data."""

    code: str = Field(examples=["no_record"])
    data: dict[str, Any]


class AlertOut(Out):
    """An alert: the engine's word (`status`, `probability`) and what people made of it (`state`, `outcome`)."""

    id: str
    kind: str = Field(examples=["unlogged_crossing"])
    site: str = Field(examples=["tunon-taka"])
    line: str | None = Field(examples=["gate"])
    direction: str | None = Field(examples=["inbound"])
    status: str = Field(examples=["open"])
    probability: float | None = Field(examples=[0.87])
    low: float | None = None
    high: float | None = None
    time: datetime
    raised_at: datetime
    closed_at: datetime | None
    reason: ReasonOut
    closed_because: ReasonOut | None
    innocent: list[dict[str, Any]]
    event_ids: list[str]
    record_ids: list[str]
    members: list[str]
    state: State
    outcome: Outcome | None
    severity: Severity
    assignee: str | None
    welfare: bool
    version: int
    changed_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    escalation: int = Field(description="How often it was told again because nobody took it.")
    shelved: bool = Field(description="Waits on a shelf and tells nobody.")


class HistoryOut(Out):
    """One change of an alert."""

    at: datetime
    actor: str
    action: str
    note: str | None
    detail: dict[str, Any]


class CrossingOut(Out):
    """A crossing near the alert."""

    event_id: str
    time: datetime
    camera: str
    line: str | None
    direction: str | None
    label: str | None
    unlogged: float | None
    member: bool
    picture: bool


class RecordOut(Out):
    """A passage record near the alert."""

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


class DetailOut(Out):
    """An alert with its evidence."""

    alert: AlertOut
    history: list[HistoryOut]
    crossings: list[CrossingOut]
    records: list[RecordOut]
    pictures: list[str] = Field(description="Events with a picture: GET /api/v1/media/{event id}.")


class Change(BaseModel):
    """What every change may carry."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(None, max_length=4000, pattern=r"^[^\x00]*$", examples=["on my way"])
    version: int | None = Field(None, description="Refuse (409) if somebody changed the alert since this version.")


class Assignment(Change):
    """To whom; null gives it back."""

    to: str | None = Field(max_length=64, pattern=r"^[^\x00]*$", examples=["sari"])


class Verdict(Change):
    """What it was, and what was found."""

    outcome: Outcome
    note: str = Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$", examples=["porter, carried bags twice"])


class Written(Change):
    """A text that must not be missing."""

    note: str = Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$", examples=["asked the harbour master"])


def _filter(
    *,
    state: Annotated[list[State], Query(description="Any of these states.")] = [],  # noqa: B006 - FastAPI copies it
    kind: Names = [],  # noqa: B006 - FastAPI copies it
    site: Names = [],  # noqa: B006 - FastAPI copies it
    outcome: Annotated[list[Outcome], Query()] = [],  # noqa: B006 - FastAPI copies it
    severity: Annotated[list[Severity], Query()] = [],  # noqa: B006 - FastAPI copies it
    assignee: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
    welfare: bool | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Raised at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Raised before.")] = None,
) -> AlertFilter:
    return AlertFilter(
        states=frozenset(state),
        kinds=frozenset(kind),
        sites=frozenset(site),
        outcomes=frozenset(outcome),
        severities=frozenset(severity),
        assignee=assignee,
        welfare=welfare,
        since=since,
        until=until,
    )


@router.get("")
def list_alerts(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    wanted: Annotated[AlertFilter, Depends(_filter)],
    sort: Sort = "-raised_at",
) -> Listing[AlertOut]:
    """Alerts one may see."""
    return Listing[AlertOut].of(services.alerts.page(actor, paging, wanted, sort=sort), _out)


@router.get("/{alert_id}")
def get_alert(alert_id: AlertId, actor: ActorOf, services: ServicesOf) -> DetailOut:
    """One alert with its evidence; that it was viewed is audited."""
    detail: AlertDetail = services.alerts.detail(actor, alert_id)
    return DetailOut.model_validate(detail)


@router.post("/{alert_id}/acknowledge")
def acknowledge(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Say that one has seen it and takes care of it."""
    return _out(services.alerts.acknowledge(actor, alert_id, body.note, expected_version=body.version))


@router.post("/{alert_id}/start")
def start(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Say that somebody is at work on it."""
    return _out(services.alerts.start(actor, alert_id, body.note, expected_version=body.version))


@router.post("/{alert_id}/assign")
def assign(alert_id: AlertId, body: Assignment, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Give it to somebody."""
    return _out(services.alerts.assign(actor, alert_id, body.to, body.note, expected_version=body.version))


@router.post("/{alert_id}/notes")
def note(alert_id: AlertId, body: Written, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Write something down."""
    return _out(services.alerts.note(actor, alert_id, body.note))


@router.post("/{alert_id}/welfare")
def welfare(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Say that people may need help."""
    return _out(services.alerts.flag_welfare(actor, alert_id, body.note))


@router.post("/{alert_id}/resolve")
def resolve(alert_id: AlertId, body: Verdict, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Give the verdict."""
    return _out(services.alerts.resolve(actor, alert_id, body.outcome, body.note, expected_version=body.version))


@router.post("/{alert_id}/reopen")
def reopen(alert_id: AlertId, body: Written, actor: ActorOf, services: ServicesOf) -> AlertOut:
    """Take a verdict back."""
    return _out(services.alerts.reopen(actor, alert_id, body.note, expected_version=body.version))


def _out(alert: AlertView) -> AlertOut:
    return AlertOut.model_validate(alert)
