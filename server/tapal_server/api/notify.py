"""Messages over the API: channels, what was sent, browsers to tell, alerts as CAP documents."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import AlertId, Id, Strict, Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.notify.book import OfficeRules, RulesView
from tapal_server.notify.cap import MEDIA_TYPE
from tapal_server.notify.office import ChannelView, DeliveryView, Tested
from tapal_server.notify.webpush import PushView
from tapal_server.paging import sliced

__all__ = ["router"]

_BROWSER_SORTS = ("created_at", "client")
router = APIRouter(tags=["notifications"], responses=PROBLEMS)

Name = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9-]+$", examples=["duty"])]
XML: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
KEY = r"^[A-Za-z0-9_-]+=*$"


class BrowserKeys(Strict):
    """As the browser's PushSubscription gives them."""

    p256dh: str = Field(
        max_length=128,
        pattern=KEY,
        examples=["BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"],
    )
    auth: str = Field(max_length=64, pattern=KEY, examples=["A" * 22])


class Browser(BaseModel):
    """A browser's PushSubscription, as JSON."""

    endpoint: str = Field(max_length=1000, pattern=r"^https://[^\x00\s]+$", examples=["https://push.example.org/x1"])
    keys: BrowserKeys


class PublicKey(BaseModel):
    """For `pushManager.subscribe({applicationServerKey})`."""

    public_key: str


@router.get("/alerts/{alert_id}/cap", response_class=Response, responses=XML)
def cap(alert_id: AlertId, actor: ActorOf, services: ServicesOf, language: Literal["id", "en"] = "id") -> Response:
    """The alert as CAP 1.2, scope Restricted; that it was exported is audited."""
    document = services.notify.cap(actor, alert_id, language=language)
    return Response(document, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})


@router.get("/notifications")
def list_deliveries(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    state: Annotated[Literal["waiting", "sent", "held_back", "given_up"] | None, Query()] = None,
    channel: Text = None,
    alert: Text = None,
    newest_first: bool = True,
) -> Listing[DeliveryView]:
    """Messages and what became of them."""
    page = services.notify.deliveries(
        actor, paging, state=state, channel=channel, alert_id=alert, newest_first=newest_first
    )
    return Listing[DeliveryView].of(page)


@router.get("/notifications/channels")
def list_channels(actor: ActorOf, services: ServicesOf) -> list[ChannelView]:
    """Channels of the settings, without their addresses."""
    return list(services.notify.channels(actor))


@router.post("/notifications/channels/{name}/test")
def test_channel(name: Name, actor: ActorOf, services: ServicesOf) -> Tested:
    """Send a test message now."""
    return services.notify.test(actor, name)


class RulesBody(Strict):
    """Rules to put in force."""

    expected_version: int = Field(ge=0, description="The version they were made from.")
    rules: OfficeRules | None = Field(None, description="Null goes back to the settings file.")


@router.get("/notifications/rules")
def get_rules(actor: ActorOf, services: ServicesOf) -> RulesView:
    """Who is told what, and who decided it."""
    return services.rules.get(actor)


@router.put("/notifications/rules")
def change_rules(body: RulesBody, actor: ActorOf, services: ServicesOf) -> RulesView:
    """Put rules in force at once; audited with what held before."""
    if body.rules is None:
        return services.rules.forget(actor, expected_version=body.expected_version)
    return services.rules.change(actor, body.rules, expected_version=body.expected_version)


@router.get("/me/browsers/key")
def push_key(actor: ActorOf, services: ServicesOf) -> PublicKey:  # noqa: ARG001 - only somebody who is signed in may
    """The key a browser subscribes with; made once."""
    return PublicKey(public_key=services.push.public_key())


@router.get("/me/browsers")
def list_browsers(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    client: Text = None,
    sort: Annotated[str, sort_by(_BROWSER_SORTS)] = "-created_at",
) -> Listing[PushView]:
    """One's own browsers that are told."""
    return Listing[PushView].of(
        sliced(services.push.mine(actor), paging, sort=sort, sorts=_BROWSER_SORTS, client=client)
    )


@router.post("/me/browsers", status_code=201)
def subscribe(body: Browser, request: Request, actor: ActorOf, services: ServicesOf) -> PushView:
    """Tell this browser from now on."""
    client = request.headers.get("user-agent", "")
    return services.push.subscribe(actor, body.endpoint, body.keys.p256dh, body.keys.auth, client=client)


@router.delete("/me/browsers/{browser_id}", status_code=204)
def unsubscribe(browser_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """Tell this browser no longer."""
    services.push.unsubscribe(actor, browser_id)
