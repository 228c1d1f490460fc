"""Reports of a shift, a day or a period, on the screen and as files."""

import asyncio

from tapal_contract.errors import TapalError
from tapal_server.console.actions import explain
from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import reports as views


async def reports_page(console: Console, office: Office, visit: Visit, wanted: views.Wanted) -> None:
    """For those who may report."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    if "report" not in person.may:
        refused(console, visit, words("reports.title"))
        return
    services, sites = office.services, {site.id: site for site in console.desk.sites(person)}
    since, until = views.bounds(wanted, services.clock.now(), zone)
    with frame(console, visit, words("reports.title"), current="/reports"):
        heading(words("reports.title"), words, "reports")
        markup(views.choose(wanted, sites, words))
        try:
            found = await asyncio.to_thread(services.reports.period, actor_of(person), since, until, site=wanted.site)
        except TapalError as error:
            markup(tag("p", explain(error, words), class_="error", role="alert"))
            return
        if "export" in person.may:
            markup(views.downloads(found, wanted.site, words, office.report_formats))
        markup(views.report(found, sites, zone, words)).classes("report").mark("report")
