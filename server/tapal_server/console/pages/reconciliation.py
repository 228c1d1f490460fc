"""Reconciliation between agencies: choose two sources, see how they differ, take it along as a file."""

import asyncio
from dataclasses import replace

from tapal_contract.errors import TapalError
from tapal_server.console.actions import explain
from tapal_server.console.console import Console
from tapal_server.console.elements import heading, markup
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import common
from tapal_server.console.views import reconciliation as views


async def reconciliation_page(console: Console, office: Office, visit: Visit, wanted: views.Wanted) -> None:
    """For those who may report."""
    words, person = visit.words, visit.person
    sites = {site.id: site for site in console.desk.sites(person) if site.checkpoint is not None}
    if "report" not in person.may or not sites:
        refused(console, visit, words("reconciliation.title"))
        return
    actor, services = actor_of(person), office.services
    site = sites.get(wanted.site) or next(iter(sites.values()))
    sources = await asyncio.to_thread(services.reconciliation.sources, actor, site.id)
    window = views.bounds(wanted, services.clock.now(), site.timezone)
    first = wanted.first or (sources[0] if sources else "")
    second = wanted.second or next((name for name in sources if name != first), "")
    wanted = replace(wanted, site=site.id, first=first, second=second)
    with frame(console, visit, words("reconciliation.title"), current="/reconciliation"):
        heading(words("reconciliation.title"), words, "reconciliation")
        if len(sources) < 2:
            markup(common.empty(words("reconciliation.one_source"), words("reconciliation.one_source.next")))
            return
        markup(views.choose(wanted, window, sites, sources, words))
        try:
            found = await asyncio.to_thread(
                services.reconciliation.compare, actor, site.id, (first, second), window[0], window[1]
            )
        except TapalError as error:
            markup(tag("p", explain(error, words), class_="error", role="alert"))
            return
        if "export" in person.may:
            markup(views.downloads(found, words))
        markup(views.result(found, site.timezone, words)).classes("report").mark("reconciliation")
