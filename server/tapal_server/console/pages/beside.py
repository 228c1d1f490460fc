"""The parts of an alert's page beside the alert itself: cameras nearby, alerts like it, a colleague to take it."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Attempt
from tapal_server.console.around import around
from tapal_server.console.elements import Text, markup, on_submit
from tapal_server.console.markup import Html
from tapal_server.console.office import Office
from tapal_server.console.ports import AlertRow
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import around as views

__all__ = ["Beside"]

After = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """The default of what follows."""


class Beside:
    """Made where the page is laid out, filled when its alert is known."""

    def __init__(self, office: Office, visit: Visit, alert_id: str) -> None:
        self._office, self._visit, self._alert_id = office, visit, alert_id
        self.after: After = _nothing
        self._attempt = Attempt(visit.words, self._shown)
        words = visit.words
        self._give = _panel(words("alert.give.title"), "area-give") if "assign" in visit.person.may else None
        self._near = _panel(words("alert.near"), "area-near").mark("near")
        self._similar = _panel(words("alert.similar"), "area-similar").mark("similar")
        if self._give is not None:
            on_submit(self._give.mark("give"), self._assign)

    async def show(self, alert: AlertRow) -> Html | None:
        """Fill the parts; returns what to draw over the picture."""
        words, services = self._visit.words, self._office.services
        found = await asyncio.to_thread(around, services, self._visit.person, alert)
        self._near.set_content(views.near(found.near, alert.timezone, words))
        self._similar.set_content(views.similar(found.similar, alert.timezone, words))
        if self._give is not None:
            people = await asyncio.to_thread(services.people.names, actor_of(self._visit.person))
            self._give.set_content(views.give(list(people), alert.owner, words))
        return views.overlay(found.drawing)

    async def _assign(self, fields: dict[str, str]) -> None:
        alerts, actor = self._office.services.alerts, actor_of(self._visit.person)
        await self._attempt(lambda: alerts.assign(actor, self._alert_id, fields.get("to", "")))

    async def _shown(self) -> None:
        await self.after()


def _panel(title: str, area: str) -> ui.html:
    with Element("section").classes(f"panel {area}"):
        Text(title, tag="h2")
        return markup("").classes("body")
