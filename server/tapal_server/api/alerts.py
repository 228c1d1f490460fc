"""Alerts over the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from tapal_server.alerts.query import SORTS
from tapal_server.alerts.states import Outcome, Severity, State
from tapal_server.alerts.views import AlertDetail, AlertFilter, AlertView
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import AlertId, Strict
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(prefix="/alerts", tags=["alerts"], responses=PROBLEMS)

Sort = Annotated[str, Query(pattern=f"^-?({'|'.join(SORTS)})$", description="Column; with - before it, descending.")]
Names = Annotated[list[Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]], Query()]


class Change(Strict):
    """What every change may carry."""

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
) -> Listing[AlertView]:
    """Alerts one may see."""
    return Listing[AlertView].of(services.alerts.page(actor, paging, wanted, sort=sort))


@router.get("/{alert_id}")
def get_alert(alert_id: AlertId, actor: ActorOf, services: ServicesOf) -> AlertDetail:
    """One alert with its evidence; that it was viewed is audited."""
    return services.alerts.detail(actor, alert_id)


@router.post("/{alert_id}/acknowledge")
def acknowledge(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Say that one has seen it and takes care of it."""
    return services.alerts.acknowledge(actor, alert_id, body.note, expected_version=body.version)


@router.post("/{alert_id}/start")
def start(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Say that somebody is at work on it."""
    return services.alerts.start(actor, alert_id, body.note, expected_version=body.version)


@router.post("/{alert_id}/assign")
def assign(alert_id: AlertId, body: Assignment, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Give it to somebody."""
    return services.alerts.assign(actor, alert_id, body.to, body.note, expected_version=body.version)


@router.post("/{alert_id}/notes")
def note(alert_id: AlertId, body: Written, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Write something down."""
    return services.alerts.note(actor, alert_id, body.note)


@router.post("/{alert_id}/welfare")
def welfare(alert_id: AlertId, body: Change, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Say that people may need help."""
    return services.alerts.flag_welfare(actor, alert_id, body.note)


@router.post("/{alert_id}/resolve")
def resolve(alert_id: AlertId, body: Verdict, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Give the verdict."""
    return services.alerts.resolve(actor, alert_id, body.outcome, body.note, expected_version=body.version)


@router.post("/{alert_id}/reopen")
def reopen(alert_id: AlertId, body: Written, actor: ActorOf, services: ServicesOf) -> AlertView:
    """Take a verdict back."""
    return services.alerts.reopen(actor, alert_id, body.note, expected_version=body.version)
