"""Planned movements over the API."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from tapal_contract.times import Timestamp
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Id, Strict, Text
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS
from tapal_server.voyages.entries import PlanEntry, PlanKind
from tapal_server.voyages.plans import PlanFilter
from tapal_server.voyages.views import PlanView, Status, VersionView

__all__ = ["Cancelling", "Name", "router"]

router = APIRouter(prefix="/planned", tags=["planned movements"], responses=PROBLEMS)

PLAIN = r"^[^\x00]*$"
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=PLAIN)]


class PlanBody(Strict):
    """A movement that explains the crossings it covers."""

    site: Name = Field(examples=["tunon-taka"])
    starts_at: Timestamp = Field(examples=["2026-03-02T14:00:00+08:00"])
    ends_at: Timestamp = Field(examples=["2026-03-02T16:00:00+08:00"])
    kind: PlanKind = Field(examples=["deportation"])
    note: str = Field(min_length=3, max_length=1000, pattern=PLAIN, examples=["ferry from Tawau, letter 12/III/2026"])
    line: Name | None = Field(None, description="Default: every line of the site.", examples=["gate"])
    direction: Literal["inbound", "outbound"] | None = Field(None, description="Default: both.", examples=["inbound"])
    persons: int | None = Field(None, ge=0, le=10_000, description="How many are expected.", examples=[209])

    def entry(self) -> PlanEntry:
        """As the service takes it."""
        return PlanEntry(**{name: getattr(self, name) for name in PlanBody.model_fields})


class ChangedPlan(PlanBody):
    """What it says from now on; with `version`, only if nobody changed it meanwhile."""

    version: int | None = Field(None, ge=1, le=1_000_000, examples=[1])


class Cancelling(Strict):
    """Which version one saw."""

    version: int | None = Field(None, ge=1, le=1_000_000, examples=[1])


@router.get("")
def list_plans(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    status: Status | None = None,
    kind: PlanKind | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Ends at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Starts before.")] = None,
    sort: Annotated[str, Query(max_length=32, description="starts_at, ends_at or entered_at; - reverses.")] = (
        "-starts_at"
    ),
) -> Listing[PlanView]:
    """Planned movements of the sites one sees."""
    wanted = PlanFilter(site=site, status=status, kind=kind, since=since, until=until)
    return Listing[PlanView].of(services.plans.page(actor, paging, wanted, sort=sort))


@router.post("", status_code=201)
def enter_plan(body: PlanBody, actor: ActorOf, services: ServicesOf) -> PlanView:
    """Enter a movement; open alerts that it covers close as explained, and say by which plan."""
    return services.plans.enter(actor, body.entry())


@router.get("/{plan_id}")
def get_plan(plan_id: Id, actor: ActorOf, services: ServicesOf) -> PlanView:
    """One planned movement."""
    return services.plans.get(actor, plan_id)


@router.put("/{plan_id}")
def change_plan(plan_id: Id, body: ChangedPlan, actor: ActorOf, services: ServicesOf) -> PlanView:
    """Let a plan say something else; what it said is kept."""
    return services.plans.change(actor, plan_id, body.entry(), expected_version=body.version)


@router.post("/{plan_id}/cancel")
def cancel_plan(plan_id: Id, body: Cancelling, actor: ActorOf, services: ServicesOf) -> PlanView:
    """Take a plan back; what it explained stays explained."""
    return services.plans.cancel(actor, plan_id, expected_version=body.version)


@router.get("/{plan_id}/versions")
def plan_versions(plan_id: Id, actor: ActorOf, services: ServicesOf) -> list[VersionView]:
    """What it said before, oldest first."""
    return list(services.plans.versions(actor, plan_id))
