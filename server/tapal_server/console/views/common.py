"""Small pieces that several views share."""

from datetime import datetime

from tapal_server.alerts.states import Severity
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import KINDS, icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import AlertRow


def place(alert: AlertRow, words: Words) -> str:
    """Site, line and direction in one phrase."""
    parts = [alert.site_name]
    if alert.line and alert.line != alert.site:
        parts.append(alert.line)
    if alert.direction:
        parts.append(words.either("direction", alert.direction))
    return " · ".join(parts)


def kind(alert: AlertRow, words: Words) -> str:
    """The kind of an alert in words."""
    return words.either("kind", alert.kind)


def ago(moment: datetime, words: Words) -> Html:
    """An age that console.js keeps current."""
    return tag("time", shown.age(moment, words), datetime=moment.isoformat(), data_age=True)


def chance(probability: float | None, words: Words) -> Html:
    """A probability as meter, words and number; an observed fact is said to be one."""
    if probability is None:
        return tag("p", words("chance.sure"), class_="chance chance-sure")
    word, number = shown.likelihood(probability, words), shown.percent(probability)
    level = 4 - next(i for i, (least, _) in enumerate(shown.STEPS) if probability >= least)
    return tag(
        "p",
        tag("span", words("chance.label", word=word, percent=number), class_="sr"),
        tag(
            "span",
            [tag("i", class_="on" if step <= level else None) for step in range(5)],
            class_="meter",
            aria_hidden="true",
        ),
        tag("strong", number, class_="number", aria_hidden="true"),
        tag("span", word, class_="word", aria_hidden="true"),
        class_=f"chance level-{level}",
    )


def state_key(alert: AlertRow) -> str:
    """The key of the state that an officer should read: a closed alert nobody saw is not simply new."""
    if alert.state == "resolved" and alert.verdict:
        return f"verdict.{alert.verdict}"
    if alert.state == "new" and not alert.open:
        return "state.closed"
    return f"state.{alert.state}"


def state(alert: AlertRow, words: Words) -> Html:
    """The state as a labelled pill."""
    key = state_key(alert)
    soft = " soft" if key in {"state.new", "state.reopened"} and alert.severity == Severity.LOW else ""
    return tag("span", words(key), class_=f"pill {key.replace('.', '-')}{soft}")


def early(alert: AlertRow, words: Words) -> Html | None:
    """What to think of an alert that wakes nobody yet: its record may still come."""
    if state_key(alert) != "state.new" or alert.severity != Severity.LOW or alert.kind != "unlogged_crossing":
        return None
    return tag("span", words("duty.early"), class_="early")


def welfare(alert: AlertRow, words: Words) -> Html | None:
    """The flag of an alert whose people may need help, unless its verdict says so already."""
    if not alert.welfare or alert.verdict == "welfare":
        return None
    return tag("span", icon("help_hand"), words("verdict.welfare"), class_="pill verdict-welfare")


def kind_icon(alert: AlertRow) -> Html:
    """The icon of an alert's kind."""
    return icon(KINDS.get(alert.kind, "alert"))


def back(label: str, to: str) -> Html:
    """The way back to the list that a page belongs to."""
    return tag("a", icon("back"), label, href=to, class_="button quiet back")


def empty(title: str, following: str) -> Html:
    """An empty place: what it means, and what to do next."""
    return tag("div", tag("p", title, class_="empty-title"), tag("p", following, class_="empty-next"), class_="empty")


def button(label: str, *, act: str, key: str, look: str = "", image: str | None = None) -> Html:
    """A button that the container's one listener handles."""
    inner = join(icon(image), tag("span", label)) if image else label
    return tag("button", inner, type="button", class_=f"button {look}".strip(), data_act=act, data_id=key)
