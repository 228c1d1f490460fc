"""What people add to an alert, over the API: files, ties to other alerts, agencies it is shown to."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from tapal_server.alerts.views import AttachmentView, LinkedView, ShareView
from tapal_server.api.access import ActorOf, PartsOf, ServicesOf
from tapal_server.api.bodies import AlertId, Id, Strict
from tapal_server.api.problems import PROBLEMS
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.reports.alert_pdf import alert_to_pdf
from tapal_server.services import Services

__all__ = ["router"]

router = APIRouter(tags=["alerts"], responses=PROBLEMS)

FileName = Annotated[str, Query(min_length=1, max_length=255, pattern=r"^[^\x00]*$", examples=["manifest.pdf"])]
FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "%PDF-"}},
    }
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": BINARY}}}
OtherId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$", examples=["presence-01b3"])]
Why = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$", examples=["the same boat, twenty minutes later"])]


class Tie(Strict):
    """Which alert belongs to this one, and why."""

    to: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$", examples=["presence-01b3"])
    why: Why = ""


class Share(Strict):
    """Which agency sees it, and why."""

    agency: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$", examples=["BP3MI"])
    why: str = Field(min_length=3, max_length=1000, pattern=r"^[^\x00]*$", examples=["migrant workers among them"])


@router.post("/alerts/{alert_id}/attachments", status_code=201, openapi_extra=FILE)
async def attach(alert_id: AlertId, name: FileName, request: Request, actor: ActorOf, parts: PartsOf) -> AttachmentView:
    """Attach a file: JPEG, PNG, PDF or plain text, found in its bytes; the same file again changes nothing."""
    largest, data = parts.settings.media.largest_attachment_kb * 1024, bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > largest:
            raise InvalidError(f"an attachment has 1 to {largest} bytes; make it smaller", field="body")
    return await run_in_threadpool(parts.services.attachments.add, actor, alert_id, name, bytes(data))


@router.get("/alerts/{alert_id}/attachments/{attachment_id}", response_class=Response, responses=BYTES)
def get_attachment(alert_id: AlertId, attachment_id: Id, actor: ActorOf, services: ServicesOf) -> Response:
    """The file, to be saved and not shown; that it was fetched is audited."""
    view, data = services.attachments.read(actor, alert_id, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(view.name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=view.type, headers=headers)


@router.delete("/alerts/{alert_id}/attachments/{attachment_id}", status_code=204)
def detach(alert_id: AlertId, attachment_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """Remove a file one added, or as a supervisor anybody's."""
    services.attachments.remove(actor, alert_id, attachment_id)


@router.post("/alerts/{alert_id}/links", status_code=201)
def tie(alert_id: AlertId, body: Tie, actor: ActorOf, services: ServicesOf) -> LinkedView:
    """Say that another alert belongs to this one; both show it."""
    return services.ties.tie(actor, alert_id, body.to, body.why)


@router.delete("/alerts/{alert_id}/links/{other_id}", status_code=204)
def untie(alert_id: AlertId, other_id: OtherId, actor: ActorOf, services: ServicesOf) -> None:
    """Say that they do not belong together."""
    services.ties.untie(actor, alert_id, other_id)


@router.post("/alerts/{alert_id}/shares", status_code=201)
def share(alert_id: AlertId, body: Share, actor: ActorOf, services: ServicesOf) -> ShareView:
    """Show the alert and its pictures to a partner agency."""
    return services.sharing.share(actor, alert_id, body.agency, body.why)


@router.delete("/alerts/{alert_id}/shares/{share_id}", status_code=204)
def end_share(alert_id: AlertId, share_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """Take it back."""
    services.sharing.end(actor, alert_id, share_id)


@router.get("/agencies")
def list_agencies(actor: ActorOf, services: ServicesOf) -> list[str]:
    """Agencies an alert can be shared with: those with a partner who can sign in."""
    return list(services.sharing.agencies(actor))


@router.get("/alerts/{alert_id}/pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def alert_pdf(alert_id: AlertId, actor: ActorOf, parts: PartsOf, *, language: Literal["id", "en"] = "id") -> Response:
    """The alert as a page to print; that it was exported is audited."""
    actor.require(Permission.EXPORT)
    services, sites = parts.services, {site.id: site for site in parts.sites}
    found = services.alerts.detail(actor, alert_id)
    services.audit.record(actor, "alert.export", f"alert:{alert_id}", format="pdf")
    picture = _picture(services, actor, found.pictures)
    document = alert_to_pdf(found, sites.get(found.alert.site), picture, language=language)
    headers = {
        "Content-Disposition": f'attachment; filename="tapal-{found.alert.time:%Y%m%d-%H%M%S}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(document, media_type="application/pdf", headers=headers)


def _picture(services: Services, actor: Actor, events: tuple[str, ...]) -> bytes | None:
    try:
        return services.media.read(actor, events[0]) if events else None
    except NotFoundError:  # its time ended since
        return None
