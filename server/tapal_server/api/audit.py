"""The audit log over the API."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS
from tapal_server.people.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/audit", tags=["audit"], responses=PROBLEMS)
Text = Annotated[str | None, Query(max_length=128, pattern=r"^[^\x00]*$")]


class LinkOut(BaseModel):
    """One audited act; its hash covers the entry before it."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str


class HeadOut(BaseModel):
    """The newest entry, signed: keep it outside, to show later that nothing was cut off."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    hash: str
    signed_at: str
    public_key: str
    signature: str


class Verdict(BaseModel):
    """Whether the chain is whole; else where it is not."""

    whole: bool
    seq: int | None = None
    reason: str | None = None


@router.get("")
def list_entries(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    by: Text = None,
    action: Text = None,
    subject: Text = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
) -> Listing[LinkOut]:
    """Entries, newest first."""
    page = services.audit.page(actor, paging, by=by, action=action, subject=subject, since=since, until=until)
    return Listing[LinkOut].of(page, LinkOut.model_validate)


@router.get("/head")
def head(actor: ActorOf, services: ServicesOf) -> HeadOut | None:
    """The newest entry, signed."""
    actor.require(Permission.AUDIT)
    found = services.audit.head()
    return None if found is None else HeadOut.model_validate(found)


@router.get("/verify")
def verify(actor: ActorOf, services: ServicesOf) -> Verdict:
    """Check every entry."""
    actor.require(Permission.AUDIT)
    flaw = services.audit.verify()
    return Verdict(whole=True) if flaw is None else Verdict(whole=False, seq=flaw.seq, reason=flaw.reason)
