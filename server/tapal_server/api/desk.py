"""The duty desk over the API: shelves and handovers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(tags=["desk"], responses=PROBLEMS)

Id = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class Strict(BaseModel):
    """A body without unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Read from the services' views."""

    model_config = ConfigDict(from_attributes=True)


class ShelfBody(Strict):
    """What to shelve, for how long, and why."""

    site: Name = Field(examples=["tunon-taka"])
    line: Name | None = Field(None, description="Default: the whole site.", examples=["gate"])
    minutes: float = Field(gt=0, le=1440, examples=[60])
    reason: str = Field(min_length=3, max_length=1000, pattern=r"^[^\x00]*$", examples=["camera is being cleaned"])


class ShelfOut(Out):
    """A gate whose alerts wait."""

    id: str
    site: str
    line: str | None
    reason: str
    by: str
    at: datetime
    until: datetime
    ended_at: datetime | None


class HandoverBody(Strict):
    """To whom, and what they should know."""

    to: Name = Field(examples=["budi"])
    note: str = Field("", max_length=4000, pattern=r"^[^\x00]*$", examples=["ferry from Tawau is late"])


class HandoverOut(Out):
    """A shift given over, with what was open, blind and shelved then."""

    id: str
    given_by: str
    given_to: str
    at: datetime
    note: str
    open_alerts: list[str]
    blind: list[str]
    shelved: list[str]
    accepted_at: datetime | None


@router.get("/shelves")
def list_shelves(actor: ActorOf, services: ServicesOf) -> list[ShelfOut]:
    """What is shelved now."""
    return [ShelfOut.model_validate(one) for one in services.desk.shelves(actor)]


@router.post("/shelves", status_code=201)
def shelve(body: ShelfBody, actor: ActorOf, services: ServicesOf) -> ShelfOut:
    """Let a gate's alerts wait; they are kept, but tell nobody."""
    done = services.desk.shelve(actor, body.site, body.line, minutes=body.minutes, reason=body.reason)
    return ShelfOut.model_validate(done)


@router.delete("/shelves/{shelf_id}")
def end_shelf(shelf_id: Id, actor: ActorOf, services: ServicesOf) -> ShelfOut:
    """Watch the gate again."""
    return ShelfOut.model_validate(services.desk.end_shelf(actor, shelf_id))


@router.get("/handovers")
def list_handovers(actor: ActorOf, services: ServicesOf, paging: PagingOf) -> Listing[HandoverOut]:
    """Shifts given, newest first."""
    return Listing[HandoverOut].of(services.desk.handovers(actor, paging), HandoverOut.model_validate)


@router.post("/handovers", status_code=201)
def hand_over(body: HandoverBody, actor: ActorOf, services: ServicesOf) -> HandoverOut:
    """Give one's shift to somebody."""
    return HandoverOut.model_validate(services.desk.hand_over(actor, body.to, body.note))


@router.post("/handovers/{handover_id}/accept")
def accept(handover_id: Id, actor: ActorOf, services: ServicesOf) -> HandoverOut:
    """Take the shift, with what it lists."""
    return HandoverOut.model_validate(services.desk.accept(actor, handover_id))
