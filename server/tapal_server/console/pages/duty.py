"""The duty page: what needs someone, now, kept current without a reload."""

from dataclasses import dataclass, field

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Actions
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, markup, on_act
from tapal_server.console.frame import frame
from tapal_server.console.i18n import Words
from tapal_server.console.ports import AlertRow
from tapal_server.console.session import Visit
from tapal_server.console.views import common
from tapal_server.console.views.cards import SECTIONS, card, sections


@dataclass(slots=True)
class Section:
    """One list of the page: its elements, and the cards by alert."""

    name: str
    root: Element
    count: Text
    cards: Element
    nothing: Element
    shown: dict[str, ui.html] = field(default_factory=dict)

    def update(self, alerts: list[AlertRow], words: Words, *, may_judge: bool, first: bool) -> None:
        """Show exactly these alerts; only what differs is sent to the browser."""
        wanted = {alert.id: alert for alert in alerts}
        for gone in self.shown.keys() - wanted.keys():
            self.shown.pop(gone).delete()
        for index, alert in enumerate(alerts):
            content = card(alert, words, may_judge=may_judge)
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
    """Live alarms first, then what is being handled, then what cleared by itself and waits to be acknowledged."""
    words = visit.words
    with frame(visit, words("duty.title"), current="/") as main:
        with Element("div").classes("page-head"):
            Text(words("duty.title"), tag="h1")
        lists = [_section(name, words) for name in SECTIONS]
    actions = Actions(console, visit)
    on_act(main, actions.choose)
    first = True

    async def refresh() -> None:
        nonlocal first
        found = sections(await console.live.duty_alerts(visit.person))
        for part in lists:
            part.update(found[part.name], words, may_judge=visit.person.may_judge, first=first)
        first = False

    actions.after = refresh
    await refresh()
    console.live.listen(ui.context.client, refresh)


def _section(name: str, words: Words) -> Section:
    with Element("section").classes(f"section-{name}").props(f'aria-labelledby="head-{name}"') as root:
        with Element("div").classes("section-head"):
            Text(words(f"duty.{name}"), tag="h2").props(f'id="head-{name}"')
            count = Text("0").classes("count").mark(f"count-{name}")
        cards = Element("div").classes("cards")
        nothing = markup(common.empty(words(f"duty.empty.{name}"), words(f"duty.empty.{name}.next"))).classes("cards")
    return Section(name, root, count, cards, nothing)
