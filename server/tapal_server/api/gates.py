"""What was learned of the gates, over the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.paging import sliced

__all__ = ["router"]

_SORTS = ("site", "line", "direction")
router = APIRouter(prefix="/gates", tags=["sites"], responses=PROBLEMS)


class Out(BaseModel):
    """Read from the services' views."""

    model_config = ConfigDict(from_attributes=True)


class CurveOut(Out):
    """The law of the delay between a crossing and its record, and the history of the log's clock."""

    delay_s: list[float]
    density: list[float] = Field(description="Per second, at each delay.")
    median_s: float
    low_s: float = Field(description="1 % of records come sooner.")
    high_s: float = Field(description="99 % of records have come by then.")
    clock: list[tuple[float, float]] = Field(description="Since (UTC seconds), shift in seconds.")


class BinOut(Out):
    """Judged alerts that were shown with a probability in one range."""

    low: float
    high: float
    shown: float = Field(description="Mean of what was shown.")
    judged: int
    right: int


class GateOut(Out):
    """A gate that is compared with the passage log."""

    site: str
    line: str
    direction: str
    learning: bool
    learned: dict[str, Any] | None = Field(description="Null until the correlator has started.")
    curve: CurveOut | None
    calibration: list[BinOut]


@router.get("")
def list_gates(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    site: Text = None,
    direction: Annotated[str | None, Query(pattern="^(inbound|outbound)$")] = None,
    sort: Annotated[str, sort_by(_SORTS)] = "site",
) -> Listing[GateOut]:
    """Delay law, clock, recall, rates, doubts and calibration of each gate one sees."""
    gates = [GateOut.model_validate(gate) for gate in services.gates.all(actor)]
    return Listing[GateOut].of(sliced(gates, paging, sort=sort, sorts=_SORTS, site=site, direction=direction))
