"""All alerts, of any state and time."""

import asyncio

from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.ports import Search
from tapal_server.console.session import Visit
from tapal_server.console.views.archive import results, search_form


async def archive_page(console: Console, visit: Visit, wanted: Search) -> None:
    """Search what was raised, and how it ended."""
    words, desk = visit.words, console.desk
    found = await asyncio.to_thread(desk.search, visit.person, wanted)
    with frame(console, visit, words("archive.title"), current="/alerts"):
        heading(words("archive.title"), words, "archive")
        markup(search_form(wanted, desk.sites(visit.person), words))
        markup(results(found, wanted, words)).mark("found")
