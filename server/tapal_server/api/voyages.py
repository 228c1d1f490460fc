"""Voyages over the API: the schedule, one call with its figures, its manifest, and schedules as files."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, Field

from tapal_contract.times import Timestamp
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Strict, Text
from tapal_server.api.listing import Listing
from tapal_server.api.planned import Cancelling, Name
from tapal_server.api.problems import PROBLEMS
from tapal_server.passages.model import BadRow
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.services import Services
from tapal_server.texts import decoded
from tapal_server.voyages.entries import VoyageEntry
from tapal_server.voyages.manifest_file import read_manifest_file
from tapal_server.voyages.manifests import ManifestView
from tapal_server.voyages.schedule_file import read_schedule_file
from tapal_server.voyages.service import VoyageFilter
from tapal_server.voyages.views import Status, VersionView, VoyageView

__all__ = ["router"]

router = APIRouter(prefix="/voyages", tags=["voyages"], responses=PROBLEMS)

VoyageId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00/]+$", examples=["TWU-NNK-0712"])]
FileName = Annotated[str, Query(alias="file", max_length=255, pattern=r"^[^\x00]*$", examples=["schedule.csv"])]


def _csv(**media: str) -> dict[str, Any]:
    """A body of CSV."""
    return {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, **media}}}}


FILE, MANIFEST = _csv(), _csv(example="document_number\nC1234567\nB7654321\n")
PLAIN = r"^[^\x00]*$"
Count = Annotated[int, Field(ge=0, le=10_000)]


class VoyageBody(Strict):
    """A call of a vessel in one direction."""

    site: Name = Field(examples=["tunon-taka"])
    direction: Literal["inbound", "outbound"] = Field(examples=["inbound"])
    vessel: str = Field(min_length=1, max_length=128, pattern=PLAIN, examples=["KM Labuan Express"])
    starts_at: Timestamp = Field(description="People start to pass.", examples=["2026-03-02T14:00:00+08:00"])
    ends_at: Timestamp = Field(description="The last have passed.", examples=["2026-03-02T15:30:00+08:00"])
    line: Name | None = Field(None, description="Default: every line of the site.", examples=["gate"])
    berth: Name | None = Field(None, examples=["dermaga-1"])
    declared: Count | None = Field(None, description="Persons the agent declares.", examples=[209])
    mmsi: int | None = Field(None, ge=100_000_000, le=999_999_999, examples=[525012345])
    imo: int | None = Field(None, ge=1_000_000, le=9_999_999, examples=[9074729])
    note: str = Field("", max_length=1000, pattern=PLAIN, examples=["berths an hour late"])

    def entry(self, voyage_id: str) -> VoyageEntry:
        """As the service takes it."""
        return VoyageEntry(id=voyage_id, **{name: getattr(self, name) for name in VoyageBody.model_fields})


class NewVoyage(VoyageBody):
    """A voyage under the id that passage records carry."""

    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")] = Field(examples=["TWU-NNK-0712"])


class ChangedVoyage(VoyageBody):
    """What it says from now on; with `version`, only if nobody changed it meanwhile."""

    version: int | None = Field(None, ge=1, le=1_000_000, examples=[1])


class ManifestBody(Strict):
    """How many persons, and their documents as numbers or machine readable zones; both are hashed at once."""

    persons: Count | None = Field(None, description="Default: as many as documents.", examples=[2])
    documents: list[Annotated[str, Field(max_length=200, pattern=PLAIN)]] = Field(
        [], max_length=10_000, examples=[["C1234567", "B7654321"]]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleOut:
    """What became, or would become, of the rows of a schedule."""

    added: int
    changed: int
    unchanged: int
    rejected: int
    problems: tuple[BadRow, ...]
    ignored_columns: tuple[str, ...]


@router.get("")
def list_voyages(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    status: Status | None = None,
    direction: Annotated[str | None, Query(pattern="^(inbound|outbound)$")] = None,
    vessel: Annotated[str | None, Query(max_length=64, pattern=PLAIN, description="Part of the name.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Ends at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Starts before.")] = None,
    sort: Annotated[str, Query(max_length=32, description="starts_at, ends_at, vessel or id; - reverses.")] = (
        "-starts_at"
    ),
) -> Listing[VoyageView]:
    """Voyages with persons declared, cleared and boarded."""
    wanted = VoyageFilter(site=site, status=status, direction=direction, vessel=vessel, since=since, until=until)
    return Listing[VoyageView].of(services.voyages.page(actor, paging, wanted, sort=sort))


@router.post("", status_code=201)
def enter_voyage(body: NewVoyage, actor: ActorOf, services: ServicesOf) -> VoyageView:
    """Enter a call."""
    return services.voyages.enter(actor, body.entry(body.id))


@router.post("/preview", openapi_extra=FILE)
async def preview_schedule(
    request: Request, actor: ActorOf, services: ServicesOf, file_name: FileName = "schedule.csv"
) -> ScheduleOut:
    """Say what would become of a schedule (CSV); nothing is stored."""
    content = await request.body()
    return await run_in_threadpool(_schedule, services, actor, content, file_name, store=False)


@router.post("/import", openapi_extra=FILE)
async def import_schedule(
    request: Request, actor: ActorOf, services: ServicesOf, file_name: FileName = "schedule.csv"
) -> ScheduleOut:
    """Take a schedule (CSV) in: a repeat changes nothing, a difference corrects; bad rows are reported by line."""
    content = await request.body()
    return await run_in_threadpool(_schedule, services, actor, content, file_name, store=True)


def _schedule(services: Services, actor: Actor, content: bytes, name: str, *, store: bool) -> ScheduleOut:
    actor.require(Permission.PLAN)
    lines = decoded(content, name=name).splitlines(keepends=True)
    found = read_schedule_file(lines, name=name, sites=services.voyages.sites, actor=actor)
    taken = services.voyages.take(actor, found.entries, name=name, store=store)
    return ScheduleOut(
        added=taken.added,
        changed=taken.changed,
        unchanged=taken.unchanged,
        rejected=found.report.bad_count,
        problems=tuple(found.report.bad),
        ignored_columns=found.report.ignored_columns,
    )


@router.get("/{voyage_id}")
def get_voyage(voyage_id: VoyageId, actor: ActorOf, services: ServicesOf) -> VoyageView:
    """One voyage with its figures."""
    return services.voyages.get(actor, voyage_id)


@router.put("/{voyage_id}")
def change_voyage(voyage_id: VoyageId, body: ChangedVoyage, actor: ActorOf, services: ServicesOf) -> VoyageView:
    """Let a voyage say something else; what it said is kept."""
    return services.voyages.change(actor, voyage_id, body.entry(voyage_id), expected_version=body.version)


@router.post("/{voyage_id}/cancel")
def cancel_voyage(voyage_id: VoyageId, body: Cancelling, actor: ActorOf, services: ServicesOf) -> VoyageView:
    """Say that the call does not take place."""
    return services.voyages.cancel(actor, voyage_id, expected_version=body.version)


@router.get("/{voyage_id}/versions")
def voyage_versions(voyage_id: VoyageId, actor: ActorOf, services: ServicesOf) -> list[VersionView]:
    """What it said before, oldest first."""
    return list(services.voyages.versions(actor, voyage_id))


@router.get("/{voyage_id}/manifest")
def get_manifest(voyage_id: VoyageId, actor: ActorOf, services: ServicesOf) -> ManifestView:
    """The manifest against the log, in counts."""
    return services.manifests.get(actor, voyage_id)


@router.put("/{voyage_id}/manifest")
def take_manifest(voyage_id: VoyageId, body: ManifestBody, actor: ActorOf, services: ServicesOf) -> ManifestView:
    """Take a manifest in place of an earlier one; problems name entries counted from 1."""
    return services.manifests.take(actor, voyage_id, body.persons, body.documents)


@router.post("/{voyage_id}/manifest/import", openapi_extra=MANIFEST)
async def import_manifest(
    voyage_id: VoyageId, request: Request, actor: ActorOf, services: ServicesOf, file_name: FileName = "manifest.csv"
) -> ManifestView:
    """Take a manifest (CSV) in place of an earlier one: a row is a person, only the document's hash is kept."""
    await run_in_threadpool(services.manifests.require, actor, voyage_id)
    found = read_manifest_file(await request.body(), name=file_name)
    view = await run_in_threadpool(services.manifests.take, actor, voyage_id, len(found.lines), found.documents)
    return replace(view, problems=tuple(BadRow(found.lines[bad.line - 1], bad.reason) for bad in view.problems))
