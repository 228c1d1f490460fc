"""Review: the queue of pictures to label, and one picture with its boxes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tapal_server.clips.standing import ClipView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.console.views.forms import choice
from tapal_server.console.views.tables import pages
from tapal_server.models.review import LABELS, ReviewDetail, ReviewView
from tapal_server.paging import Page

SAID = ("box", "label", "drop", "mine", "proposed", "none")
State = Literal["open", "done", "skipped", "all"]
Order = Literal["uncertain", "newest"]
STATES: tuple[State, ...] = get_args(State)
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the queue; the choice is in the address."""

    state: State = "open"
    order: Order = "uncertain"
    page: int = 1


def wanted(state: str, order: str, page: int) -> Wanted:
    """What an address asks for; what it spells wrong is left as usual."""
    return Wanted(
        state=next((one for one in STATES if one == state), "open"),
        order=next((one for one in ORDERS if one == order), "uncertain"),
        page=max(1, page),
    )


def search(state: str, order: str, words: Words) -> Html:
    """Which pictures, in which order; the choice is in the address."""
    return tag(
        "form",
        choice("state", words("review.state"), [(one, words(f"review.state.{one}")) for one in STATES], state),
        choice("order", words("review.order"), [(one, words(f"review.order.{one}")) for one in ORDERS], order),
        tag("button", words("review.show"), type="submit", class_="button"),
        method="get",
        action="/review",
        class_="search",
    )


def queue(
    found: Page[ReviewView], films: Mapping[str, ClipView], address: str, zones: Mapping[str, str], words: Words
) -> Html:
    """Pictures to label, each with why it is asked, and how it stands with its clip."""
    if not found.items:
        return common.empty(words("review.empty"), words("review.empty.next"))
    return join(
        tag("p", words("review.total", n=found.total), class_="note"),
        tag(
            "ul",
            [_item(one, films.get(one.event_id or ""), zones.get(one.site, "UTC"), words) for one in found.items],
            class_="found",
        ),
        pages(address, found.paging.number, found.pages, words),
    )


def _item(one: ReviewView, film: ClipView | None, zone: str, words: Words) -> Html:
    look = "good" if one.state == "done" else "wait"
    return tag(
        "li",
        tag(
            "a",
            tag(
                "span",
                tag("img", src=f"/review/{one.id}.jpg", alt="", loading="lazy") if one.has_picture else icon("picture"),
                class_="thumb",
            ),
            tag(
                "span",
                tag("span", words.either("review.why", one.why), class_="kind"),
                tag("span", f"{one.node} · {one.camera}", class_="place"),
                tag("span", shown.full(one.taken_at, zone), class_="note"),
                class_="what",
            ),
            tag("span", words("review.clip"), class_="pill") if one.clip else None,
            tag("span", words(f"review.film.{film.state}"), class_="pill") if film and film.state != "none" else None,
            tag("span", words("review.negative"), class_="pill") if one.negative else None,
            tag("span", words.either("review.state", one.state), class_=f"pill {look}"),
            href=f"/review/{one.id}",
        ),
    )


def labeller(found: ReviewDetail, words: Words) -> Html:
    """The picture under its boxes, the list of them, and what can be done; of a bare report why there is none."""
    if not found.view.has_picture:
        return tag("p", words("review.bare"), class_="note")
    boxes = [
        {"label": box.label, "x1": box.x1, "y1": box.y1, "x2": box.x2, "y2": box.y2, "confidence": box.confidence}
        for box in (found.proposals if found.boxes is None else found.boxes)
    ]
    labels = LABELS
    said = {name: words(f"review.{name}") for name in SAID}
    said |= {f"label.{label}": words.either("label", label) for label in labels}
    return tag(
        "div",
        tag(
            "span",
            tag("img", src=f"/review/{found.view.id}.jpg", alt=words("review.picture")),
            tag("svg", class_="drawing", viewBox="0 0 1000 562.5", role="img", aria_label=words("review.drawing")),
            class_="live seen",
        ),
        tag("p", words("review.how"), class_="note"),
        tag(
            "div",
            _button("save", words("review.save"), "primary"),
            _button("carry", words("review.carry"), ""),
            _button("add", words("review.add"), ""),
            _button("negative", words("review.nothing"), ""),
            class_="row",
        ),
        tag("ul", class_="drawn"),
        class_="editor",
        data_boxes=json.dumps(boxes),
        data_labels=json.dumps(labels),
        data_words=json.dumps(said),
    )


def strip(frames: Sequence[ReviewView], here: str, words: Words) -> Html:
    """The frames of a clip in their order, this one marked; by number, since looking at a picture is written down."""
    if not frames:
        return Html("")
    steps = [
        tag(
            "a",
            str(number),
            href=f"/review/{one.id}",
            class_="button primary" if one.id == here else "button" if one.state == "open" else "button quiet",
            aria_current="page" if one.id == here else None,
            aria_label=words("review.frame", n=number, state=words.either("review.state", one.state)),
        )
        for number, one in enumerate(frames, start=1)
    ]
    return tag(
        "nav", tag("p", words("review.frames"), class_="note"), tag("div", steps, class_="row", data_frames=True)
    )


def progress(frames: Sequence[ReviewView], left: int, words: Words) -> Html:
    """How much of a clip is labelled, and how much is left in all."""
    done = sum(one.state != "open" for one in frames)
    of_clip = words("review.progress", done=done, n=len(frames)) if frames else ""
    return tag("p", of_clip, " ", words("review.left", n=left), class_="note")


def _button(act: str, label: str, look: str) -> Html:
    return tag("button", label, type="button", class_=f"button {look}".strip(), data_label_act=act)


def facts(one: ReviewView, zone: str, words: Words) -> Html:
    """Why this picture is asked, from where, and what was said of it."""
    note = [(words("alert.note"), one.note)] if one.note else []
    apart = [] if one.disagreement is None else [(words("review.apart"), shown.percent(one.disagreement))]
    rows = [
        *note,
        (words("review.asked"), words.either("review.why", one.why)),
        *apart,
        (words("review.camera"), f"{one.node} · {one.camera}"),
        (words("review.taken"), shown.full(one.taken_at, zone)),
        (words("review.state"), words.either("review.state", one.state)),
    ]
    return tag("dl", [tag("div", tag("dt", term), tag("dd", value)) for term, value in rows], class_="facts")


def acts(one: ReviewView, words: Words) -> Html:
    """What can be done with the whole picture."""
    buttons: Sequence[Html] = (
        (common.button(words("review.skip"), act="skip", key=one.id),)
        if one.state == "open"
        else (
            common.button(words("review.reopen"), act="reopen", key=one.id),
            common.button(words("review.propagate"), act="propagate", key=one.id) if one.state == "done" else Html(""),
        )
    )
    return tag("div", buttons, class_="row")
