"""Reconciliation between agencies over the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from tapal_server.api.access import ActorOf, ServicesOf
from tapal_server.api.bodies import Since, Until
from tapal_server.api.problems import PROBLEMS
from tapal_server.people.roles import Permission
from tapal_server.reconciliation.export import to_csv, to_workbook
from tapal_server.reconciliation.views import ReconciliationView

__all__ = ["router"]

router = APIRouter(prefix="/reconciliation", tags=["reconciliation"], responses=PROBLEMS)

Site = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", examples=["tunon-taka"])]
Source = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00/]+$", examples=["simkim"])]
Other = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00/]+$", examples=["ksop"])]
Within = Annotated[float, Query(ge=1, le=7200, description="Without a common document, records pair so far apart.")]
Language = Literal["id", "en"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which sources of which site, over which window."""

    site: Site
    first: Source
    second: Other
    since: Since
    until: Until

    @property
    def what(self) -> tuple[str, tuple[str, str], datetime, datetime]:
        """As the service takes it."""
        return self.site, (self.first, self.second), self.since, self.until


Asked = Annotated[_Asked, Depends()]


@router.get("")
def reconciliation(asked: Asked, actor: ActorOf, services: ServicesOf, within_s: Within = 600.0) -> ReconciliationView:
    """Two sources of a site compared record by record: who is in one only, and where times or persons differ."""
    return services.reconciliation.compare(actor, *asked.what, within_s=within_s)


@router.get("/sources")
def sources(site: Site, actor: ActorOf, services: ServicesOf) -> list[str]:
    """Sources that have records of a site."""
    return list(services.reconciliation.sources(actor, site))


@router.get("/differences.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def differences_csv(asked: Asked, actor: ActorOf, services: ServicesOf, language: Language = "id") -> Response:
    """The differences as CSV; needs the right to export."""
    actor.require(Permission.EXPORT)
    view = services.reconciliation.export(actor, *asked.what)
    text = to_csv(view, language=language, timezone=services.reconciliation.timezone(asked.site))
    return Response(text, media_type="text/csv; charset=utf-8", headers=_named("csv"))


@router.get("/differences.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def differences_workbook(asked: Asked, actor: ActorOf, services: ServicesOf, language: Language = "id") -> Response:
    """The comparison as a workbook; needs the right to export."""
    actor.require(Permission.EXPORT)
    view = services.reconciliation.export(actor, *asked.what)
    book = to_workbook(view, language=language, timezone=services.reconciliation.timezone(asked.site))
    return Response(book, media_type=XLSX, headers=_named("xlsx"))


@router.post("/alert")
def raise_alert(asked: Asked, actor: ActorOf, services: ServicesOf) -> ReconciliationView:
    """Compare, and raise a `record_conflict` where it matters; where it no longer does, that alert closes."""
    return services.reconciliation.raise_alert(actor, *asked.what)


def _named(suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="reconciliation.{suffix}"'}
