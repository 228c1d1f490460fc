"""One camera: the live picture with what it counts at, and where to draw that anew."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from tapal_server.audit.chain import Link
from tapal_server.commands.views import CommandView, GeometryView, ReferenceView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.console.views.forms import field, typed

SAID = ("from", "to", "corner", "flip", "drop", "id", "kind", "line", "zone")
KINDS = ("counter", "restricted", "berth", "waiting")
LOOKS = {"done": "good", "waiting": "wait", "refused": "bad", "expired": "bad"}


def tile(node: str, camera: str, title: str, words: Words) -> Html:
    """A live picture on the wall; cameras.js fills it while it is in view."""
    return tag(
        "a",
        live(node, camera, title, words),
        tag("span", tag("b", title), tag("span", f"{node} · {camera}", class_="note"), class_="tile-name"),
        href=f"/cameras/{node}/{camera}",
        class_="tile",
    )


def live(node: str, camera: str, title: str, words: Words, *inside: Html) -> Html:
    """A place for the newest picture, with its age."""
    return tag(
        "span",
        tag("img", alt=words("camera.picture", place=title), hidden=True),
        *inside,
        tag("span", icon("camera"), words("camera.asked"), class_="tile-wait"),
        tag("span", tag("time", data_age=True), class_="tile-age"),
        class_="live",
        data_live=f"{node}/{camera}",
    )


def editor(found: GeometryView, title: str, words: Words, *, may_draw: bool) -> Html:
    """The live picture under the drawing, the tools, and the list of what is drawn."""
    known = found.lines is not None
    geometry = {"lines": list(found.lines or ()), "zones": list(found.zones or ())}
    said = {name: words(f"draw.{name}") for name in SAID} | {kind: words(f"zone.{kind}") for kind in KINDS}
    drawing = tag("svg", class_="drawing", viewBox="0 0 1000 562.5", role="group", aria_label=words("draw.label"))
    return tag(
        "div",
        live(found.node, found.camera, title, words, drawing),
        None if known else tag("p", words("draw.unknown"), class_="note"),
        _tools(words) if may_draw else None,
        tag("ul", class_="drawn"),
        tag(
            "div",
            tag("button", words("draw.send"), type="button", class_="button primary", data_send=True),
            class_="row",
        )
        if may_draw
        else None,
        class_="editor",
        data_geometry=json.dumps(geometry),
        data_words=json.dumps(said),
        data_may="yes" if may_draw else "no",
    )


def _tools(words: Words) -> Html:
    buttons = [
        tag("button", words(f"draw.tool.{name}"), type="button", class_="button", data_tool=name, aria_pressed="false")
        for name in ("line", "zone")
    ]
    by_keys = tag("button", words("draw.add"), type="button", class_="button quiet", data_add=True)
    return join(tag("div", *buttons, by_keys, class_="row"), tag("p", words("draw.how"), class_="note"))


def outcome(last: CommandView | None, names: Mapping[str, str], zone: str, words: Words) -> Html:
    """What became of the last change: who asked, and what the node said."""
    if last is None:
        return tag("p", words("draw.never"), class_="note")
    asked = words("draw.asked", by=names.get(last.issued_by, last.issued_by), time=shown.full(last.issued_at, zone))
    return join(
        tag(
            "p",
            tag("span", words(f"draw.{last.state}"), class_=f"pill {LOOKS[last.state]}"),
            " ",
            asked,
            role="status",
        ),
        tag("p", words("draw.reason", reason=last.reason), class_="error") if last.reason else None,
    )


def reference(found: ReferenceView, names: Mapping[str, str], zone: str, words: Words, *, may: bool) -> Html:
    """How the view should look: the picture that was taken of it, when and by whom, and a way to take it anew."""
    shows = words("view.none")
    picture = None
    if found.taken_at is not None and found.taken_by is not None:
        by, at = names.get(found.taken_by, found.taken_by), shown.full(found.taken_at, zone)
        shows = words("view.taken", by=by, time=at)
        path = f"/api/v1/nodes/{quote(found.node, safe='')}/cameras/{quote(found.camera, safe='')}/view.jpg"
        moment = int(found.taken_at.timestamp())
        picture = tag("img", src=f"{path}?{moment}", alt=words("view.picture", camera=found.camera), class_="reference")
    last = found.last
    asked = last if last is not None and (last.state != "done" or found.taken_at is None) else None
    return join(
        picture,
        tag("p", shows, class_="note"),
        outcome(asked, names, zone, words) if asked else None,
        common.button(words("view.take"), act="learn_view", key=found.camera) if may else None,
        tag("p", words("view.how"), class_="note") if may else None,
    )


def history(links: Sequence[Link], names: Mapping[str, str], zone: str, words: Words) -> Html:
    """Who changed this camera before."""
    if not links:
        return common.empty(words("draw.no_history"), words("draw.no_history.next"))
    rows = []
    for link in links:
        drawn = ", ".join(str(one) for key in ("lines", "zones") for one in link.detail.get(key, ()))
        who = tag("span", names.get(link.actor, link.actor), class_="who")
        time = tag("time", shown.full(link.at, zone), datetime=link.at.isoformat())
        rows.append(tag("li", time, tag("span", drawn or words.either("audit.action", link.action)), who))
    return tag("ol", rows, class_="history wide")


def missed_form(now: datetime, zone: str, words: Words) -> Html:
    """Where an officer says that somebody crossed whom the camera did not count."""
    return tag(
        "form",
        tag("h2", words("review.missed")),
        tag("p", words("review.missed.how"), class_="note"),
        tag(
            "div",
            field("at", words("review.missed.at"), type="datetime-local", step="1", value=typed(now, zone)),
            field("note", words("review.missed.note"), maxlength="1000"),
            class_="fields",
        ),
        tag("button", words("review.missed.button"), type="submit", class_="button"),
        class_="panel",
    )
