"""The passage log: what is in it, and a file brought by hand."""

import asyncio

from nicegui.element import Element

from tapal_contract.errors import TapalError
from tapal_server.console.actions import explain
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, heading, markup
from tapal_server.console.frame import frame, say
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.views import passages as views


async def passages_page(
    console: Console,
    office: Office,
    visit: Visit,
    *,
    preview: str,
    page: int,
    problem: str,
    taken: str,
    wanted: views.Wanted,
) -> None:
    """Import with preview for those who may, and the records."""
    words, person = visit.words, visit.person
    zone, may_import = console.desk.zone(person), "passages" in person.may
    found = await asyncio.to_thread(office.records, person, views.filter_of(wanted, zone), page)
    with frame(console, visit, words("passages.title"), current="/passages"):
        heading(words("passages.title"), words, "passages")
        if taken.isascii() and taken.isdigit():
            markup(tag("p", words("passages.taken", n=taken), class_="banner good", role="status"))
        if may_import and preview:
            await _preview(office, visit, preview, zone, refused=bool(problem))
        elif may_import:
            markup(views.file_form(words, problem=bool(problem)))
            with Element("section").classes("panel"):
                Text(words("passages.imports"), tag="h2")
                markup(views.imports(await asyncio.to_thread(office.imports, person), zone, words)).mark("imports")
        with Element("section").classes("panel"):
            Text(words("passages.records"), tag="h2")
            markup(views.search(wanted, words)).mark("search")
            markup(views.records(found, wanted, zone, words)).mark("records")


async def _preview(office: Office, visit: Visit, token: str, zone: str, *, refused: bool) -> None:
    words = visit.words
    try:
        found = await asyncio.to_thread(office.preview, visit.person, token)
    except TapalError as error:
        markup(views.file_form(words, problem=True))
        say(explain(error, words))
        return
    markup(views.preview(found, zone, words, problem=refused)).mark("preview")
