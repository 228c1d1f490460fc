"""Vessels heard over AIS, where a receiver is set."""

from typing import Annotated

from fastapi import APIRouter, Path

from tapal_server.ais.service import SORTS, VesselView
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(tags=["vessels"], responses=PROBLEMS)

VoyageId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00/]+$", examples=["TWU-NNK-0712"])]


@router.get("/vessels")
def list_vessels(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    site: Text = None,
    sort: Annotated[str, sort_by(SORTS)] = "-heard_at",
) -> Listing[VesselView]:
    """Vessels near the sites one sees."""
    return Listing[VesselView].of(services.vessels.page(actor, paging, site=site, sort=sort))


@router.get("/voyages/{voyage_id}/vessel")
def vessel_of_voyage(voyage_id: VoyageId, actor: ActorOf, services: ServicesOf) -> VesselView | None:
    """The vessel of a voyage, if AIS heard it near the voyage's site: evidence that it came."""
    return services.vessels.of_voyage(actor, voyage_id)
