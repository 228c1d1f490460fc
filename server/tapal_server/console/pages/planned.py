"""Planned movements: what is entered, entering one, taking one back."""

import asyncio

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit, renew
from tapal_server.console.frame import frame
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import planned as views
from tapal_server.paging import Paging

SHOWN = 25


async def planned_page(console: Console, office: Office, visit: Visit, *, page: int) -> None:
    """What explains crossings, and for those who may plan the form."""
    words, person = visit.words, visit.person
    actor, service, may = actor_of(person), office.services.plans, "plan" in person.may
    sites = {site.id: site for site in console.desk.sites(person)}
    with frame(console, visit, words("planned.title"), current="/planned"):
        heading(words("planned.title"), words, "planned")
        listed = markup("").classes("panel").mark("planned")
        form = markup(views.form(sites, words)).mark("new-plan") if may else None

    async def refresh() -> None:
        found = await asyncio.to_thread(service.page, actor, Paging(page, SHOWN))
        listed.set_content(views.listing(found, sites, words, may_change=may))

    async def enter(fields: dict[str, str]) -> None:
        assert form is not None
        if await attempt(lambda: service.enter(actor, views.entry(fields, sites)), words("planned.entered")):
            renew(form, views.form(sites, words))

    async def chosen(choice: Choice) -> None:
        await attempt(lambda: service.cancel(actor, choice.id))

    attempt = Attempt(words, refresh)

    await refresh()
    if form is not None:
        on_submit(form, enter)
        on_act(listed, chosen)
