"""What an officer does to an alert, from any page: tried, told, and shown."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element

from tapal_contract.errors import TapalError
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, markup, on_act
from tapal_server.console.frame import say
from tapal_server.console.i18n import Words
from tapal_server.console.ports import VERDICTS
from tapal_server.console.session import Visit
from tapal_server.console.views.cards import verdict_buttons
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def explain(error: TapalError, words: Words) -> str:
    """What went wrong, for the person at the screen."""
    known = {ConflictError: "conflict", NotFoundError: "missing", ForbiddenError: "forbidden"}
    field = error.field if isinstance(error, InvalidError) else None
    if field is not None and words.has(f"error.{field}"):
        return words(f"error.{field}")
    key = known.get(type(error), "invalid" if isinstance(error, InvalidError) else "other")
    return words(f"problem.{key}", reason=error)


async def _nothing() -> None:
    """The default of what follows an action."""


class Attempt:
    """What a page's forms and buttons do: tried in a thread, explained where it is refused, else shown and said."""

    def __init__(self, words: Words, refresh: Callable[[], Awaitable[None]] = _nothing) -> None:
        self._words = words
        self._refresh = refresh

    async def __call__(self, work: Callable[[], Result], said: str | Callable[[Result], str] = "") -> bool:
        """Whether it was done; `said` is told instead of the usual word, or made of the result."""
        try:
            result = await asyncio.to_thread(work)
        except TapalError as error:
            log.log(
                logging.WARNING if isinstance(error, ForbiddenError) else logging.INFO,
                "an action was refused: %s",
                error,
            )
            say(explain(error, self._words))
            return False
        await self._refresh()
        say(said(result) if callable(said) else said or self._words("action.done"))
        return True


class Actions:
    """Carries out a choice for the visitor; `after` refreshes the page."""

    def __init__(self, console: Console, visit: Visit) -> None:
        self._console = console
        self._visit = visit
        self.after: Callable[[], Awaitable[None]] = _nothing

    async def choose(self, choice: Choice) -> None:
        """Do what was chosen; `resolve` asks for the outcome first."""
        act, alert_id, note = choice.act, choice.id, choice.note
        desk, person = self._console.desk, self._visit.person
        if act == "resolve":
            self._ask(alert_id)
        elif act == "acknowledge":
            await self._do(desk.acknowledge, person, alert_id)
        elif act == "take":
            await self._do(desk.take, person, alert_id)
        elif act == "note" and note:
            await self._do(desk.note, person, alert_id, note)
        elif act in {"welfare_on", "welfare_off"}:
            await self._do(partial(desk.flag_welfare, on=act == "welfare_on"), person, alert_id, note)
        elif act == "reopen":
            await self._do(desk.reopen, person, alert_id, note)
        elif act in VERDICTS:
            await self._do(desk.resolve, person, alert_id, act, note or self._standard_note(act))

    def _standard_note(self, verdict: str) -> str:
        return self._visit.words(f"verdict.{verdict}.hint")

    async def _do(self, call: Callable[..., None], *args: object) -> None:
        words = self._visit.words
        if await asyncio.to_thread(self._console.desk.person, self._visit.token) is None:
            say(words("action.expired"))
            ui.navigate.to("/sign-in")
            return
        await Attempt(words, self._shown)(lambda: call(*args))

    async def _shown(self) -> None:
        ui.run_javascript("tapalClearNote()")
        self._console.live.changed()
        await self.after()

    def _ask(self, alert_id: str) -> None:
        words = self._visit.words
        with ui.dialog() as dialog, Element("div").classes("dialog").props("role=dialog aria-modal=true"):
            Text(words("resolve.title"), tag="h2")
            buttons = markup(verdict_buttons(words, alert_id)).mark("verdict-choice")
            cancel = Text(words("app.cancel"), tag="button").props("type=button").classes("button quiet")

        async def chosen(choice: Choice) -> None:
            dialog.close()
            await self.choose(choice)

        on_act(buttons, chosen)
        cancel.on("click", dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()
