"""Cameras and nodes, with their health as they report it."""

import asyncio
from collections.abc import Mapping, Sequence

from nicegui import ui

from tapal_server.console import assets
from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.session import Visit
from tapal_server.console.views.camera import tile
from tapal_server.console.views.cameras import cameras
from tapal_server.correlation.types import Site
from tapal_server.nodes import NodeView


async def cameras_page(console: Console, visit: Visit) -> None:
    """What watches now, and what does not."""
    words, desk = visit.words, console.desk
    sites = {site.id: site for site in desk.sites(visit.person)}
    ui.add_head_html(tag("script", src=assets.address("cameras.js")))
    with frame(console, visit, words("cameras.title"), current="/cameras"):
        heading(words("cameras.title"), words, "cameras")
        wall = markup("").mark("wall") if console.office is not None else None
        shown = markup("").mark("cameras")

    async def refresh() -> None:
        nodes = await asyncio.to_thread(desk.nodes, visit.person)
        shown.set_content(cameras(nodes, sites, words))
        tiles = _wall(nodes, sites, words)
        if wall is not None and tiles != wall.content:
            wall.set_content(tiles)

    await refresh()
    console.live.listen(ui.context.client, refresh, topic="nodes")


def _wall(nodes: Sequence[NodeView], sites: Mapping[str, Site], words: Words) -> Html:
    """A live picture of each camera of the nodes that can be reached."""
    tiles = [
        tile(node.node, camera.camera, sites[node.site].name if node.site in sites else node.site, words)
        for node in nodes
        if node.status == "online"
        for camera in node.cameras
    ]
    return join(tag("h2", words("cameras.wall")), tag("div", tiles, class_="wall")) if tiles else Html("")
