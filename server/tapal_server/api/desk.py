"""The duty desk over the API: shelves and handovers."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Id, Strict, Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.desk.service import HandoverView, ShelfView
from tapal_server.paging import sliced

__all__ = ["router"]

_SORTS = ("until", "at", "site")
router = APIRouter(tags=["desk"], responses=PROBLEMS)

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
Camera = Annotated[str, Field(min_length=3, max_length=129, pattern=r"^[^\x00/]+/[^\x00/]+$")]


class ShelfBody(Strict):
    """What to shelve, for how long, and why."""

    site: Name = Field(examples=["tunon-taka"])
    line: Name | None = Field(None, description="Default: the whole site.", examples=["gate"])
    camera: Camera | None = Field(
        None, description="One camera alone, instead of a line.", examples=["nunukan-01/gate-1"]
    )
    minutes: float = Field(gt=0, le=1440, examples=[60])
    reason: str = Field(min_length=3, max_length=1000, pattern=r"^[^\x00]*$", examples=["camera is being cleaned"])


class HandoverBody(Strict):
    """To whom, and what they should know."""

    to: Name = Field(examples=["budi"])
    note: str = Field("", max_length=4000, pattern=r"^[^\x00]*$", examples=["ferry from Tawau is late"])


@router.get("/shelves")
def list_shelves(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    site: Text = None,
    sort: Annotated[str, sort_by(_SORTS)] = "until",
) -> Listing[ShelfView]:
    """What is shelved now."""
    return Listing[ShelfView].of(sliced(services.desk.shelves(actor), paging, sort=sort, sorts=_SORTS, site=site))


@router.post("/shelves", status_code=201)
def shelve(body: ShelfBody, actor: ActorOf, services: ServicesOf) -> ShelfView:
    """Let a gate's or a camera's alerts wait; they are kept, but tell nobody."""
    return services.desk.shelve(
        actor, body.site, body.line, camera=body.camera, minutes=body.minutes, reason=body.reason
    )


@router.delete("/shelves/{shelf_id}")
def end_shelf(shelf_id: Id, actor: ActorOf, services: ServicesOf) -> ShelfView:
    """Watch the gate again."""
    return services.desk.end_shelf(actor, shelf_id)


@router.get("/handovers")
def list_handovers(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    accepted: bool | None = None,
    newest_first: bool = True,
) -> Listing[HandoverView]:
    """Shifts given over."""
    return Listing[HandoverView].of(
        services.desk.handovers(actor, paging, accepted=accepted, newest_first=newest_first)
    )


@router.post("/handovers", status_code=201)
def hand_over(body: HandoverBody, actor: ActorOf, services: ServicesOf) -> HandoverView:
    """Give one's shift to somebody."""
    return services.desk.hand_over(actor, body.to, body.note)


@router.post("/handovers/{handover_id}/accept")
def accept(handover_id: Id, actor: ActorOf, services: ServicesOf) -> HandoverView:
    """Take the shift, with what it lists."""
    return services.desk.accept(actor, handover_id)
