"""The map of sites."""

import asyncio

from nicegui import ui

from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.session import Visit
from tapal_server.console.views.map import posts, sketch


async def map_page(console: Console, visit: Visit) -> None:
    """Where there is something to do, and where nobody watches."""
    words, desk = visit.words, console.desk
    sites = desk.sites(visit.person)
    with frame(console, visit, words("map.title"), current="/map"):
        heading(words("map.title"), words, "map")
        drawn = markup("").classes("map-box").mark("map")

    async def refresh() -> None:
        alerts = await console.live.duty_alerts(visit.person)
        nodes = await asyncio.to_thread(desk.nodes, visit.person)
        content = sketch(posts(sites, alerts, nodes), words)
        if content != drawn.content:
            drawn.set_content(content)

    await refresh()
    console.live.listen(ui.context.client, refresh)
    console.live.listen(ui.context.client, refresh, topic="nodes")
