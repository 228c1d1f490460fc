"""What an edge node tells: crossings, zone visits, vessels, the health of its view (DESIGN section 2)."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from tapal_contract.errors import MessageError
from tapal_contract.geometry import Box, Direction, Point
from tapal_contract.ids import HIGHEST_SEQ, Label, Name, Seq, Text, Uuid
from tapal_contract.model import Frozen
from tapal_contract.times import Timestamp

MAX_EVENT_BYTES = 16 * 1024
Seconds = Annotated[float, Field(ge=0.0)]
Confidence = Annotated[float, Field(ge=0.0, le=1.0)]
TrackId = Annotated[int, Field(ge=0, le=HIGHEST_SEQ)]


class EdgeMessage(Frozen):
    """What every message from an edge carries."""

    id: Uuid = Field(description="UUIDv7 of this message; the same at every delivery")
    node: Name
    boot: Uuid = Field(description="id of this start of the node")
    seq: Seq = Field(description="per node, without gaps, survives restarts")
    site: Name
    camera: Name
    time: Timestamp = Field(description="when it happened")
    sent_at: Timestamp = Field(description="when the node wrote it down")
    model: Text = Field(min_length=1, max_length=128, description="name@version of the detector")


class Crossing(EdgeMessage):
    """Somebody or something changed sides of a line, confirmed."""

    type: Literal["crossing"] = "crossing"
    line: Name
    direction: Direction
    label: Label
    track: TrackId
    confidence: Confidence
    box: Box
    visited: dict[Name, Seconds] = Field(
        default_factory=dict, description="zones the track was in before the crossing, with the seconds spent there"
    )
    path: tuple[Point, ...] = Field(
        default=(), max_length=32, description="the way the track took, oldest first; empty from nodes that do not tell"
    )


class ZoneEvent(EdgeMessage):
    """A track entered, left or loiters in a zone."""

    type: Literal["zone"] = "zone"
    zone: Name
    event: Literal["enter", "leave", "loiter"]
    label: Label
    track: TrackId
    seconds: Seconds
    box: Box


class VesselEvent(EdgeMessage):
    """A vessel arrived at or departed from a berth."""

    type: Literal["vessel"] = "vessel"
    berth: Name
    event: Literal["arrived", "departed"]
    track: TrackId
    box: Box


class CameraEvent(EdgeMessage):
    """The view of a camera changed."""

    type: Literal["camera"] = "camera"
    event: Literal["online", "offline", "dark", "covered", "defocused", "moved"]
    detail: Text = Field(default="", max_length=500)


Event = Annotated[Crossing | ZoneEvent | VesselEvent | CameraEvent, Field(discriminator="type")]
EVENT_TYPES: tuple[type[EdgeMessage], ...] = (Crossing, ZoneEvent, VesselEvent, CameraEvent)
_EVENT: TypeAdapter[Crossing | ZoneEvent | VesselEvent | CameraEvent] = TypeAdapter(Event)


def parse_event(payload: bytes | str) -> Crossing | ZoneEvent | VesselEvent | CameraEvent:
    """Read one event.

    Raises:
        MessageError: too large, not JSON, or not a message of the contract; names the first field that is wrong.
    """
    size = len(payload.encode() if isinstance(payload, str) else payload)
    if size > MAX_EVENT_BYTES:
        raise MessageError(f"an event of {size} bytes is larger than the {MAX_EVENT_BYTES} the contract allows")
    try:
        return _EVENT.validate_json(payload, strict=True)
    except ValidationError as error:
        raise MessageError(f"not an event of the contract: {first_problem(error)}") from error


def dump(message: Frozen) -> bytes:
    """Write a message as one line of JSON."""
    return message.model_dump_json(by_alias=True).encode()


def first_problem(error: ValidationError) -> str:
    """Say the first problem of a validation error as ``field: what is wrong``, without echoing the whole input."""
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    text = problem["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    return f"{where or 'message'}: {text}" + (f" (and {more} more)" if more else "")
