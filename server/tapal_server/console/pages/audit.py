"""The audit chain: who looked at, judged, exported or changed what."""

import asyncio

from tapal_server.console import format as shown
from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.views.tables import pages, table


async def audit_page(console: Console, office: Office, visit: Visit, *, page: int) -> None:
    """For those who may read it; whether the chain is whole is checked as the page opens."""
    words, person = visit.words, visit.person
    if "audit" not in person.may:
        refused(console, visit, words("audit.title"))
        return
    found = await asyncio.to_thread(office.audit, person, page)
    whole = await asyncio.to_thread(office.chain_is_whole)
    zone = console.desk.zone(person)
    heads = [words(f"audit.{name}") for name in ("time", "who", "action", "subject")]
    rows = [(shown.full(link.at, zone), link.actor, link.action, link.subject) for link in found.items]
    with frame(console, visit, words("audit.title"), current="/audit"):
        heading(words("audit.title"), words, "audit")
        told = words("audit.whole", n=found.total) if whole else words("audit.broken")
        markup(tag("p", told, class_="banner good" if whole else "banner bad", role="status"))
        markup(table(words("audit.title"), heads, rows)).classes("panel").mark("audit")
        markup(pages("/audit", found.paging.number, found.pages, words) or "")
