"""Cameras and nodes, with their health as they report it."""

import asyncio

from nicegui import ui

from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.session import Visit
from tapal_server.console.views.cameras import cameras


async def cameras_page(console: Console, visit: Visit) -> None:
    """What watches now, and what does not."""
    words, desk = visit.words, console.desk
    sites = {site.id: site for site in desk.sites(visit.person)}
    with frame(console, visit, words("cameras.title"), current="/cameras"):
        heading(words("cameras.title"), words, "cameras")
        shown = markup("").mark("cameras")

    async def refresh() -> None:
        shown.set_content(cameras(await asyncio.to_thread(desk.nodes, visit.person), sites, words))

    await refresh()
    console.live.listen(ui.context.client, refresh, topic="nodes")
