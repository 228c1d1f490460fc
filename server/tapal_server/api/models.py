"""Models over the API: bundles in, bundles out to nodes, roll-outs."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field

from tapal_contract.updates import ModelBounds
from tapal_server.api.access import ActorOf, PagingOf, PartsOf, ServicesOf
from tapal_server.api.bodies import Id, Strict, Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.models.views import ModelView, NodeModelView, RolloutView
from tapal_server.paging import sliced

__all__ = ["router"]

_MODEL_SORTS = ("uploaded_at", "title", "name")
_FLEET_SORTS = ("node", "site", "active", "state", "reported_at")
_ROLLOUT_SORTS = ("made_at", "model", "state")
router = APIRouter(tags=["models"], responses=PROBLEMS)

Title = Annotated[str, Path(max_length=129, pattern=r"^[^\x00]+$", examples=["default@2"])]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Names = Annotated[tuple[Annotated[str, Field(max_length=64, pattern=r"^[^\x00]+$")], ...], Field(max_length=1000)]
_BINARY: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
BUNDLE = {"requestBody": {"required": True, "content": _BINARY}}


class RolloutBody(Strict):
    """Which model goes where, in which order."""

    model: str = Field(max_length=129, pattern=r"^[^\x00]+$", examples=["default@2"])
    stages: tuple[Names, ...] = Field(
        max_length=64, examples=[[["nunukan-01"], ["tunon-taka", "lumbis"]]], description="of nodes and sites"
    )
    bounds: ModelBounds = Field(ModelBounds(), examples=[{"frames": 300, "agreement": 0.8}])


@router.post("/models", status_code=201, openapi_extra=BUNDLE)
async def upload(request: Request, actor: ActorOf, parts: PartsOf) -> ModelView:
    """Take in a bundle of `tapal model bundle`; the same one again changes nothing."""
    return await run_in_threadpool(parts.services.models.upload, actor, await request.body())


@router.get("/models")
def list_models(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    name: Text = None,
    sort: Annotated[str, sort_by(_MODEL_SORTS)] = "-uploaded_at",
) -> Listing[ModelView]:
    """Models with their cards and the champions they were proven against."""
    return Listing[ModelView].of(sliced(services.models.all(actor), paging, sort=sort, sorts=_MODEL_SORTS, name=name))


@router.get("/models/{title}")
def get_model(title: Title, actor: ActorOf, services: ServicesOf) -> ModelView:
    """One model."""
    return services.models.get(actor, title)


@router.get("/bundles/{sha256}", response_class=FileResponse, responses={200: {"content": _BINARY}})
def fetch(sha256: Digest, services: ServicesOf) -> FileResponse:
    """A signed bundle, for nodes; answers to Range. Its hash, which only who was offered it knows, is the key to it."""
    return FileResponse(services.models.path_of(sha256), media_type="application/octet-stream")


@router.get("/fleet")
def fleet(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    state: Text = None,
    sort: Annotated[str, sort_by(_FLEET_SORTS)] = "node",
) -> Listing[NodeModelView]:
    """Which model each node uses, and how a change of it goes."""
    found = services.rollouts.fleet(actor)
    return Listing[NodeModelView].of(sliced(found, paging, sort=sort, sorts=_FLEET_SORTS, site=site, state=state))


@router.post("/rollouts", status_code=201)
def start(body: RolloutBody, actor: ActorOf, services: ServicesOf) -> RolloutView:
    """Roll a model out, stage by stage; it halts by itself at the first node that does not take it."""
    return services.rollouts.start(actor, body.model, body.stages, bounds=body.bounds)


@router.get("/rollouts")
def list_rollouts(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    model: Text = None,
    state: Text = None,
    sort: Annotated[str, sort_by(_ROLLOUT_SORTS)] = "-made_at",
) -> Listing[RolloutView]:
    """Roll-outs."""
    found = services.rollouts.all(actor)
    return Listing[RolloutView].of(sliced(found, paging, sort=sort, sorts=_ROLLOUT_SORTS, model=model, state=state))


@router.get("/rollouts/{rollout_id}")
def get_rollout(rollout_id: Id, actor: ActorOf, services: ServicesOf) -> RolloutView:
    """One roll-out and its nodes."""
    return services.rollouts.get(actor, rollout_id)


@router.post("/rollouts/{rollout_id}/stop")
def stop(rollout_id: Id, actor: ActorOf, services: ServicesOf) -> RolloutView:
    """Ask no further nodes."""
    return services.rollouts.stop(actor, rollout_id)


@router.post("/rollouts/{rollout_id}/go-on")
def go_on(rollout_id: Id, actor: ActorOf, services: ServicesOf) -> RolloutView:
    """Go on after a halt."""
    return services.rollouts.go_on(actor, rollout_id)


@router.post("/rollouts/{rollout_id}/back")
def roll_back(rollout_id: Id, actor: ActorOf, services: ServicesOf) -> RolloutView:
    """Let every node use the model before it again."""
    return services.rollouts.roll_back(actor, rollout_id)
