"""Letting a gate's alerts wait for a time and a reason."""

import asyncio

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame, refused
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import shelves as views


async def shelves_page(console: Console, office: Office, visit: Visit) -> None:
    """For those who may shelve; alerts of a shelved gate are kept, and tell nobody."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    if "shelve" not in person.may:
        refused(console, visit, words("shelves.title"))
        return
    actor, desk = actor_of(person), office.services.desk
    sites, names = console.desk.sites(person), dict(console.desk.names(person))
    with frame(console, visit, words("shelves.title"), current="/shelves"):
        heading(words("shelves.title"), words, "shelves")
        nodes = await asyncio.to_thread(office.services.nodes.all, actor)
        cameras = [(node.site, f"{node.node}/{camera.camera}") for node in nodes for camera in node.cameras]
        form = markup(views.form(sites, cameras, words)).mark("shelve")
        listed = markup("").mark("shelves")

    async def refresh() -> None:
        found = await asyncio.to_thread(desk.shelves, actor)
        listed.set_content(views.shelves(found, {site.id: site for site in sites}, names, zone, words))

    async def put(fields: dict[str, str]) -> None:
        site, _, line = fields.get("place", "").partition("/")
        minutes, reason = float(fields.get("minutes") or 0), fields.get("reason", "")
        camera = line.removeprefix("@") if line.startswith("@") else None
        gate = None if camera else line or None
        await attempt(lambda: desk.shelve(actor, site, gate, camera=camera, minutes=minutes, reason=reason))

    async def chosen(choice: Choice) -> None:
        await attempt(lambda: desk.end_shelf(actor, choice.id))

    attempt = Attempt(words, refresh)

    await refresh()
    on_submit(form, put)
    on_act(listed, chosen)
