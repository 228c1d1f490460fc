"""The duty page: what needs someone, now, kept current without a reload."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from nicegui import ui
from nicegui.element import Element

from tapal_server.alerts.states import Severity
from tapal_server.console.actions import Actions
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, heading, markup, on_act
from tapal_server.console.frame import frame
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, tag
from tapal_server.console.ports import LISTED, AlertRow
from tapal_server.console.session import Visit
from tapal_server.console.views import common
from tapal_server.console.views.cards import SECTIONS, older, sections
from tapal_server.console.views.shift import shift_start, shift_summary


@dataclass(slots=True)
class Section:
    """One list of the page: its elements, and the cards by alert."""

    name: str
    root: Element
    count: Text
    cards: Element
    nothing: Element
    shown: dict[str, ui.html] = field(default_factory=dict)
    rows: dict[str, AlertRow] = field(default_factory=dict)

    def update(self, alerts: list[AlertRow], draw: Callable[[AlertRow], Html], *, first: bool) -> None:
        """Show exactly these alerts; only what differs is sent to the browser."""
        wanted = {alert.id: alert for alert in alerts}
        for gone in self.shown.keys() - wanted.keys():
            self.shown.pop(gone).delete()
        before, self.rows = self.rows, wanted
        for index, alert in enumerate(alerts):
            if before.get(alert.id) is alert and alert.id in self.shown:
                continue
            content = draw(alert)
            element = self.shown.get(alert.id)
            if element is None:
                with self.cards:
                    element = markup(content, tag="article").classes(f"card is-{self.name}").mark(f"alert-{alert.id}")
                if not first:
                    element.classes("fresh")
                self.shown[alert.id] = element
                element.move(self.cards, target_index=index)
            elif element.content != content:
                element.set_content(content)
        self.count.set_text(str(len(alerts)))
        self.nothing.set_visibility(not alerts)
        self.cards.set_visibility(bool(alerts))
        self.root.classes(add="some" if alerts else None, remove=None if alerts else "some")


async def duty_page(console: Console, visit: Visit) -> None:
    """Live alarms first, then what is being handled, then what explained itself before anybody looked."""
    words = visit.words
    with frame(console, visit, words("duty.title"), current="/") as main:
        heading(words("duty.title"), words, "duty", _sound(words))
        left_out = markup("").classes("row left-out").mark("left-out")
        lists = [_section(name, words) for name in SECTIONS]
        shift = markup("", tag="section").classes("panel shift").props('aria-labelledby="head-shift"').mark("shift")
    actions = Actions(console, visit)
    on_act(main, actions.choose)
    draw = partial(console.live.card, words=words, may_judge=visit.person.may_judge)
    before: object = None

    async def refresh() -> None:
        nonlocal before
        alerts = await console.live.duty_alerts(visit.person)
        listed = sum(alert.state != "resolved" for alert in alerts)
        told = older(await console.live.unfinished(visit.person) if listed >= LISTED else listed, words)
        if told != left_out.content:
            left_out.set_content(told)
        if alerts == before:
            return
        found, first, before = sections(alerts), before is None, alerts
        for part in lists:
            part.update(found[part.name], draw, first=first)
        new = [alert.id for alert in found["new"]]
        loud = [alert.id for alert in found["new"] if alert.severity != Severity.LOW]
        ui.run_javascript(f"tapalDuty({json.dumps(new)}, {json.dumps(loud)})")

    async def sum_up() -> None:
        numbers = await _shift(console, visit)
        if numbers != shift.content:
            shift.set_content(numbers)

    actions.after = refresh
    await refresh()
    await sum_up()
    console.live.listen(ui.context.client, refresh)
    console.live.listen(ui.context.client, sum_up, topic="shift")


async def _shift(console: Console, visit: Visit) -> Html:
    zone = console.desk.zone(visit.person)
    since = shift_start(datetime.now(UTC), zone)
    return shift_summary(await console.live.tally(visit.person, since), since, zone, visit.words)


def _sound(words: Words) -> Html:
    """The switch of the alarm sound; console.js shows the half that holds and turns it."""
    return tag(
        "button",
        tag("span", icon("mute"), words("sound.off"), class_="off"),
        tag("span", icon("sound"), words("sound.on"), class_="on"),
        type="button",
        id="sound",
        class_="button sound",
    )


def _section(name: str, words: Words) -> Section:
    with Element("section").classes(f"section-{name}").props(f'aria-labelledby="head-{name}"') as root:
        with Element("div").classes("section-head"):
            Text(words(f"duty.{name}"), tag="h2").props(f'id="head-{name}"')
            count = Text("0").classes("count").mark(f"count-{name}")
        cards = Element("div").classes("cards")
        nothing = markup(common.empty(words(f"duty.empty.{name}"), words(f"duty.empty.{name}.next"))).classes("cards")
    return Section(name, root, count, cards, nothing)
