"""The configuration files of the demo, written into its folder."""

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec, ZoneSpec

SITE = "demo-pier"
NODE = "demo-01"
CAMERA = "pier"
CHECKPOINT = "DEMO"
OFFICER = "petugas"
LOCATION = [4.143, 117.664]  # Tunon Taka port, Nunukan


@dataclass(frozen=True, slots=True)
class Scene:
    """What the demo's camera watches."""

    source: str
    loop: bool
    lines: tuple[LineSpec, ...]
    zones: tuple[ZoneSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of the demo."""

    http: int
    mqtt: int


def parse_line(text: str) -> LineSpec:
    """Read ``x1,y1,x2,y2`` (fractions of the frame) as the demo's line.

    Raises:
        TapalError: not four fractions, or no line.
    """
    try:
        x1, y1, x2, y2 = (float(part) for part in text.split(","))
        return LineSpec.model_validate({"id": "gate", "from": (x1, y1), "to": (x2, y2)})
    except ValueError as error:
        raise TapalError(
            f"--line {text!r} is not a line: give x1,y1,x2,y2 as fractions of the frame, such as 0.5,0.2,0.5,0.9"
        ) from error


def load_sample(folder: Path) -> Scene:
    """Return the project's own sample feed with its line.

    Raises:
        TapalError: the feed is not there.
    """
    clip, card = folder / "pier.mp4", folder / "pier.yaml"
    if not clip.is_file() or not card.is_file():
        raise TapalError(f"the sample feed is missing from {folder}; reinstall Tapal, or give --source and --line")
    data = yaml.safe_load(card.read_text(encoding="utf-8"))
    return Scene(
        source=str(clip),
        loop=True,
        lines=tuple(LineSpec.model_validate(line) for line in _plain(data["lines"])),
        zones=tuple(ZoneSpec.model_validate(zone) for zone in _plain(data.get("zones", []))),
    )


def _plain(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep what the contract knows: the card says more about a line than the configuration does."""
    known = {"id", "from", "to", "inbound", "kind", "polygon"}
    return [{key: value for key, value in item.items() if key in known} for item in items]


def write(folder: Path, scene: Scene, ports: Ports) -> None:
    """Write edge.yaml, sites.yaml and server.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("edge.yaml", _edge(scene, ports)),
        ("sites.yaml", _sites(scene)),
        ("server.yaml", _server(ports)),
    ):
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _edge(scene: Scene, ports: Ports) -> dict[str, Any]:
    camera: dict[str, Any] = {
        "id": CAMERA,
        "source": int(scene.source) if scene.source.isdigit() else scene.source,
        "labels": ["person"],
        "lines": [_jsonable(line) for line in scene.lines],
        "zones": [_jsonable(zone) for zone in scene.zones],
    }
    if scene.loop:
        camera["loop"] = True
    return {
        "node": NODE,
        "site": SITE,
        "mqtt": {"url": f"mqtt://127.0.0.1:{ports.mqtt}"},
        "model": "default",
        "data_dir": "edge",
        "clips": {"limit_mb": 200},
        "cameras": [camera],
    }


def _jsonable(value: LineSpec | ZoneSpec) -> Any:
    return json.loads(value.model_dump_json(by_alias=True))


def _sites(scene: Scene) -> dict[str, Any]:
    # A brisk counter right behind the line: people cross every three seconds, and a wider law would leave open whose
    # record is whose. The clerk is never offline, and is known to leave people out.
    prior = {
        "delay": {"typical_s": 2.5, "longest_s": 4, "first": "crossing"},
        "rates": {"unlogged_share": 0.05, "late_share": 0.0},
    }
    return {
        "sites": [
            {
                "id": SITE,
                "name": "Dermaga Contoh",
                "kind": "checkpoint",
                "checkpoint": CHECKPOINT,
                "timezone": "Asia/Makassar",
                "hours": "00:00-24:00",
                "location": LOCATION,
                "gates": [
                    {"line": line.id, "direction": direction, **deepcopy(prior)}
                    for line in scene.lines
                    for direction in ("inbound", "outbound")
                ],
            }
        ]
    }


def _server(ports: Ports) -> dict[str, Any]:
    return {
        "data_dir": "server",
        "sites": "sites.yaml",
        "mqtt": {"url": f"mqtt://127.0.0.1:{ports.mqtt}"},
        "http": {"host": "127.0.0.1", "port": ports.http},
    }
