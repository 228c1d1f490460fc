"""Handing a shift over: what is open is accepted by name."""

from collections.abc import Mapping, Sequence

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.views import common
from tapal_server.desk.service import HandoverView


def form(colleagues: Sequence[tuple[str, str]], words: Words) -> Html:
    """To whom, and what they should know."""
    if not colleagues:
        return common.empty(words("handover.alone"), words("handover.alone.next"))
    options = [tag("option", f"{name} ({username})", value=username) for username, name in colleagues]
    picker = tag("select", options, id="to", name="to", class_="input")
    note = tag("textarea", id="shift-note", name="note", rows=3, maxlength=2000, class_="input")
    return tag(
        "form",
        tag("h2", words("handover.give")),
        tag("div", tag("label", words("handover.to"), for_="to"), picker, class_="field"),
        tag("div", tag("label", words("alert.note"), for_="shift-note"), note, class_="field"),
        tag("button", words("handover.give"), type="submit", class_="button primary"),
        class_="panel",
    )


def handovers(found: Sequence[HandoverView], names: Mapping[str, str], me: str, zone: str, words: Words) -> Html:
    """Shifts handed over, newest first; one that waits for this person has the button that takes it."""
    if not found:
        return common.empty(words("handover.empty"), words("handover.empty.next"))
    return tag("div", [_one(one, names, me, zone, words) for one in found], class_="handovers")


def _one(one: HandoverView, names: Mapping[str, str], me: str, zone: str, words: Words) -> Html:
    given = words("handover.line", by=names.get(one.given_by, one.given_by), to=names.get(one.given_to, one.given_to))
    accepted = one.accepted_at is not None
    state = (
        words("handover.accepted", time=shown.clock(one.accepted_at, zone))
        if one.accepted_at
        else words("handover.waiting")
    )
    alerts = [
        tag("li", tag("a", words("handover.alert", n=number), href=f"/alerts/{alert}"))
        for number, alert in enumerate(one.open_alerts, 1)
    ]
    return tag(
        "section",
        tag("div", tag("h2", given), tag("span", state, class_="pill good" if accepted else "pill wait"), class_="row"),
        tag("p", shown.full(one.at, zone), class_="note"),
        tag("p", one.note) if one.note else None,
        tag("p", words("handover.open", n=len(alerts))),
        tag("ul", alerts, class_="row") if alerts else None,
        tag("p", words("handover.blind", names=", ".join(one.blind))) if one.blind else None,
        tag("p", words("handover.shelved", names=", ".join(one.shelved))) if one.shelved else None,
        common.button(words("handover.accept"), act="accept", key=one.id, look="primary")
        if one.given_to == me and not accepted
        else None,
        class_="panel",
    )
