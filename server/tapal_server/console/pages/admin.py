"""Administration: what the server does by itself, shown and tried by those who answer for it."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import Html
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import admin as views
from tapal_server.console.views.rules import Known, form, rules_of
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
    names = dict(console.desk.names(person))
    sites = {site.id: site.name or site.id for site in console.desk.sites(person)}
    known = Known([one.name for one in channels if one.agency is None], sites, names, zone)
    with frame(console, visit, words("admin.title"), current="/admin"):
        heading(words("admin.title"), words, "admin")
        _section(words("admin.agencies"), views.agencies(people, channels, words)).mark("agencies")
        ways = _section(words("admin.channels"), views.channels(channels, words)).mark("channels")
        told = _section(words("admin.rules"), Html("")).mark("rules")
        sent = _section(words("admin.deliveries"), Html("")).mark("deliveries")
        if settings is not None:
            _section(words("admin.retention"), views.retention(settings.retention, words))
            _section(words("admin.settings"), views.in_force(settings, words))

    async def refresh() -> None:
        rules = await asyncio.to_thread(office.services.rules.get, actor)
        told.set_content(form(rules, known, words))
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
    _change_rules(office, visit, told, refresh)


def _change_rules(office: Office, visit: Visit, told: ui.html, refresh: Callable[[], Awaitable[None]]) -> None:
    """Put rules in force, or go back to the settings file's."""
    words, actor, book = visit.words, actor_of(visit.person), office.services.rules
    attempt = Attempt(words, refresh)

    async def save(fields: dict[str, str]) -> None:
        version = int(fields.pop("version", "0") or 0)
        await attempt(lambda: book.change(actor, rules_of(fields), expected_version=version), words("rules.saved"))

    async def forget(choice: Choice) -> None:
        await attempt(lambda: book.forget(actor, expected_version=int(choice.id)), words("rules.saved"))

    on_submit(told, save)
    on_act(told, forget)


def _section(title: str, content: Html) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup(content).classes("body")
