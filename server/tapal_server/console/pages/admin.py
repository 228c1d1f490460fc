"""Administration: what the server does by itself, shown and tried by those who answer for it."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, heading, markup, on_act
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import Html
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import admin as views
from tapal_server.notify.office import Tested
from tapal_server.paging import Paging

DELIVERIES = Paging(1, 15)


async def admin_page(console: Console, office: Office, visit: Visit) -> None:
    """For those who may change settings."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    if "settings" not in person.may:
        refused(console, visit, words("admin.title"))
        return
    actor, notify, settings = actor_of(person), office.services.notify, office.settings
    people = await asyncio.to_thread(office.people, person) if "people" in person.may else ()
    channels = await asyncio.to_thread(notify.channels, actor)
    sites = {site.id: site.name or site.id for site in console.desk.sites(person)}
    with frame(console, visit, words("admin.title"), current="/admin"):
        heading(words("admin.title"), words, "admin")
        _section(words("admin.agencies"), views.agencies(people, channels, words)).mark("agencies")
        ways = _section(words("admin.channels"), views.channels(channels, words)).mark("channels")
        if settings is not None:
            _section(words("admin.rules"), views.rules(settings.notify, sites, words))
        sent = _section(words("admin.deliveries"), Html("")).mark("deliveries")
        if settings is not None:
            _section(words("admin.retention"), views.retention(settings.retention, words))
            _section(words("admin.settings"), views.in_force(settings, words))

    async def refresh() -> None:
        found = await asyncio.to_thread(notify.deliveries, actor, DELIVERIES)
        sent.set_content(views.deliveries(found.items, zone, words))

    async def chosen(choice: Choice) -> None:
        def told(tested: Tested) -> str:
            if tested.taken:
                return words("admin.test.taken", name=choice.id)
            return words("admin.test.refused", name=choice.id, reason=tested.problem)

        await Attempt(words, refresh)(lambda: notify.test(actor, choice.id), told)

    await refresh()
    on_act(ways, chosen)


def _section(title: str, content: Html) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup(content).classes("body")
