"""What a node and the server say to each other beside events: state, health, acknowledgement, command."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from tapal_contract.errors import MessageError
from tapal_contract.events import first_problem
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import HIGHEST_SEQ, Name, Seq, Text, Uuid
from tapal_contract.model import Frozen
from tapal_contract.times import Timestamp
from tapal_contract.updates import ModelHealth, ModelOffer

MAX_CONTROL_BYTES = 256 * 1024
KEPT_AT_MOST = 5_000
OF_THE_NODE = ("keep", "use-model", "previous-model")
Count = Annotated[int, Field(ge=0, le=HIGHEST_SEQ)]
ClipCause = Literal["no-clips", "not-kept", "not-blurred", "busy", "failed"]
OldestSeq = Annotated[
    int | None,
    Field(
        ge=1,
        le=HIGHEST_SEQ,
        description="lowest seq the outbox can still send, or the next seq when it is empty: "
        "a server that misses events below it knows that they cannot come any more",
    ),
]


class State(Frozen):
    """Retained birth and will of a node. The will says ``offline`` with the boot it ends."""

    node: Name
    site: Name
    boot: Uuid
    state: Literal["online", "offline"]
    time: Timestamp = Field(description="of the birth; in a will, when the connection was opened")
    version: Text = Field(default="", max_length=64, description="software version of the node")
    oldest_seq: OldestSeq = None


class CameraHealth(Frozen):
    """How one camera fared since the last report, and the lines and zones it counts at."""

    camera: Name
    state: Literal["online", "offline", "starting"]
    fps: float = Field(ge=0.0, description="frames analysed per second")
    skipped: Count = Field(default=0, description="frames due but not analysed since the start of the node")
    last_frame: Timestamp | None = None
    detail: Text = Field(default="", max_length=500)
    recall: float | None = Field(default=None, ge=0.0, le=1.0, description="estimated share of crossings seen")
    lines: tuple[LineSpec, ...] | None = Field(
        default=None, description="in force now; null from nodes that do not tell"
    )
    zones: tuple[ZoneSpec, ...] | None = Field(
        default=None, description="in force now; null from nodes that do not tell"
    )


class CommandAnswer(Frozen):
    """What became of a command at the node."""

    id: Uuid = Field(description="of the command")
    outcome: Literal["done", "refused"]
    reason: Text = Field(default="", max_length=500, description="of a refusal: one sentence that says what to mend")
    time: Timestamp
    cause: ClipCause | None = Field(default=None, description="of a refused clip, in a word; else null")


class Health(Frozen):
    """Report of a node, every 30 s."""

    node: Name
    site: Name
    boot: Uuid
    time: Timestamp
    cameras: tuple[CameraHealth, ...] = ()
    queue: Count = Field(description="events in the outbox that the server has not acknowledged")
    oldest_seq: OldestSeq = None
    media_queue: Count = 0
    temperature_c: float | None = None
    disk_free_bytes: Count | None = None
    disk_total_bytes: Count | None = None
    memory_bytes: Count | None = Field(default=None, description="resident memory of the node process")
    uptime_s: float = Field(default=0.0, ge=0.0)
    warnings: tuple[Text, ...] = ()
    commands: tuple[CommandAnswer, ...] = Field(
        default=(),
        max_length=64,
        description="what became of the last commands; a report is sent at once after a command, and repeats them",
    )
    model: ModelHealth | None = Field(default=None, description="null from nodes that do not tell")


class Ack(Frozen):
    """The server has committed every event of the node up to and including ``through``."""

    through: Count
    boot: Uuid | None = Field(
        default=None,
        description="the start it answers; of two nodes with one name, only the one it is meant for may delete",
    )
    media: tuple[Uuid, ...] = Field(
        default=(), description="events, commands and pieces of films whose media is stored"
    )
    resend_from: Seq | None = Field(default=None, description="the server saw a gap: send again from here")


class Command(Frozen):
    """A request from the server to a node. Only what is listed here is carried out; ``Health.commands`` has the answer.

    ``snapshot``: one picture, heads blurred, at once on ``.../media`` under the id of the command.
    ``set-geometry``: ``lines`` and ``zones`` are those of the camera from now on and after a restart; what is left out
    stays as it is. ``restart-camera``: open the source anew. ``keep``: the clips and pictures of ``events`` are deleted
    last, ``until`` then; the newest command replaces the ones before it. ``use-model``: fetch the bundle of ``offer``,
    try it beside the model in use, switch if it stays within the bounds; ``done`` says that this has begun,
    ``Health.model`` how it goes. ``previous-model``: drop a change that is under way, else use the model
    before this one again, at once. ``learn-view``: forget how the camera's view looked, learn it anew from the next
    frames on, and send one picture of it as for ``snapshot``. ``clip``: the film of the one event in ``events``, heads
    blurred, small, in pieces on ``.../media`` under the id of the command; ``done`` says that they are on their way.
    Where the node has no film of that id, one that shows the moment in it: so the server asks for the film of a moment
    at which somebody was missed, by a UUIDv7 of that moment. Nodes before 1.7.0 have none.
    """

    id: Uuid
    name: Literal[
        "snapshot", "set-geometry", "restart-camera", "keep", "use-model", "previous-model", "learn-view", "clip"
    ]
    camera: Name | None = Field(
        default=None, description="which one; keep, use-model and previous-model are for the whole node"
    )
    issued_at: Timestamp
    issued_by: Text = Field(min_length=1, max_length=128)
    lines: tuple[LineSpec, ...] | None = None
    zones: tuple[ZoneSpec, ...] | None = None
    events: tuple[Uuid, ...] | None = Field(
        default=None, max_length=KEPT_AT_MOST, description="of open alerts; of a clip, one"
    )
    until: Timestamp | None = None
    offer: ModelOffer | None = None

    @model_validator(mode="after")
    def _has_its_arguments(self) -> Self:
        geometry = self.lines is not None or self.zones is not None
        if (self.name == "set-geometry") != geometry:
            raise ValueError("'lines' and 'zones' belong to the command set-geometry, which needs one of them")
        if (self.until is not None) != (self.name == "keep") or (self.events is not None) != (
            self.name in {"keep", "clip"}
        ):
            raise ValueError("'events' and 'until' belong to the command keep, which needs both, 'events' also to clip")
        if self.name == "clip" and len(self.events or ()) != 1:
            raise ValueError("the command clip is for one event")
        if (self.offer is not None) != (self.name == "use-model"):
            raise ValueError("'offer' belongs to the command use-model, which needs it")
        if (self.camera is None) != (self.name in OF_THE_NODE):
            raise ValueError(f"every command but {', '.join(OF_THE_NODE)} names its 'camera'")
        return self


Control = TypeVar("Control", State, Health, Ack, Command)


def parse_control(model: type[Control], payload: bytes | str) -> Control:
    """Read a state, health, ack or command message.

    Raises:
        MessageError: too large, not JSON, or not of that kind.
    """
    if len(payload) > MAX_CONTROL_BYTES:
        raise MessageError(f"a {model.__name__.lower()} message of {len(payload)} bytes is too large")
    try:
        parsed: Any = model.model_validate_json(payload, strict=True)
    except ValidationError as error:
        raise MessageError(f"not a {model.__name__.lower()} message: {first_problem(error)}") from error
    return parsed  # type: ignore[no-any-return]  # pydantic returns the model it was called on
