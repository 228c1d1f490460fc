"""The passage log over the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from tapal_server.alerts.views import RecordView
from tapal_server.api.access import ActorOf, PagingOf, PartsOf, ServicesOf
from tapal_server.api.bodies import Id, Strict, Text
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS
from tapal_server.passages.query import PassageFilter
from tapal_server.passages.rows import read_rows
from tapal_server.passages.store import ImportView

__all__ = ["router"]

router = APIRouter(prefix="/passages", tags=["passages"], responses=PROBLEMS)

Source = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00/]+$", examples=["simkim"])]
EXAMPLE = {
    "record_id": "4711",
    "recorded_at": "2026-03-02T14:00:25.151+08:00",
    "direction": "masuk",
    "checkpoint": "TTK",
    "persons": 1,
}


class Withdrawal(Strict):
    """Records that the log takes back."""

    record_ids: list[Annotated[str, Field(max_length=128, pattern=r"^[^\x00]*$")]] = Field(
        min_length=1, max_length=5000, examples=[["4711"]]
    )


class Withdrawn(BaseModel):
    """How many there were."""

    withdrawn: int


@router.get("")
def list_passages(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    source: Text = None,
    checkpoint: Text = None,
    direction: Annotated[str | None, Query(pattern="^(inbound|outbound)$")] = None,
    voyage_id: Text = None,
    since: Annotated[AwareDatetime | None, Query(description="Recorded at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Recorded before.")] = None,
    newest_first: bool = True,
) -> Listing[RecordView]:
    """Records of the log; a document number is never among them."""
    wanted = PassageFilter(
        source=source, checkpoint=checkpoint, direction=direction, voyage_id=voyage_id, since=since, until=until
    )
    page = services.passage_log.page(actor, paging, wanted, newest_first=newest_first)
    return Listing[RecordView].of(page)


@router.get("/imports")
def list_imports(
    actor: ActorOf, services: ServicesOf, paging: PagingOf, *, source: Text = None, newest_first: bool = True
) -> Listing[ImportView]:
    """What was taken in."""
    return Listing[ImportView].of(services.passage_log.imports(actor, paging, source=source, newest_first=newest_first))


@router.get(
    "/imports/{import_id}/rejected.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "line,reason"}},
)
def rejected_rows(import_id: Id, actor: ActorOf, services: ServicesOf) -> StreamingResponse:
    """Every row that was not taken with its line and reason, to mend it in the source; of a file, the first 100,000."""
    lines = services.passage_log.rejected_csv(actor, import_id)
    headers = {"Content-Disposition": f'attachment; filename="rejected-{import_id}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("")
def push(
    source: Source,
    rows: Annotated[list[dict[str, Any]], Body(min_length=1, max_length=20_000, examples=[[EXAMPLE]])],
    actor: ActorOf,
    parts: PartsOf,
) -> ImportView:
    """Push rows with the fields of passages.csv; pushing again changes nothing, a difference corrects."""
    report, records = read_rows(rows, name="push", key=parts.keys.get("documents"))
    return parts.services.passages.take(actor, source, report, records)


@router.post("/withdraw")
def withdraw(source: Source, body: Withdrawal, actor: ActorOf, parts: PartsOf) -> Withdrawn:
    """Take records back."""
    return Withdrawn(withdrawn=parts.services.passages.withdraw(actor, source, body.record_ids))
