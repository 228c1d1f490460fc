"""The frame around every page: top bar, navigation, screen settings, messages."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from nicegui import ui
from nicegui.element import Element

from tapal_server.console import assets
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, markup
from tapal_server.console.i18n import LANGUAGES, Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.session import Visit

__all__ = ["GROUPS", "Place", "frame", "places", "refused", "say"]

log = logging.getLogger(__name__)

CHECK_S = 60.0
THEMES = ("auto", "light", "dark", "night")
NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; `phone` puts it on the bar of a small screen, `letter` is its shortcut after `g`."""

    path: str
    key: str
    icon: str
    letter: str = ""
    phone: bool = False
    needs: str = "see"
    office: bool = True


GROUPS: Mapping[str, Sequence[Place]] = {
    "watch": (
        Place("/", "duty", "duty", "d", phone=True, office=False),
        Place("/alerts", "alerts", "alert", "a", phone=True, office=False),
        Place("/map", "map", "map", "m", phone=True, office=False),
        Place("/cameras", "cameras", "camera", "c", phone=True, office=False),
        Place("/shelves", "shelves", "mute", "s", needs="shelve"),
        Place("/handover", "handover", "swap", "h"),
    ),
    "passages": (
        Place("/passages", "passages", "data", "p"),
        Place("/feeds", "feeds", "in", "f", needs="passages"),
        Place("/voyages", "voyages", "ship", "v"),
        Place("/planned", "planned", "calendar", "b"),
        Place("/reconciliation", "reconciliation", "scales", "k", needs="report"),
    ),
    "learn": (
        Place("/gates", "gates", "gate", "g"),
        Place("/reports", "reports", "report", "r", needs="report"),
        Place("/review", "review", "review", "l", needs="review"),
    ),
    "run": (
        Place("/start", "start", "flag", needs="settings"),
        Place("/models", "models", "model", "n", needs="settings"),
        Place("/admin", "admin", "gear", needs="settings"),
        Place("/people", "people", "admin", "u", needs="people"),
        Place("/audit", "audit", "chain", needs="audit"),
    ),
    "other": (Place("/help", "help", "help", office=False),),
}


@contextmanager
def frame(console: Console, visit: Visit, title: str, *, current: str) -> Iterator[Element]:
    """Everything around a page's content; the content goes inside."""
    words = visit.words
    ui.page_title(f"{title} · {words('app.name')}")
    ui.add_head_html(assets.links() + tag("script", src=assets.address("push.js")))
    ui.add_head_html(f"<script>document.documentElement.lang = {json.dumps(words.language)};</script>")
    ui.add_body_html(
        tag("script", Html(json.dumps(_told(words))), id="tapal-words", type="application/json")
        + tag("div", id="tapal-said", class_="said-box", role="status", aria_live="polite")
    )
    layout = ui.context.client.layout.classes("shell")
    with layout:  # beside NiceGUI's own main element, which holds the page
        markup(_top(visit), tag="header").classes("top").move(layout, 0)
        navigation = markup(_navigation(console, visit, current), tag="nav").classes("nav")
        navigation.props(f'aria-label="{words("nav.label")}"').move(layout, 1)
    with Element("div").props('id=content tabindex="-1"').classes("content").mark("main") as main:
        yield main
    ui.timer(CHECK_S, partial(_end_with_session, console, visit), immediate=False)


async def _end_with_session(console: Console, visit: Visit) -> None:
    """A page left open is in use, so its session stays awake; where the session was ended, the page goes too."""
    if await asyncio.to_thread(console.desk.person, visit.token) is None:
        ui.navigate.to("/sign-in")


def places(console: Console, visit: Visit) -> dict[str, list[Place]]:
    """The pages this person may open here, by what people do there; a group without any is left out."""
    found = {
        group: [
            place
            for place in listed
            if place.needs in visit.person.may and (console.office is not None or not place.office)
        ]
        for group, listed in GROUPS.items()
    }
    return {group: listed for group, listed in found.items() if listed}


def refused(console: Console, visit: Visit, title: str, *, why: str = "") -> None:
    """The page of somebody who may not see it: what to do instead."""
    words = visit.words
    if not why:
        log.warning("refused: %r wanted the page %r", visit.person.username, title)
    with frame(console, visit, title, current=""):
        Text(title, tag="h1")
        Text(why or words("problem.forbidden"), tag="p")
        markup(tag("a", words("app.to_duty"), href="/", class_="button"))


def say(text: str) -> None:
    """A short message at the bottom of the screen, read out by screen readers."""
    ui.run_javascript(f"tapalSay({json.dumps(text)})")


def _told(words: Words) -> dict[str, str]:
    """What the browser says by itself: ages, and what became of a press that got no answer."""
    ages = {name: words(f"ago.{name}") for name in ("now", "minutes", "hours", "days")}
    return ages | {name: words(f"press.{name}") for name in ("unheard", "lost", "failed")}


def _top(visit: Visit) -> Html:
    words = visit.words
    return join(
        tag("a", words("app.skip"), href="#content", class_="skip"),
        tag("a", icon("mark"), words("app.name"), href="/", class_="brand"),
        tag(
            "span",
            tag("span", words("app.live"), class_="up"),
            tag("span", words("app.unlive"), class_="down"),
            class_="link-state",
            role="status",
        ),
        tag(
            "details",
            tag(
                "summary",
                icon("screen"),
                tag("span", visit.person.name, class_="name"),
                tag("span", words("app.settings"), class_="sr"),
            ),
            _menu(visit),
            class_="menu",
        ),
    )


def _menu(visit: Visit) -> Html:
    words = visit.words
    themes = [
        tag(
            "button",
            words(f"theme.{name}"),
            type="button",
            class_="button",
            data_theme_choice=name,
            aria_pressed="false",
        )
        for name in THEMES
    ]
    languages = [
        tag(
            "button",
            NAMES[code],
            type="button",
            lang=code,
            class_="button",
            data_language_choice=code,
            aria_pressed=str(code == words.language).lower(),
        )
        for code in LANGUAGES
    ]
    return tag(
        "div",
        tag("p", visit.person.name, class_="who"),
        tag("fieldset", tag("legend", words("app.theme")), themes, class_="choices"),
        tag("fieldset", tag("legend", words("app.language")), languages, class_="choices"),
        _push(words),
        tag("p", tag("a", words("password.title"), href="/password")),
        tag(
            "form",
            tag("button", icon("out"), words("app.sign_out"), type="submit", class_="button"),
            method="post",
            action="/sign-out",
        ),
        class_="menu-box",
    )


def _push(words: Words) -> Html:
    """Messages to this device; push.js shows it where browser and server can."""
    said = {f"data_{name}": words(f"push.{name}") for name in ("done", "stopped", "denied", "failed")}
    return tag(
        "button",
        icon("duty"),
        words("push.button"),
        type="button",
        id="push",
        class_="button",
        hidden=True,
        aria_pressed="false",
        **said,
    )


def _navigation(console: Console, visit: Visit, current: str) -> Html:
    words, groups = visit.words, places(console, visit)
    more = Place("/more", "more", "more")
    return join(
        *(
            tag(
                "div",
                tag("span", words(f"nav.group.{group}"), id=f"nav-{group}", class_="nav-head"),
                [_entry(place, words, current, "" if place.phone else "desk-only") for place in listed],
                class_="nav-group",
                role="group",
                aria_labelledby=f"nav-{group}",
            )
            for group, listed in groups.items()
        ),
        _entry(more, words, current, "phone-only"),
    )


def _entry(place: Place, words: Words, current: str, look: str) -> Html:
    return tag(
        "a",
        icon(place.icon),
        tag("span", words(f"nav.{place.key}")),
        tag("span", class_="count", data_count=place.key) if place.key == "duty" else None,
        href=place.path,
        class_=look or None,
        aria_current="page" if place.path == current else None,
        data_letter=place.letter or None,
    )
