"""Voyages: the schedule, entering a call, and one call with its papers."""

import asyncio

from nicegui import ui

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame, refused
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import voyages as views
from tapal_server.console.views.common import button
from tapal_server.console.views.forms import number
from tapal_server.errors import NotFoundError
from tapal_server.paging import Paging
from tapal_server.voyages.manifests import ManifestView
from tapal_server.voyages.views import VoyageView

SHOWN = 24


async def voyages_page(console: Console, office: Office, visit: Visit, *, page: int) -> None:
    """The schedule, and for those who may plan the form that enters a call."""
    words, person = visit.words, visit.person
    actor, service = actor_of(person), office.services.voyages
    sites = {site.id: site for site in console.desk.sites(person)}
    found = await asyncio.to_thread(service.page, actor, Paging(page, SHOWN))
    with frame(console, visit, words("voyages.title"), current="/voyages"):
        heading(words("voyages.title"), words, "voyages")
        markup(views.listing(found, sites, words)).mark("voyages")
        if "plan" not in person.may:
            return
        form = markup(views.form(sites, words)).mark("new-voyage")

    async def enter(fields: dict[str, str]) -> None:
        def show(entered: VoyageView) -> str:
            ui.navigate.to(views.address(entered.id))
            return words("action.done")

        await Attempt(words)(lambda: service.enter(actor, views.entry(fields, sites)), show)

    on_submit(form, enter)


async def voyage_page(
    console: Console, office: Office, visit: Visit, voyage_id: str, *, manifest_said: str = ""
) -> None:
    """One call; `manifest_said` is what became of a manifest's file: `taken`, `refused`, or the lines left out."""
    words, person, services = visit.words, visit.person, office.services
    actor = actor_of(person)
    sites = {site.id: site for site in console.desk.sites(person)}
    try:
        found = await asyncio.to_thread(services.voyages.get, actor, voyage_id)
        manifest = await asyncio.to_thread(services.manifests.get, actor, voyage_id)
        vessel = await asyncio.to_thread(services.vessels.of_voyage, actor, voyage_id)
    except NotFoundError:
        refused(console, visit, words("voyages.title"))
        return
    with frame(console, visit, found.vessel, current="/voyages"):
        heading(f"{found.vessel} · {found.id}", words, "voyages")
        if manifest_said and manifest_said != "refused":
            markup(_taken(manifest_said, words))
        markup(views.detail(found, manifest, vessel, sites, words)).classes("report").mark("voyage")
        if "plan" not in person.may or found.status == "cancelled":
            return
        problem = words("voyages.manifest.file.problem") if manifest_said == "refused" else ""
        markup(views.manifest_file(found.id, words, problem=problem)).mark("manifest-file")
        manifest_form = markup(views.manifest_form(words)).mark("manifest")
        form = markup(views.form(sites, words, found)).mark("change-voyage")
        cancel = markup(button(words("voyages.cancel"), act="cancel", key=found.id))

    attempt = Attempt(words)

    def again(result: ManifestView | VoyageView) -> str:
        if isinstance(result, ManifestView) and result.problems:
            lines = ", ".join(str(bad.line) for bad in result.problems[:12])
            return words("voyages.manifest.problems", lines=lines)
        ui.navigate.reload()
        return words("action.done")

    async def take(fields: dict[str, str]) -> None:
        documents = [line for line in fields.get("documents", "").splitlines() if line.strip()]
        persons = fields.get("persons", "")
        await attempt(lambda: services.manifests.take(actor, found.id, number(persons, "persons"), documents), again)

    async def change(fields: dict[str, str]) -> None:
        await attempt(lambda: services.voyages.change(actor, found.id, views.entry(fields, sites, found.id)), again)

    async def chosen(_: Choice) -> None:
        await attempt(lambda: services.voyages.cancel(actor, found.id), again)

    on_submit(manifest_form, take)
    on_submit(form, change)
    on_act(cancel, chosen)


def _taken(said: str, words: Words) -> Html:
    """The manifest was taken; all digits and commas of `said` are lines that were left out."""
    lines = ", ".join(part for part in said.split(",") if part.isascii() and part.isdigit())
    told = words("voyages.manifest.problems", lines=lines) if lines else words("voyages.manifest.taken")
    return tag("p", told, class_="banner bad" if lines else "banner good", role="status")
