"""People: who has an account, opening and closing one."""

import asyncio

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit, renew
from tapal_server.console.frame import frame, refused
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.views import people as views


async def people_page(console: Console, office: Office, visit: Visit) -> None:
    """For those who may manage people."""
    words, person = visit.words, visit.person
    if "people" not in person.may:
        refused(console, visit, words("people.title"))
        return
    with frame(console, visit, words("people.title"), current="/people"):
        heading(words("people.title"), words, "people")
        listed = markup("").classes("panel").mark("people")
        form = markup(views.form(words)).mark("new-person")

    async def refresh() -> None:
        found = await asyncio.to_thread(office.people, person)
        listed.set_content(views.people(found, person.username, words))

    async def add(fields: dict[str, str]) -> None:
        added = await attempt(
            lambda: office.add_person(person, fields), lambda one: words("people.added", name=one.name)
        )
        if added:
            renew(form, views.form(words))

    async def chosen(choice: Choice) -> None:
        await attempt(lambda: office.close_account(person, choice.id, closed=choice.act == "close_account"))

    attempt = Attempt(words, refresh)

    await refresh()
    on_submit(form, add)
    on_act(listed, chosen)
