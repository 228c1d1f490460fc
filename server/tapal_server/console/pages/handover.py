"""Handing the shift to a colleague, who accepts it by name."""

import asyncio

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.views import handover as views


async def handover_page(console: Console, office: Office, visit: Visit) -> None:
    """Give a shift, take one, and see those before."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    colleagues = await asyncio.to_thread(office.colleagues, person)
    names = {**dict(colleagues), person.username: person.name}
    with frame(console, visit, words("handover.title"), current="/handover"):
        heading(words("handover.title"), words, "handover")
        form = markup(views.form(colleagues, words) if person.may_judge else "").mark("give")
        listed = markup("").mark("handovers")

    async def refresh() -> None:
        found = await asyncio.to_thread(office.handovers, person)
        listed.set_content(views.handovers(found, names, person.username, zone, words))

    async def give(fields: dict[str, str]) -> None:
        to, note = fields.get("to", ""), fields.get("note", "")
        await attempt(lambda: office.hand_over(person, to, note), words("handover.given"))

    async def chosen(choice: Choice) -> None:
        await attempt(lambda: office.accept(person, choice.id))

    attempt = Attempt(words, refresh)

    await refresh()
    on_submit(form, give)
    on_act(listed, chosen)
