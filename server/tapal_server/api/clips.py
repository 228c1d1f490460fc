"""Films of events over the API: asked for, how far they are, and to be watched."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from tapal_server.api.access import ActorOf, ServicesOf
from tapal_server.api.bodies import Id
from tapal_server.api.problems import PROBLEMS
from tapal_server.clips.playing import film_response
from tapal_server.clips.standing import ClipView

__all__ = ["router"]

router = APIRouter(tags=["media"], responses=PROBLEMS)
Range = Annotated[str | None, Header(alias="Range", max_length=64, examples=["bytes=0-65535"])]


@router.get("/media/{event_id}/clip")
def clip(event_id: Id, actor: ActorOf, services: ServicesOf) -> ClipView:
    """How it stands with the film of an event that an alert rests on."""
    return services.clips.view(actor, event_id)


@router.post("/media/{event_id}/clip", status_code=202)
def ask_for_clip(event_id: Id, actor: ActorOf, services: ServicesOf) -> ClipView:
    """Ask the node for the film, heads blurred, unless it is here or on its way; that somebody asked is audited."""
    return services.clips.ask(actor, event_id)


@router.get(
    "/media/{event_id}/clip.mp4",
    response_class=Response,
    responses={200: {"content": {"video/mp4": {}}}, 206: {"description": "The part that `Range` names."}},
)
def film(event_id: Id, actor: ActorOf, services: ServicesOf, wanted: Range = None) -> Response:
    """The film, heads blurred; that somebody watched is audited."""
    return film_response(services.clips.read(actor, event_id), wanted, keep_s=300)
