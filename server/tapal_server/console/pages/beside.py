"""The parts of an alert's page beside the alert itself: files, sharing, cameras nearby, alerts like it, a colleague."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Attempt
from tapal_server.console.around import around
from tapal_server.console.elements import Choice, Text, markup, on_act, on_submit, renew
from tapal_server.console.markup import Html, join
from tapal_server.console.office import Office
from tapal_server.console.ports import Detail
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import around as views
from tapal_server.console.views import case

__all__ = ["Beside"]

After = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """The default of what follows."""


class Beside:
    """Made where the page is laid out, filled when its alert is known, brought up to date when it changed."""

    def __init__(self, office: Office, visit: Visit, alert_id: str, *, problem: str = "") -> None:
        self._office, self._visit, self._alert_id = office, visit, alert_id
        self.after: After = _nothing
        self._attempt = Attempt(visit.words, self._shown)
        self._names: dict[str, str] = {}
        self.over_film: Html | None = None  # the line and the way; the box is that of one moment
        self._judged = Html("")
        words, may = visit.words, visit.person.may
        self._give = _panel(words("alert.give.title"), "area-give") if "assign" in may else None
        self._lay_out_files(problem)
        self._lay_out_sharing()
        self._near = _panel(words("alert.near"), "area-near").mark("near")
        self._similar = _panel(words("alert.similar"), "area-similar").mark("similar")
        if self._give is not None:
            on_submit(self._give.mark("give"), self._assign)

    def _lay_out_files(self, problem: str) -> None:
        words = self._visit.words
        with Element("section").classes("panel area-case"):
            Text(words("case.files"), tag="h2")
            self._files = markup("").mark("files")
            if self._visit.person.may_judge:
                markup(case.file_form(self._alert_id, words, problem=words("case.problem") if problem else ""))
                on_act(self._files, self._detach)

    def _lay_out_sharing(self) -> None:
        words, may = self._visit.words, self._visit.person.may
        self._shares = self._share_form = None
        if not {"share", "export"} & may:
            return
        with Element("section").classes("panel area-case"):
            Text(words("case.outside"), tag="h2")
            if "share" in may:
                self._shares = markup("").mark("shares")
                self._share_form = markup("").mark("share")
                on_act(self._shares, self._unshare)
                on_submit(self._share_form, self._share)
            if "export" in may:
                markup(case.downloads(self._alert_id, words))

    async def show(self, found: Detail) -> Html | None:
        """Fill the parts; returns what to draw over the picture."""
        words, services, alert = self._visit.words, self._office.services, found.alert
        actor = actor_of(self._visit.person)
        beside = await asyncio.to_thread(around, services, self._visit.person, alert)
        self._near.set_content(views.near(beside.near, alert.timezone, words))
        self._judged = views.similar(beside.similar, alert.timezone, words)
        people = list(await asyncio.to_thread(services.people.names, actor))
        self._names = dict(people)
        if self._give is not None:
            self._give.set_content(views.give(people, alert.owner, words))
        if self._share_form is not None:
            agencies = await asyncio.to_thread(services.sharing.agencies, actor)
            self._share_form.set_content(case.share_form(agencies, words))
        self.update(found)
        self.over_film = views.overlay(replace(beside.drawing, box=None))
        return views.overlay(beside.drawing)

    def update(self, found: Detail) -> None:
        """Show the files, the agencies and the ties it has now."""
        words, zone, person = self._visit.words, found.alert.timezone, self._visit.person
        mine = ("*" if "assign" in person.may else person.username) if person.may_judge else ""
        self._files.set_content(case.files(found.files, found.alert.id, zone, self._names, words, may=mine))
        if self._shares is not None:
            self._shares.set_content(case.shares(found.shares, zone, self._names, words, may=True))
        self._similar.set_content(join(self._judged, case.linked(found.linked, zone, words)))

    async def _assign(self, fields: dict[str, str]) -> None:
        alerts, actor = self._office.services.alerts, actor_of(self._visit.person)
        await self._attempt(lambda: alerts.assign(actor, self._alert_id, fields.get("to", "")))

    async def _share(self, fields: dict[str, str]) -> None:
        sharing, actor = self._office.services.sharing, actor_of(self._visit.person)
        agency, why = fields.get("agency", ""), fields.get("why", "")
        shared = await self._attempt(lambda: sharing.share(actor, self._alert_id, agency, why))
        if shared and self._share_form is not None:
            renew(self._share_form, Html(self._share_form.content))

    async def _unshare(self, choice: Choice) -> None:
        sharing, actor = self._office.services.sharing, actor_of(self._visit.person)
        await self._attempt(lambda: sharing.end(actor, self._alert_id, choice.id))

    async def _detach(self, choice: Choice) -> None:
        attachments, actor = self._office.services.attachments, actor_of(self._visit.person)
        await self._attempt(lambda: attachments.remove(actor, self._alert_id, choice.id))

    async def _shown(self) -> None:
        await self.after()


def _panel(title: str, area: str) -> ui.html:
    with Element("section").classes(f"panel {area}"):
        Text(title, tag="h2")
        return markup("").classes("body")
