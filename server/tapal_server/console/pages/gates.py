"""What each gate has learned, and what it can show."""

import asyncio

from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views.gates import gates


async def gates_page(console: Console, office: Office, visit: Visit) -> None:
    """A panel for each gate one sees."""
    words, person = visit.words, visit.person
    found = await asyncio.to_thread(office.services.gates.all, actor_of(person))
    sites = {site.id: site for site in console.desk.sites(person)}
    with frame(console, visit, words("gates.title"), current="/gates"):
        heading(words("gates.title"), words, "gates")
        markup(gates(found, sites, words)).mark("gates")
