"""Cameras over the API: where they count, and a look through them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import NAME_PATTERN
from tapal_server.api.access import ActorOf, ServicesOf
from tapal_server.api.bodies import Id, Strict
from tapal_server.api.problems import PROBLEMS
from tapal_server.commands.views import CameraPicture, CommandView, GeometryView, ReferenceView
from tapal_server.errors import NotFoundError

__all__ = ["router"]

router = APIRouter(tags=["cameras"], responses=PROBLEMS)

Node = Annotated[str, Path(pattern=NAME_PATTERN, examples=["nunukan-01"])]
Camera = Annotated[str, Path(pattern=NAME_PATTERN, examples=["gate-1"])]


class GeometryBody(Strict):
    """All lines and zones the camera is to have."""

    lines: tuple[LineSpec, ...] = Field(
        max_length=64,
        examples=[[{"id": "gate", "from": [0.45, 0.24], "to": [0.45, 0.56], "inbound": "left_to_right"}]],
    )
    zones: tuple[ZoneSpec, ...] = Field((), max_length=64, examples=[[]])


@router.get("/nodes/{node}/cameras/{camera}/geometry")
def geometry(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> GeometryView:
    """Where the camera counts."""
    return services.commands.geometry(actor, node, camera)


@router.post("/nodes/{node}/cameras/{camera}/geometry", status_code=202)
def set_geometry(node: Node, camera: Camera, body: GeometryBody, actor: ActorOf, services: ServicesOf) -> CommandView:
    """Count at other lines and zones; the node checks them, keeps them and answers."""
    return services.commands.set_geometry(actor, node, camera, body.lines, body.zones)


@router.post("/nodes/{node}/cameras/{camera}/snapshot", status_code=202)
def ask_for_snapshot(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> CommandView:
    """Ask for a picture; that somebody looks is audited."""
    return services.commands.snapshot(actor, node, camera)


@router.get(
    "/nodes/{node}/cameras/{camera}/snapshot",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def snapshot(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> Response:
    """The newest picture that was asked for, heads blurred."""
    found = services.commands.picture(actor, node, camera)
    if found is None:
        raise NotFoundError(f"camera {camera!r} of {node!r} has sent no picture lately; ask for one with POST")
    return _shown(found)


@router.get("/nodes/{node}/cameras/{camera}/view")
def reference(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> ReferenceView:
    """When and by whom the view was taken that the camera's picture is compared with."""
    return services.commands.reference(actor, node, camera)


@router.post("/nodes/{node}/cameras/{camera}/view", status_code=202)
def learn_view(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> CommandView:
    """Take what the camera shows now for what it should show; the node learns it anew and sends a picture of it."""
    return services.commands.learn_view(actor, node, camera)


@router.get(
    "/nodes/{node}/cameras/{camera}/view.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def reference_picture(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> Response:
    """The picture of that view, heads blurred."""
    found = services.commands.reference_picture(actor, node, camera)
    if found is None:
        raise NotFoundError(f"no picture was taken of the view of camera {camera!r} of {node!r}; take one with POST")
    return _shown(found)


@router.post("/nodes/{node}/cameras/{camera}/restart", status_code=202)
def restart(node: Node, camera: Camera, actor: ActorOf, services: ServicesOf) -> CommandView:
    """Open the camera anew."""
    return services.commands.restart(actor, node, camera)


@router.get("/commands/{command_id}")
def command(command_id: Id, actor: ActorOf, services: ServicesOf) -> CommandView:
    """What became of a request."""
    return services.commands.command(actor, command_id)


def _shown(picture: CameraPicture) -> Response:
    headers = {"X-Taken-At": picture.taken_at.isoformat(), "X-Command": picture.command_id}
    return Response(picture.jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store", **headers})
