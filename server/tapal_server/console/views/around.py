"""Beside an alert: where in the picture, the other cameras then, alerts like it, and whom to give it to."""

from collections.abc import Sequence

from tapal_server.alerts.views import AlertView
from tapal_server.console import format as shown
from tapal_server.console.around import Drawing, Near
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag


def overlay(drawing: Drawing) -> Html | None:
    """The line, the way and the box over the picture; the sentence beside it says the same."""
    shapes = []
    if drawing.line:
        (x1, y1), (x2, y2) = drawing.line
        shapes += [tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=look) for look in ("edge back", "edge")]
    if len(drawing.path) > 1:
        points = " ".join(f"{x:.4f},{y:.4f}" for x, y in drawing.path)
        shapes += [tag("polyline", points=points, class_=look) for look in ("way back", "way")]
    if drawing.box:
        left, top, right, bottom = drawing.box
        shapes.append(tag("rect", x=left, y=top, width=right - left, height=bottom - top, class_="person-box"))
    if not shapes:
        return None
    return tag("svg", *shapes, viewBox="0 0 1 1", preserveAspectRatio="none", class_="over-picture", aria_hidden="true")


def near(found: Sequence[Near], zone: str, words: Words) -> Html:
    """What the other cameras of the place saw within two minutes."""
    if not found:
        return tag("p", words("alert.near.none"), class_="note")
    return tag("ul", [_near(one, zone, words) for one in found], class_="near")


def _near(one: Near, zone: str, words: Words) -> Html:
    told = f"{one.camera}, {shown.clock(one.at, zone, seconds=True)}"
    picture = tag("img", src=f"/media/{one.event_id}.jpg", alt="", loading="lazy") if one.has_picture else None
    return tag("li", picture, tag("b", words.either("label", one.label)), tag("span", told, class_="note"))


def similar(found: Sequence[AlertView], zone: str, words: Words) -> Html:
    """How the last alerts like this one ended."""
    if not found:
        return tag("p", words("alert.similar.none"), class_="note")
    rows = [
        tag(
            "li",
            tag("a", shown.full(one.time, zone), href=f"/alerts/{one.id}"),
            tag("span", shown.percent(one.probability)) if one.probability is not None else None,
            tag("span", words(f"verdict.{one.outcome}"), class_=f"pill verdict-{one.outcome}") if one.outcome else None,
        )
        for one in found
    ]
    return tag("ul", rows, class_="members")


def give(colleagues: Sequence[tuple[str, str]], owner: str | None, words: Words) -> Html:
    """Whom to give the alert to, by name."""
    options = [
        tag("option", f"{name} ({username})", value=username, selected=username == owner)
        for username, name in colleagues
    ]
    picker = tag("select", options, id="give-to", name="to", class_="input")
    return join(
        tag(
            "form",
            tag("div", tag("label", words("alert.give"), for_="give-to"), picker, class_="field"),
            tag("button", words("alert.give.button"), type="submit", class_="button"),
            class_="inline-form",
        )
    )
