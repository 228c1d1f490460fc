"""The configuration of a node (DESIGN section 3): strict, frozen, read once."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from tapal_contract import yamlfile
from tapal_contract.errors import ConfigError
from tapal_contract.geometry import Box, LineSpec, ZoneSpec
from tapal_contract.ids import Label, Name
from tapal_contract.model import Frozen
from tapal_edge.sources.address import require_wellformed

MQTT_PORTS = {"mqtt": 1883, "mqtts": 8883}
LEAST_REGION = 0.05
HwAccel = Literal["none", "auto", "vaapi", "cuda", "qsv", "drm", "videotoolbox"]
PASSWORD_VARIABLE = "TAPAL_MQTT_PASSWORD"  # noqa: S105 - the name of a variable, not a password


class Mqtt(Frozen):
    """The broker, and how to be let in."""

    url: str = Field(description="mqtt://HOST[:PORT], or mqtts:// for TLS")
    username: str | None = Field(default=None, min_length=1)
    password_file: Path | None = Field(
        default=None, description=f"file with the password and nothing else; else ${PASSWORD_VARIABLE}"
    )
    ca_file: Path | None = Field(default=None, description="certificate of the authority that signed the broker's")
    client_certificate: Path | None = None
    client_key: Path | None = None
    keepalive_s: int = Field(default=30, ge=5, le=600)
    window: int = Field(default=128, ge=1, le=1_000, description="messages sent ahead of the server's acknowledgement")

    @field_validator("url")
    @classmethod
    def _is_a_broker(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            known = parts.scheme in MQTT_PORTS and bool(parts.hostname) and parts.path in {"", "/"}
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"broker address has a wrong port ({error}); write mqtts://HOST:8883") from error
        if not known:
            raise ValueError("a broker address is mqtt://HOST:1883, or mqtts://HOST:8883 for TLS")
        if parts.username or parts.password:
            raise ValueError("leave the password out of the address: set username and password_file instead")
        return url

    @property
    def host(self) -> str:
        """Name or address of the broker."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port of the broker."""
        parts = urlsplit(self.url)
        return parts.port or MQTT_PORTS[parts.scheme]

    @property
    def tls(self) -> bool:
        """Whether the link is encrypted."""
        return urlsplit(self.url).scheme == "mqtts"

    def password(self, environment: Mapping[str, str] = os.environ) -> str | None:
        """Return the password from its file, else from the environment.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.password_file is None:
            return environment.get(PASSWORD_VARIABLE)
        try:
            return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise ConfigError(
                f"{self.password_file}: the broker's password cannot be read ({error.strerror}); "
                "check mqtt.password_file and the owner of the file"
            ) from error


class Privacy(Frozen):
    """What leaves the box. Heads are blurred unless a reason is written down."""

    blur: Literal["heads", "none"] = "heads"
    reason: str = Field(default="", max_length=500, description="why heads may be seen; required for blur: none")

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.blur == "none" and len(self.reason.strip()) < 20:
            raise ValueError("blur: none needs a 'reason' of at least 20 letters, which is sent and kept for the audit")
        return self


class Clips(Frozen):
    """Short films of events. They stay on the box, as the camera sent them; only blurred copies leave it."""

    pre_s: float = Field(default=5.0, ge=0.0, le=30.0)
    post_s: float = Field(default=5.0, ge=1.0, le=60.0)
    recent_s: float = Field(
        default=120.0,
        ge=0.0,
        le=600.0,
        description="kept in memory, 64 MB a camera at most: of these seconds there is a film if somebody was missed",
    )
    limit_mb: int = Field(default=5_000, ge=10, description="all clips together; the oldest go first")
    keep_h: float = Field(default=72.0, gt=0.0, le=720.0, description="no clip is kept longer")


class Camera(Frozen):
    """One camera, its lines and its zones."""

    id: Name
    source: str | int = Field(
        description="RTSP or HTTP address, with ${secret:NAME} for its password; file, folder of images, device"
    )
    fps: float = Field(default=7.0, gt=0.0, le=60.0, description="frames analysed per second at most")
    labels: tuple[Label, ...] = Field(default=("person",), min_length=1)
    lines: tuple[LineSpec, ...] = ()
    zones: tuple[ZoneSpec, ...] = ()
    transport: Literal["tcp", "udp"] = Field(default="tcp", description="how RTSP carries the video")
    motion_gate: bool = Field(
        default=False, description="spare model and decoder frames in which nothing moves; audits itself"
    )
    rest_fps: float | None = Field(
        default=None,
        ge=0.5,
        le=60.0,
        description="frames analysed per second while nobody can be at a line or the edge of a zone; default: all",
    )
    regions: tuple[Box, ...] = Field(
        default=(), max_length=4, description="parts of the frame shown to the model larger too, where people are far"
    )
    hwaccel: HwAccel = Field(default="none", description="hardware that decodes; auto takes what there is, if any")
    loop: bool = Field(default=False, description="play a file over and over in real time, as if it were a camera")

    @field_validator("source")
    @classmethod
    def _is_something(cls, source: str | int) -> str | int:
        if source == "" or (isinstance(source, int) and source < 0):
            raise ValueError("a source is an RTSP or HTTP address, a file, a folder of images, or a device number")
        if isinstance(source, str):
            require_wellformed(source)
        return source

    @field_validator("regions")
    @classmethod
    def _is_worth_showing(cls, regions: tuple[Box, ...]) -> tuple[Box, ...]:
        for index, (x1, y1, x2, y2) in enumerate(regions):
            if x2 - x1 < LEAST_REGION or y2 - y1 < LEAST_REGION:
                raise yamlfile.LocatedError(f"a region is at least {LEAST_REGION} of the frame wide and high", (index,))
        return regions

    @field_validator("lines", "zones")
    @classmethod
    def _one_of_each(cls, entries: tuple["_Named", ...], info: ValidationInfo) -> tuple["_Named", ...]:
        what = (info.field_name or "entries").removesuffix("s")
        return _require_distinct(entries, what)


class Pair(Frozen):
    """Two lines that see the same people, each written CAMERA/LINE; they tell each other's recall."""

    first: str
    second: str
    travel_s: float = Field(default=0.0, description="seconds from the first to the second when going inbound")
    tolerance_s: float = Field(default=2.0, gt=0.0, le=60.0)


class Metrics(Frozen):
    """Figures for Prometheus, on loopback only."""

    port: int = Field(ge=1, le=65535)


class Updates(Frozen):
    """Whose models the office may roll out to this node."""

    key_file: Path = Field(description="public half of the key that signs bundles, made by tapal model keygen")
    server: str | None = Field(
        default=None, pattern=r"^https?://[^\s]+$", description="fetch from here, not from where the office says"
    )
    ca_file: Path | None = Field(default=None, description="certificate of the authority that signed the server's")


class EdgeConfig(Frozen):
    """Everything a node is told."""

    node: Name
    site: Name
    mqtt: Mqtt | None = None
    model: str = Field(default="default", min_length=1, description="a catalogue name, or a path to .onnx")
    size: int | None = Field(default=None, ge=64, le=2048, description="input size of the model, where it is dynamic")
    threads: int | None = Field(default=None, ge=1, le=256, description="threads of the model; default: all cores")
    provider: Literal["auto", "cpu", "openvino", "cuda", "tensorrt"] = "auto"
    updates: Updates | None = Field(default=None, description="take new models from the office; default: none")
    data_dir: Path | None = Field(default=None, description="where the outbox and clips are kept")
    privacy: Privacy = Privacy()
    clips: Clips | None = Field(default=None, description="keep clips of events; write clips: {} for the defaults")
    metrics: Metrics | None = None
    cameras: Annotated[tuple[Camera, ...], Field(min_length=1)]
    pairs: tuple[Pair, ...] = Field(default=(), description="lines that tell each other's recall, for health")

    @field_validator("cameras")
    @classmethod
    def _one_of_each(cls, cameras: tuple[Camera, ...]) -> tuple[Camera, ...]:
        return _require_distinct(cameras, "camera")

    @field_validator("pairs")
    @classmethod
    def _names_lines(cls, pairs: tuple[Pair, ...], info: ValidationInfo) -> tuple[Pair, ...]:
        cameras: tuple[Camera, ...] = info.data.get("cameras", ())
        known = {f"{camera.id}/{line.id}" for camera in cameras for line in camera.lines}
        for index, pair in enumerate(pairs):
            for key, name in (("first", pair.first), ("second", pair.second)):
                if name not in known:
                    raise yamlfile.LocatedError(f"no line is called {name!r}; write CAMERA/LINE", (index, key))
        return pairs

    def folder(self, environment: Mapping[str, str] = os.environ) -> Path:
        """Return where this node keeps its files: ``data_dir``, else systemd's state directory, else the user's."""
        if self.data_dir is not None:
            return self.data_dir
        given = environment.get("STATE_DIRECTORY")
        if given:
            return Path(given.split(":")[0])
        base = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME", "."), ".local", "state")
        return Path(base, "tapal", self.node)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


def _require_distinct(entries: tuple[Named, ...], what: str) -> tuple[Named, ...]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.id in seen:
            raise yamlfile.LocatedError(f"{what} id {entry.id!r} is used twice; give each its own", (index, "id"))
        seen.add(entry.id)
    return entries


def load(path: Path) -> EdgeConfig:
    """Read a node's configuration; file sources are looked for beside it, then in the working folder.

    Raises:
        ConfigError: one sentence with file, line, key and remedy.
    """
    config = yamlfile.load(path, EdgeConfig)
    cameras = tuple(
        camera.model_copy(update={"source": _resolve(camera.source, path.parent)}) for camera in config.cameras
    )
    update: dict[str, object] = {"cameras": cameras}
    if config.model.endswith(".onnx"):
        update["model"] = str(_resolve(config.model, path.parent))
    return config.model_copy(update=update)


def _resolve(source: str | int, folder: Path) -> str | int:
    if isinstance(source, int) or "://" in source or Path(source).is_absolute():
        return source
    beside = Path(os.path.normpath(folder / source))
    return str(beside) if beside.exists() else source


def require_labels(config: EdgeConfig, path: Path, known: Iterable[str]) -> None:
    """Refuse a label that the model does not have.

    Raises:
        ConfigError: with the line of the label, and the labels the model has.
    """
    names = set(known)
    for number, camera in enumerate(config.cameras):
        for index, label in enumerate(camera.labels):
            if label not in names:
                raise yamlfile.problem_at(
                    path,
                    ("cameras", number, "labels", index),
                    f"model {config.model!r} has no label {label!r}; choose among {', '.join(sorted(names))}",
                )
