"""One alert: picture, time line, reason and innocent explanations, verdict, history."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Actions
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, heading, markup, on_act
from tapal_server.console.frame import frame
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.pages.beside import Beside
from tapal_server.console.pages.clip import ClipPart
from tapal_server.console.ports import WAITING, AlertRow, Detail
from tapal_server.console.session import Visit
from tapal_server.console.views import alert as parts
from tapal_server.console.views import common
from tapal_server.console.views.cards import verdict_buttons
from tapal_server.console.views.timeline import timeline


async def alert_page(console: Console, visit: Visit, alert_id: str, *, problem: str = "") -> None:
    """All that is known about one alert, and what to do about it."""
    words = visit.words
    found = await asyncio.to_thread(console.desk.detail, visit.person, alert_id)
    if found is None:
        _missing(console, visit)
        return
    with frame(console, visit, common.kind(found.alert, words), current="/") as main:
        markup(common.back(words("alert.back"), "/"))
        heading(common.kind(found.alert, words), words, "alert")
        with Element("div").classes("alert-grid"):
            page = _Parts(console, visit, found.alert)
            beside = Beside(console.office, visit, alert_id, problem=problem) if console.office is not None else None
    if beside is not None:
        page.over = await beside.show(found)
        page.over_film = beside.over_film
    page.show(found)
    await page.show_clip(found)
    if found.alert.members:
        page.show_members(await asyncio.to_thread(_members, console, visit, found.alert))
    actions = Actions(console, visit)
    on_act(main, actions.choose)

    async def refresh() -> None:
        nonlocal found
        row = await asyncio.to_thread(console.desk.alert, visit.person, alert_id)
        if row is None or found is None or row == found.alert:
            return
        fresh = await asyncio.to_thread(console.desk.detail, visit.person, alert_id)
        if fresh is not None:
            found = fresh
            page.show(found)
            await page.show_clip(found)
            if beside is not None:
                beside.update(found)

    actions.after = refresh
    if beside is not None:
        beside.after = refresh
    console.live.listen(ui.context.client, refresh)


class _Parts:
    """The parts of the page that change, in the order a phone shows them."""

    def __init__(self, console: Console, visit: Visit, alert: AlertRow) -> None:
        self._words = visit.words
        self.over: Html | None = None
        self.over_film: Html | None = None
        members = bool(alert.members)
        with Element("div").classes("area-picture"):
            self._picture = markup("")
            filmed = console.office is not None and alert.film is not None
            self._clip = ClipPart(console, visit, alert.timezone) if filmed else None
        self._head = markup("", tag="section").classes("panel alert-head area-head").mark("alert-head")
        self._buttons = _verdict(self._words) if visit.person.may_judge else None
        self._why = markup("", tag="section").classes("panel area-why")
        self._members = _panel(self._words("alert.members"), "area-line") if members else None
        self._line = None if members else _panel(self._words("alert.timeline"), "area-line")
        self._history = _panel(self._words("alert.history"), "area-history").mark("history")

    async def show_clip(self, found: Detail) -> None:
        """Show how it stands with the clip."""
        if self._clip is not None and found.alert.film is not None:
            await self._clip.show(found.alert.film, self.over_film)

    def show_members(self, alerts: list[AlertRow]) -> None:
        """List what the surge holds."""
        if self._members is not None:
            self._members.set_content(parts.members(alerts, self._words))

    def show(self, found: Detail) -> None:
        """Bring every part up to date."""
        words, alert = self._words, found.alert
        self._picture.set_content(parts.picture(alert, words, self.over))
        self._head.set_content(parts.head(alert, words))
        self._why.set_content(parts.why(alert, words))
        if self._line is not None:
            self._line.set_content(timeline(found.evidence, alert.timezone, words))
        self._history.set_content(parts.history(found.history, alert.timezone, words))
        if self._buttons is not None:
            self._buttons.set_content(_buttons(alert, words))


def _members(console: Console, visit: Visit, surge: AlertRow) -> list[AlertRow]:
    found = (console.desk.alert(visit.person, member) for member in surge.members)
    return [alert for alert in found if alert is not None]


def _panel(title: str, area: str) -> ui.html:
    with Element("section").classes(f"panel {area}"):
        Text(title, tag="h2")
        return markup("").classes("body")


def _verdict(words: Words) -> ui.html:
    with Element("section").classes("panel area-verdict"):
        Text(words("alert.verdict"), tag="h2")
        note = tag("textarea", id="note", rows=3, maxlength=2000, class_="input", aria_describedby="note-hint")
        hint = tag("span", words("alert.note.hint"), class_="hint", id="note-hint")
        markup(join(tag("label", words("alert.note"), for_="note"), note, hint)).classes("field")
        return markup("").classes("body").mark("verdict")


def _buttons(alert: AlertRow, words: Words) -> Html:
    if alert.state == "resolved":
        return tag("div", common.button(words("action.reopen"), act="reopen", key=alert.id), class_="row")
    return join(
        tag(
            "div",
            common.button(words("action.acknowledge"), act="acknowledge", key=alert.id, look="primary", image="check")
            if alert.state in WAITING
            else None,
            common.button(words("action.note"), act="note", key=alert.id),
            common.button(
                words("action.welfare_off" if alert.welfare else "action.welfare_on"),
                act="welfare_off" if alert.welfare else "welfare_on",
                key=alert.id,
                look="care",
                image="help_hand",
            ),
            class_="row",
        ),
        verdict_buttons(words, alert.id),
    )


def _missing(console: Console, visit: Visit) -> None:
    words = visit.words
    with frame(console, visit, words("alert.missing"), current="/"):
        Text(words("alert.missing"), tag="h1")
        Text(words("alert.missing.next"), tag="p")
        markup(tag("a", words("alert.back"), href="/", class_="button"))
