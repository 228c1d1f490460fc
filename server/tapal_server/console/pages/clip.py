"""The clip of an alert: fetched from the camera's box by a press, shown when it is here."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from tapal_server.clips.standing import ClipView
from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, markup, on_act
from tapal_server.console.markup import Html
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import clip as views
from tapal_server.errors import NotFoundError

__all__ = ["ClipPart"]

LOOK_EVERY_S = 10.0  # what time alone changes nobody tells


class ClipPart:
    """Made where the page is laid out; says how it stands with the clip and brings itself up to date."""

    def __init__(self, console: Console, visit: Visit, zone: str) -> None:
        assert console.office is not None, "without services there are no clips"
        self._services, self._visit, self._zone = console.office.services, visit, zone
        self._event_id = ""
        self._over: Html | None = None
        self._pending = False
        self._section = Element("section").classes("panel clip").mark("clip")
        self._section.props(f'aria-label="{visit.words("clip.title")}"')
        self._section.set_visibility(False)
        with self._section:
            Text(visit.words("clip.title"), tag="h2")
            self._shown = markup("").props("aria-live=polite")
        self._attempt = Attempt(visit.words, self._refresh)
        on_act(self._shown, self._ask)
        console.live.listen(ui.context.client, self._refresh, topic="clips")
        ui.timer(LOOK_EVERY_S, self._look, immediate=False)

    async def show(self, event_id: str, over: Html | None = None) -> None:
        """Show how it stands with the clip of this event; `over` is drawn over it."""
        self._event_id, self._over = event_id, over
        await self._refresh()

    async def _refresh(self) -> None:
        found = await asyncio.to_thread(self._find)
        self._section.set_visibility(found is not None)
        self._pending = found is not None and found.state in {"waiting", "asked", "coming"}
        if found is None:
            return
        words, person = self._visit.words, self._visit.person
        content = views.clip(found, self._zone, words, may_ask=person.may_judge, over=self._over)
        if content != self._shown.content:  # or a film that plays would begin again
            self._shown.set_content(content)

    async def _look(self) -> None:
        if self._pending:
            await self._refresh()

    def _find(self) -> ClipView | None:
        try:
            return self._services.clips.view(actor_of(self._visit.person), self._event_id)
        except NotFoundError:  # what the alert rests on is no moment before a camera, or was deleted
            return None

    async def _ask(self, choice: Choice) -> None:
        clips, actor = self._services.clips, actor_of(self._visit.person)
        await self._attempt(lambda: clips.ask(actor, choice.id), self._visit.words("clip.said"))
