"""Reports over the API."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tapal_server.api.access import ActorOf, ServicesOf
from tapal_server.api.problems import PROBLEMS
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.reports.agencies import AgencyDifference
from tapal_server.reports.movements import PlannedTotal
from tapal_server.reports.pdf import to_pdf
from tapal_server.reports.period import GateRecall, Report, Uptime
from tapal_server.reports.workbook import to_workbook
from tapal_server.services import Services

__all__ = ["router"]

router = APIRouter(prefix="/reports", tags=["reports"], responses=PROBLEMS)

Since = Annotated[AwareDatetime, Query(examples=["2026-03-01T00:00:00+08:00"])]
Until = Annotated[AwareDatetime, Query(examples=["2026-04-01T00:00:00+08:00"])]
Site = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


class Out(BaseModel):
    """Read from the services' views."""

    model_config = ConfigDict(from_attributes=True)


class TrafficOut(Out):
    """Crossings seen and persons logged."""

    site: str
    direction: str
    seen: int
    logged: int
    difference: int


class KindOut(Out):
    """Alerts of a kind and what they turned out to be."""

    kind: str
    raised: int
    confirmed: int
    welfare: int
    false_alarm: int
    explained: int
    open: int
    precision: float | None


class LoadOut(Out):
    """How many alerts officers had to bear; shares of severities, wanted about 5, 15 and 80 %."""

    busiest_hour: int
    hours_over_budget: int
    budget: int
    floods: int
    flood_minutes: float
    by_severity: dict[str, int]
    shares: dict[str, float]


class ReportOut(Out):
    """A period in figures; times in minutes."""

    since: datetime
    until: datetime
    sites: list[str]
    traffic: list[TrafficOut]
    kinds: list[KindOut]
    acknowledged_after: float | None = Field(description="Median.")
    resolved_after: float | None = Field(description="Median.")
    busiest_hour: int
    hours_over_budget: int
    blind_minutes: dict[str, float]
    acknowledged_late: float | None = Field(description="Nine of ten were acknowledged sooner.")
    load_by_hour: list[int] = Field(description="Alerts by local hour of the day.")
    uptime: list[Uptime]
    recall: list[GateRecall]
    load: LoadOut = Field(description="Alarm load; a flood is ten alerts in ten minutes.")
    planned: list[PlannedTotal] = Field(description="Planned movements that began in the period.")
    agencies: list[AgencyDifference] = Field(description="How logs differ that the settings want compared.")


@router.get("/period")
def period(since: Since, until: Until, actor: ActorOf, services: ServicesOf, site: Site = None) -> ReportOut:
    """Traffic against the log, alerts by kind and outcome, response times, alarm load, blindness."""
    return ReportOut.model_validate(services.reports.period(actor, since, until, site=site))


@router.get("/period.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def period_workbook(
    since: Since,
    until: Until,
    actor: ActorOf,
    services: ServicesOf,
    *,
    site: Site = None,
    language: Literal["id", "en"] = "id",
) -> Response:
    """The same as a workbook with charts; needs the right to export."""
    report = _exported(actor, services, since, until, site=site)
    return _file(to_workbook(report, language=language), XLSX, report, "xlsx")


@router.get("/period.pdf", response_class=Response, responses={200: {"content": {PDF: {}}}})
def period_pdf(
    since: Since,
    until: Until,
    actor: ActorOf,
    services: ServicesOf,
    *,
    site: Site = None,
    language: Literal["id", "en"] = "id",
) -> Response:
    """The same as pages to print; needs the right to export."""
    report = _exported(actor, services, since, until, site=site)
    return _file(to_pdf(report, language=language), PDF, report, "pdf")


def _exported(actor: Actor, services: Services, since: datetime, until: datetime, *, site: str | None) -> Report:
    actor.require(Permission.EXPORT)
    return services.reports.period(actor, since, until, site=site)


def _file(content: bytes, media_type: str, report: Report, ending: str) -> Response:
    name = f"tapal-{report.since:%Y%m%d}-{report.until:%Y%m%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
