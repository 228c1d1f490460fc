"""The map of sites."""

import asyncio

from nicegui import ui

from tapal_server.ais.service import AWAY_AFTER, VesselView
from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views.map import Ground, posts, sketch
from tapal_server.paging import Paging

MOST_VESSELS = 100


async def map_page(console: Console, visit: Visit) -> None:
    """Where there is something to do, and where nobody watches."""
    words, desk = visit.words, console.desk
    sites = desk.sites(visit.person)
    with frame(console, visit, words("map.title"), current="/map"):
        heading(words("map.title"), words, "map")
        drawn = markup("").classes("map-box").mark("map")

    ground = _ground(console)

    async def refresh() -> None:
        alerts = await console.live.duty_alerts(visit.person)
        nodes = await asyncio.to_thread(desk.nodes, visit.person)
        vessels = await asyncio.to_thread(_vessels, console, visit)
        content = sketch(posts(sites, alerts, nodes), words, vessels=vessels, ground=ground)
        if content != drawn.content:
            drawn.set_content(content)

    await refresh()
    console.live.listen(ui.context.client, refresh)
    console.live.listen(ui.context.client, refresh, topic="nodes")


def _vessels(console: Console, visit: Visit) -> tuple[VesselView, ...]:
    """Those that were heard near a site lately."""
    if console.office is None:
        return ()
    services = console.office.services
    since = services.clock.now() - AWAY_AFTER
    found = services.vessels.page(actor_of(visit.person), Paging(1, MOST_VESSELS)).items
    return tuple(vessel for vessel in found if vessel.heard_at >= since)


def _ground(console: Console) -> Ground:
    settings = console.office.settings if console.office is not None else None
    return Ground(settings.http.map_tiles, settings.http.map_thanks) if settings is not None else Ground()
