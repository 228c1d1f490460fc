"""One alert: picture, time line, reason and innocent explanations, verdict, history."""

import asyncio
from functools import partial

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Actions
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, markup, on_act
from tapal_server.console.frame import frame
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import AlertRow
from tapal_server.console.session import Visit
from tapal_server.console.views import alert as parts
from tapal_server.console.views import common
from tapal_server.console.views.cards import verdict_buttons
from tapal_server.console.views.timeline import timeline


async def alert_page(console: Console, visit: Visit, alert_id: str) -> None:
    """All that is known about one alert, and what to do about it."""
    words = visit.words
    alert = await asyncio.to_thread(console.desk.alert, visit.person, alert_id)
    if alert is None:
        _missing(visit)
        return
    with frame(visit, common.kind(alert, words), current="/") as main:
        markup(tag("a", icon("back"), words("alert.back"), href="/", class_="button quiet"))
        with Element("div").classes("page-head"):
            Text(common.kind(alert, words), tag="h1")
        with Element("div").classes("alert-grid"):
            with Element("div"):
                picture = markup("")
                line = _panel(words("alert.timeline"))
                why = markup("", tag="section").classes("panel")
            with Element("div"):
                head = markup("", tag="section").classes("panel alert-head").mark("alert-head")
                actions = Actions(console, visit)
                buttons = _verdict(words) if visit.person.may_judge else None
                history = _panel(words("alert.history")).mark("history")
    on_act(main, actions.choose)

    async def refresh() -> None:
        current = await asyncio.to_thread(console.desk.alert, visit.person, alert_id)
        if current is None:
            return
        load = partial(_load, console, visit, current)
        shown = await asyncio.to_thread(load)
        for element, content in zip((head, picture, line, why, history), shown, strict=True):
            if element.content != content:
                element.set_content(content)
        if buttons is not None:
            wanted = _buttons(current, words)
            if buttons.content != wanted:
                buttons.set_content(wanted)

    actions.after = refresh
    await refresh()
    console.live.listen(ui.context.client, refresh)


def _load(console: Console, visit: Visit, alert: AlertRow) -> tuple[Html, ...]:
    words, desk = visit.words, console.desk
    return (
        parts.head(alert, words),
        parts.picture(alert, words),
        timeline(desk.evidence(visit.person, alert), alert.timezone, words),
        parts.why(desk.why(alert, words.language), words),
        parts.history(desk.history(visit.person, alert), alert.timezone, words),
    )


def _panel(title: str) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup("").classes("body")


def _verdict(words: Words) -> ui.html:
    with Element("section").classes("panel"):
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
            if alert.state == "new"
            else None,
            common.button(words("action.note"), act="note", key=alert.id),
            class_="row",
        ),
        verdict_buttons(words, alert.id),
    )


def _missing(visit: Visit) -> None:
    words = visit.words
    with frame(visit, words("alert.missing"), current="/"):
        Text(words("alert.missing"), tag="h1")
        Text(words("alert.missing.next"), tag="p")
        markup(tag("a", words("alert.back"), href="/", class_="button"))
