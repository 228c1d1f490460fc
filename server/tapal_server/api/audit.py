"""The audit log over the API."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS
from tapal_server.audit.chain import Link
from tapal_server.audit.log import SignedHead
from tapal_server.people.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/audit", tags=["audit"], responses=PROBLEMS)
Text = Annotated[str | None, Query(max_length=128, pattern=r"^[^\x00]*$")]


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
    newest_first: bool = True,
) -> Listing[Link]:
    """Entries, newest first unless asked otherwise."""
    page = services.audit.page(
        actor, paging, by=by, action=action, subject=subject, since=since, until=until, newest_first=newest_first
    )
    return Listing[Link].of(page)


@router.get("/head")
def head(actor: ActorOf, services: ServicesOf) -> SignedHead | None:
    """The newest entry, signed."""
    actor.require(Permission.AUDIT)
    return services.audit.head()


@router.get("/verify")
def verify(actor: ActorOf, services: ServicesOf) -> Verdict:
    """Check every entry."""
    actor.require(Permission.AUDIT)
    flaw = services.audit.verify()
    return Verdict(whole=True) if flaw is None else Verdict(whole=False, seq=flaw.seq, reason=flaw.reason)
