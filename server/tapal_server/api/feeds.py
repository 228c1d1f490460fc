"""Feeds over the API: profiles, trying one, and taking files in."""

import tempfile
from typing import IO, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.feeds.profile import Profile
from tapal_server.feeds.service import FeedView
from tapal_server.paging import sliced
from tapal_server.passages.model import BadRow
from tapal_server.passages.store import ImportView

__all__ = ["router"]

_SORTS = ("name", "changed_at", "last_row_at")
router = APIRouter(prefix="/feeds", tags=["feeds"], responses=PROBLEMS)

Name = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", examples=["simkim"])]
FileName = Annotated[str, Query(alias="file", max_length=255, pattern=r"^[^\x00]*$", examples=["2026-03-02.csv"])]
FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


class Out(BaseModel):
    """Read from the services' views."""

    model_config = ConfigDict(from_attributes=True)


class MappedOut(Out):
    """What a row would become; times in UTC seconds."""

    id: str
    checkpoint: str
    direction: str
    time: float
    lane: str | None
    voyage_id: str | None
    traveller_class: str | None
    persons: int
    result: str | None


class PreviewOut(Out):
    """What the first rows would become."""

    records: list[MappedOut]
    problems: list[BadRow]
    read: int
    withdrawn: int


@router.get("")
def list_feeds(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    silent: bool | None = None,
    sort: Annotated[str, sort_by(_SORTS)] = "name",
) -> Listing[FeedView]:
    """Where records come from; `silent` ones have said nothing for longer than they should."""
    return Listing[FeedView].of(sliced(services.feeds.all(actor), paging, sort=sort, sorts=_SORTS, silent=silent))


@router.get("/{name}")
def get_feed(name: Name, actor: ActorOf, services: ServicesOf) -> FeedView:
    """One feed."""
    return services.feeds.get(actor, name)


@router.put("/{name}")
def save_feed(name: Name, profile: Profile, actor: ActorOf, services: ServicesOf) -> FeedView:
    """Add a feed or change its profile."""
    return services.feeds.save(actor, name, profile)


@router.delete("/{name}", status_code=204)
def delete_feed(name: Name, actor: ActorOf, services: ServicesOf) -> None:
    """Forget a feed; its records stay."""
    services.feeds.delete(actor, name)


@router.post("/{name}/preview", openapi_extra=FILE)
async def preview(
    name: Name, request: Request, actor: ActorOf, services: ServicesOf, file_name: FileName = "file"
) -> PreviewOut:
    """Read the first rows of a file by the feed's profile; nothing is stored."""
    with tempfile.TemporaryFile() as file:
        await _receive(request, file)
        feed = await run_in_threadpool(services.feeds.get, actor, name)
        found = await run_in_threadpool(services.feeds.preview, actor, feed.profile, file, name=file_name)
    return PreviewOut.model_validate(found)


@router.post("/{name}/import", openapi_extra=FILE)
async def take(
    name: Name, request: Request, actor: ActorOf, services: ServicesOf, file_name: FileName = "file"
) -> ImportView:
    """Take a file in through a feed: good rows are stored, others reported."""
    with tempfile.TemporaryFile() as file:
        await _receive(request, file)
        return await run_in_threadpool(services.feeds.take, actor, name, file, file_name=file_name)


async def _receive(request: Request, file: IO[bytes]) -> None:
    async for chunk in request.stream():
        file.write(chunk)
    file.seek(0)
