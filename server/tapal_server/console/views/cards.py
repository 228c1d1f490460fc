"""An alert as a card of the duty list."""

from collections.abc import Sequence
from urllib.parse import urlencode

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import VERDICTS as IMAGES
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import LISTED, PAGE, UNFINISHED, VERDICTS, WAITING, AlertRow
from tapal_server.console.views import common
from tapal_server.paging import COUNTED

SECTIONS = ("new", "mine", "cleared")


def section_of(alert: AlertRow) -> str | None:
    """The section of the duty page that shows an alert; None for one that is finished."""
    if alert.state == "resolved":
        return "cleared" if alert.verdict == "explained" and alert.acknowledged_at is None else None
    if alert.state == "new" and not alert.open:
        return "cleared"
    return "new" if alert.state in WAITING else "mine"


def sections(alerts: Sequence[AlertRow]) -> dict[str, list[AlertRow]]:
    """The alerts of each section, newest first; what an open surge holds is shown by the surge alone."""
    found: dict[str, list[AlertRow]] = {name: [] for name in SECTIONS}
    held = {member for alert in alerts if alert.kind == "surge" and alert.open for member in alert.members}
    waiting = (alert for alert in alerts if alert.id not in held or alert.state != "new")
    for alert in sorted(waiting, key=lambda a: (a.raised_at, a.id), reverse=True):
        name = section_of(alert)
        if name is not None:
            found[name].append(alert)
    return found


def older(unfinished: int, words: Words) -> Html | str:
    """How many unfinished alerts the list leaves out, and the way to them; nothing where it leaves out none."""
    if unfinished <= LISTED:
        return ""
    out = f"{unfinished - LISTED}{'+' if unfinished >= COUNTED else ''}"
    rest = urlencode({"state": UNFINISHED, "page": LISTED // PAGE + 1})
    return join(
        tag("p", words("duty.older", n=out, most=LISTED)),
        tag("a", words("duty.older.see"), href=f"/alerts?{rest}", class_="button"),
    )


def thumbnail(alert: AlertRow) -> Html:
    """The picture of an alert, or a quiet place for one that has not come."""
    if alert.picture is None:
        return tag("span", common.kind_icon(alert), class_="thumb thumb-none")
    return tag(
        "span", tag("img", src=f"/media/{alert.picture}.jpg", alt="", loading="lazy", decoding="async"), class_="thumb"
    )


def card(alert: AlertRow, words: Words, *, may_judge: bool = True) -> Html:
    """One alert: picture, kind, place, time and age, probability, state and the next step."""
    heading = tag(
        "a",
        thumbnail(alert),
        tag(
            "span",
            tag("span", common.kind(alert, words), class_="kind"),
            tag("span", common.place(alert, words), class_="place"),
            tag("span", words("duty.surge", n=len(alert.members)), class_="place") if alert.members else None,
            tag(
                "span",
                tag("span", shown.clock(alert.time, alert.timezone), class_="clock"),
                common.ago(alert.time, words),
                class_="when",
            ),
            class_="what",
        ),
        href=f"/alerts/{alert.id}",
        class_="card-link",
    )
    return join(
        heading,
        tag(
            "div",
            common.chance(alert.probability, words),
            common.state(alert, words),
            common.early(alert, words),
            common.welfare(alert, words),
            _owner(alert),
            class_="card-facts",
        ),
        tag("div", _next_step(alert, words) if may_judge else None, class_="card-actions"),
    )


def _owner(alert: AlertRow) -> Html | None:
    return tag("span", icon("admin"), alert.owner_name or alert.owner, class_="owner") if alert.owner else None


def _next_step(alert: AlertRow, words: Words) -> Html | None:
    if alert.state == "resolved":
        return None
    what = common.kind(alert, words)
    if alert.state in WAITING:
        return tag(
            "button",
            icon("check"),
            tag("span", words("action.acknowledge")),
            tag("span", f": {what}, {common.place(alert, words)}", class_="sr"),
            type="button",
            class_="button primary",
            data_act="acknowledge",
            data_id=alert.id,
        )
    return tag(
        "button",
        tag("span", words("action.resolve")),
        tag("span", f": {what}, {common.place(alert, words)}", class_="sr"),
        type="button",
        class_="button",
        data_act="resolve",
        data_id=alert.id,
    )


def verdict_buttons(words: Words, alert_id: str) -> Html:
    """The four outcomes, each with what it means."""
    return tag(
        "div",
        [
            tag(
                "button",
                icon(IMAGES[verdict]),
                tag("span", words(f"verdict.{verdict}"), class_="verdict-name"),
                tag("span", words(f"verdict.{verdict}.hint"), class_="verdict-hint"),
                type="button",
                class_=f"verdict verdict-{verdict}",
                data_act=verdict,
                data_id=alert_id,
            )
            for verdict in VERDICTS
        ],
        class_="verdicts",
    )
