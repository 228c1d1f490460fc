"""Review: pictures to label, so that the next model learns from what officers said."""

import asyncio
import json
from typing import Literal

from nicegui import ui
from nicegui.element import Element
from pydantic import BaseModel, Field, ValidationError

from tapal_server.console import assets
from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_detail
from tapal_server.console.frame import frame, refused, say
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.pages.review_clip import ReviewClip
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import common
from tapal_server.console.views import review as views
from tapal_server.errors import NotFoundError
from tapal_server.models.propagating import ReviewBox
from tapal_server.models.review import ReviewService, ReviewView
from tapal_server.paging import Paging
from tapal_server.people.actor import Actor

SHOWN = 24
SHARE = Field(ge=0, le=1)


class Drawn(BaseModel, extra="forbid"):
    """One box as the page sends it."""

    label: str = Field(min_length=1, max_length=64)
    x1: float = SHARE
    y1: float = SHARE
    x2: float = SHARE
    y2: float = SHARE


class Labelled(BaseModel, extra="forbid"):
    """What the page sends."""

    act: Literal["save", "carry", "negative", "skip"]
    boxes: list[Drawn] = Field(max_length=500)


async def queue_page(console: Console, office: Office, visit: Visit, wanted: views.Wanted) -> None:
    """The queue, for those who train."""
    words, person = visit.words, visit.person
    if "review" not in person.may:
        refused(console, visit, words("review.title"))
        return
    state, order = wanted.state, wanted.order
    zones = {site.id: site.timezone for site in console.desk.sites(person)}
    service, actor = office.services.review, actor_of(person)
    found = await asyncio.to_thread(service.page, actor, Paging(wanted.page, SHOWN), state=state, order=order)
    films = await asyncio.to_thread(service.films, actor, found.items)
    with frame(console, visit, words("review.title"), current="/review"):
        heading(words("review.title"), words, "review")
        markup(views.search(state, order, words)).classes("panel")
        markup(views.queue(found, films, f"/review?state={state}&order={order}", zones, words)).mark("queue")


async def picture_page(console: Console, office: Office, visit: Visit, review_id: str) -> None:
    """One picture: what is in it."""
    words, person, service = visit.words, visit.person, office.services.review
    actor = actor_of(person)
    if "review" not in person.may:
        refused(console, visit, words("review.title"))
        return
    try:
        found = await asyncio.to_thread(service.get, actor, review_id)
    except NotFoundError:
        refused(console, visit, words("review.title"), why=words("problem.missing"))
        return
    zone = next((site.timezone for site in console.desk.sites(person) if site.id == found.view.site), "UTC")
    ui.add_head_html(tag("script", src=assets.address("review.js")))
    with frame(console, visit, words("review.title"), current="/review"):
        markup(common.back(words("review.back"), "/review"))
        heading(words.either("review.why", found.view.why), words, "review")
        clip = ReviewClip(console, visit, service, found.view, zone)
        drawing = markup(views.labeller(found, words)).classes("panel").mark("labeller")
        with Element("section").classes("panel"):
            markup(views.facts(found.view, zone, words)).mark("facts")
            buttons = markup(views.acts(found.view, words)).mark("review-acts")

    await clip.refresh()

    async def on() -> None:
        """To the next picture that nobody labelled, of this clip first; to the queue where there is none."""
        ui.navigate.to(await asyncio.to_thread(_following, service, actor, review_id))

    attempt = Attempt(words, on)

    async def labelled(text: str) -> None:
        try:
            sent = Labelled.model_validate(json.loads(text))
        except ValidationError as error:
            say(words("review.invalid", reason=error.errors()[0]["msg"]))
            return
        await attempt(lambda: _noted(service, actor, found.view, sent))

    async def chosen(choice: Choice) -> None:
        if choice.act == "propagate":
            await Attempt(words)(
                lambda: service.propagate(actor, review_id), lambda all_: words("review.propagated", n=len(all_))
            )
        elif choice.act == "skip":
            await attempt(lambda: service.skip(actor, review_id))
        elif choice.act == "reopen":
            await Attempt(words)(lambda: service.reopen(actor, review_id))
            ui.navigate.reload()

    on_detail(drawing, "labelled", labelled)
    on_act(buttons, chosen)


def _noted(service: ReviewService, actor: Actor, shown: ReviewView, sent: Labelled) -> None:
    """Do with a picture what the page said."""
    if sent.act == "skip":
        service.skip(actor, shown.id)
        return
    boxes = [ReviewBox(confidence=None, **box.model_dump()) for box in sent.boxes]
    service.save(actor, shown.id, boxes, negative=sent.act == "negative", expected_version=shown.version)
    if sent.act == "carry":
        service.propagate(actor, shown.id)


def _following(service: ReviewService, actor: Actor, review_id: str) -> str:
    """The address of what is to be labelled next."""
    frames = service.frames(actor, review_id)
    here = next((place for place, one in enumerate(frames) if one.id == review_id), 0)
    of_clip = [one for one in (*frames[here:], *frames[:here]) if one.state == "open"]
    rest = of_clip or service.page(actor, Paging(1, 2), state="open", order="uncertain").items
    following = next((one for one in rest if one.id != review_id), None)
    return f"/review/{following.id}" if following else "/review"
