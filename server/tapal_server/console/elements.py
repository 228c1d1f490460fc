"""The few NiceGUI elements the console is built from."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, tag

# The browser sends the nearest element with data-act, and the note as it stands at that moment: one listener serves a
# whole list, and a quick press after the last letter loses nothing. Each press has a number that the server answers
# twice: when it has heard it, and when it has done it (console.js, tapalPress).
DELEGATE = """(event) => {
  const chosen = event.target.closest("[data-act]");
  if (!chosen || !tapalMay(chosen)) return;
  const note = document.getElementById("note");
  emit({act: chosen.dataset.act, id: chosen.dataset.id, note: note ? note.value : "", press: tapalPress(chosen)});
}"""


FORM = """(event) => {
  event.preventDefault();
  const sender = event.submitter || event.target;
  if (!tapalMay(sender)) return;
  emit({...Object.fromEntries(new FormData(event.target)), press: tapalPress(sender)});
}"""
PAGE_WITHIN_S = 30.0
BACK_WITHIN_S = 40.0
DETAIL = """(event) => {
  const focused = document.activeElement;
  const sender = event.target.contains(focused) ? focused : event.target;
  emit({detail: event.detail, press: tapalPress(sender)});
}"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was pressed, for which id, and what stood in the page's note."""

    act: str
    id: str
    note: str = ""


def page_at(path: str) -> ui.page:
    """A page of the console at this path.

    On a busy server it comes late, where NiceGUI's 3 s would show an error; and a browser that was out of reach for a
    while finds its page again, and what was pressed meanwhile is carried out.
    """
    return ui.page(path, response_timeout=PAGE_WITHIN_S, reconnect_timeout=BACK_WITHIN_S)


class Text(TextElement):
    """An element of any tag that holds text."""

    def __init__(self, text: str = "", *, tag: str = "span") -> None:
        super().__init__(tag=tag, text=text)


def markup(content: Html | str, *, tag: str = "div") -> ui.html:
    """Markup of ours as an element; it was escaped where it was built."""
    return ui.html(content, sanitize=False, tag=tag)


def heading(title: str, words: Words, page: str, *beside: Html) -> None:
    """The page's heading with what stands beside it, and its help folded below."""
    with Element("div").classes("page-head"):
        Text(title, tag="h1")
        for part in beside:
            markup(part)
    told = [tag("p", sentence) for sentence in words.help(page)]
    markup(tag("details", tag("summary", icon("help"), words("app.help")), tag("div", told), class_="help"))


def renew(form: ui.html, content: Html) -> None:
    """Show a form again with nothing typed in."""
    form.set_content("")
    form.set_content(content)


def on_submit(container: Element, handler: Callable[[dict[str, str]], Awaitable[None]]) -> None:
    """Call the handler with the fields of the form inside the container when it is sent."""

    async def sent(args: dict[str, Any]) -> None:
        await handler({str(name): str(value) for name, value in args.items()})

    _on(container, "submit", sent, FORM)


def on_act(container: Element, handler: Callable[[Choice], Awaitable[None]]) -> None:
    """Call the handler with what was chosen, for any button inside the container."""

    async def chosen(args: dict[str, Any]) -> None:
        await handler(Choice(str(args["act"]), str(args["id"]), str(args.get("note") or "").strip()))

    _on(container, "click", chosen, DELEGATE)


def on_detail(container: Element, name: str, handler: Callable[[str], Awaitable[None]]) -> None:
    """Call the handler with what a script of ours inside the container sends under this name."""

    async def sent(args: dict[str, Any]) -> None:
        await handler(str(args["detail"]))

    _on(container, name, sent, DETAIL)


def _on(container: Element, name: str, handler: Callable[[dict[str, Any]], Awaitable[None]], script: str) -> None:
    """Answer each press: heard at once, done at the end; what fails unforeseen is logged here and told there."""

    async def pressed(event: events.GenericEventArguments) -> None:
        args = dict(event.args)
        press = int(args.pop("press", 0))
        ui.run_javascript(f"tapalHeard({press})")
        done = False
        try:
            await handler(args)
            done = True
        except Exception:
            log.exception("what somebody asked for by %r failed", name)
        finally:
            ui.run_javascript(f"tapalDone({press}, {json.dumps(done)})")

    container.on(name, pressed, js_handler=script)
