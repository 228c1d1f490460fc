"""Nodes, sites, events and pictures over the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel

from tapal_server.api.access import ActorOf, PagingOf, PartsOf, ServicesOf
from tapal_server.api.bodies import Id, Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.nodes import NodeView, RefusedView
from tapal_server.observations import EventFilter, EventView
from tapal_server.paging import sliced

__all__ = ["router"]

_SITE_SORTS = ("id", "name", "kind")
_NODE_SORTS = ("site", "node", "status", "last_seen")
router = APIRouter(responses=PROBLEMS)


class GateOut(BaseModel):
    """A line in one direction, and what was learned of it."""

    line: str
    direction: str
    learned: dict[str, Any] | None


class SiteOut(BaseModel):
    """A place that is watched."""

    id: str
    name: str
    kind: str
    checkpoint: str | None
    timezone: str
    location: tuple[float, float] | None
    gates: list[GateOut]


@router.get("/sites", tags=["sites"])
def list_sites(
    actor: ActorOf,
    parts: PartsOf,
    paging: PagingOf,
    kind: Text = None,
    sort: Annotated[str, sort_by(_SITE_SORTS)] = "id",
) -> Listing[SiteOut]:
    """Sites one sees, with their gates."""
    sites = [
        SiteOut(
            id=site.id,
            name=site.name,
            kind=site.kind,
            checkpoint=site.checkpoint,
            timezone=site.timezone,
            location=site.location,
            gates=[
                GateOut(
                    line=gate.line,
                    direction=gate.direction,
                    learned=parts.correlator.gate_report(site.id, gate.line, gate.direction),
                )
                for gate in site.gates
            ],
        )
        for site in parts.sites
        if actor.sees(site.id)
    ]
    return Listing[SiteOut].of(sliced(sites, paging, sort=sort, sorts=_SITE_SORTS, kind=kind))


@router.get("/nodes", tags=["nodes"])
def list_nodes(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    status: Text = None,
    sort: Annotated[str, sort_by(_NODE_SORTS)] = "site",
) -> Listing[NodeView]:
    """Nodes of the sites one sees."""
    found = services.nodes.all(actor)
    return Listing[NodeView].of(sliced(found, paging, sort=sort, sorts=_NODE_SORTS, site=site, status=status))


@router.get("/nodes/refused", tags=["nodes"])
def list_refused(actor: ActorOf, services: ServicesOf) -> RefusedView:
    """Messages that were refused, counted by node and reason; the newest of them for those who run the server."""
    return services.nodes.refused(actor)


@router.get("/events", tags=["events"])
def list_events(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    camera: Text = None,
    line: Text = None,
    type_: Annotated[str | None, Query(alias="type", max_length=16, pattern=r"^[a-z]*$")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Happened at or after.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Happened before.")] = None,
    after: Annotated[str | None, Query(max_length=36, description="Go on behind this event, by its id.")] = None,
    newest_first: bool = True,
) -> Listing[EventView]:
    """Messages of edges, by the time they happened."""
    wanted = EventFilter(site=site, camera=camera, line=line, type=type_, since=since, until=until, after=after)
    page = services.observations.page(actor, paging, wanted, newest_first=newest_first)
    return Listing[EventView].of(page)


@router.get(
    "/media/{event_id}", tags=["media"], response_class=Response, responses={200: {"content": {"image/jpeg": {}}}}
)
def picture(event_id: Id, actor: ActorOf, services: ServicesOf) -> Response:
    """The picture of an event, heads blurred; that it was seen is audited."""
    jpeg = services.media.read(actor, event_id)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})
