"""Nodes and cameras: what watches, what does not, and since when."""

from collections.abc import Mapping, Sequence

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.correlation.types import Site
from tapal_server.nodes import CameraView, NodeView

WELL = frozenset({"online"})
STARTING = frozenset({"starting", "unknown"})


def cameras(nodes: Sequence[NodeView], sites: Mapping[str, Site], words: Words) -> Html:
    """A panel for each node, those in trouble first, under one sentence for all."""
    if not nodes:
        return common.empty(words("cameras.empty"), words("cameras.empty.next"))
    every = [(node, camera) for node in nodes for camera in node.cameras]
    blind = sum(not watches(node, camera) for node, camera in every)
    told = words("cameras.all_well", n=len(every)) if not blind else words("cameras.blind", n=blind, total=len(every))
    ordered = sorted(nodes, key=lambda node: (_is_well(node), node.site, node.node))
    return join(
        tag("p", told, class_="banner good" if not blind else "banner bad", role="status"),
        tag("div", [_node(node, sites.get(node.site), words) for node in ordered], class_="nodes"),
    )


def watches(node: NodeView, camera: CameraView) -> bool:
    """Whether this camera is known to see; one of a node that is cut off is not."""
    return node.status == "online" and camera.state in WELL


def _is_well(node: NodeView) -> bool:
    return node.status == "online" and all(watches(node, camera) for camera in node.cameras)


def _node(node: NodeView, site: Site | None, words: Words) -> Html:
    zone = site.timezone if site else "UTC"
    name = site.name if site and site.name else node.site
    seen = common.ago(node.last_seen, words) if node.last_seen else words("cameras.never")
    return tag(
        "section",
        tag("div", tag("h2", name), _pill(node.status, words, of_node=True), class_="row"),
        tag("p", node.node, " · ", words("cameras.seen"), " ", seen, class_="note"),
        tag("ul", [_camera(node, camera, zone, words) for camera in node.cameras], class_="camera-list"),
        _facts(node, words),
        tag("ul", [tag("li", warning) for warning in _warnings(node, words)], class_="warnings"),
        class_="panel",
        aria_label=f"{name} {node.node}",
    )


def _camera(node: NodeView, camera: CameraView, zone: str, words: Words) -> Html:
    state = camera.state if node.status == "online" else "unreached"
    last = None
    if camera.last_event and camera.last_event_at:
        event = words.either("camera", camera.last_event)
        last = words("cameras.last", event=event, time=shown.full(camera.last_event_at, zone))
    return tag(
        "li",
        icon("camera"),
        tag(
            "span",
            tag("b", camera.camera),
            tag("span", words("cameras.fps", fps=words.number(camera.fps)), class_="note")
            if camera.fps is not None
            else None,
            tag("span", camera.detail, class_="note") if camera.detail else None,
            tag("span", last, class_="note") if last else None,
            class_="camera-name",
        ),
        _pill(state, words),
    )


def _pill(state: str, words: Words, *, of_node: bool = False) -> Html:
    """A camera that is online watches; a node that is online is there, whatever its cameras do."""
    look = "good" if state in WELL else "wait" if state in STARTING else "bad"
    text = words("cameras.connected") if of_node and state == "online" else words.either("camera", state)
    return tag("span", text, class_=f"pill {look}")


def _facts(node: NodeView, words: Words) -> Html:
    health = node.health or {}
    facts = [(words("cameras.queue"), str(health["queue"]))] if "queue" in health else []
    if health.get("temperature_c") is not None:
        facts.append((words("cameras.temperature"), f"{health['temperature_c']:.0f} °C"))
    if health.get("disk_free_bytes") is not None:
        facts.append((words("cameras.disk"), f"{words.number(health['disk_free_bytes'] / 1e9)} GB"))
    if node.version:
        facts.append((words("cameras.version"), node.version))
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="facts small")


def _warnings(node: NodeView, words: Words) -> list[str]:
    found = [str(warning) for warning in (node.health or {}).get("warnings", ())]
    if node.lost:
        found.append(words("cameras.lost", n=node.lost))
    if node.conflicts:
        found.append(words("cameras.conflicts", n=node.conflicts))
    return found
