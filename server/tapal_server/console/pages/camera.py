"""One camera: live picture, lines and zones to draw, and what the node said to them."""

import asyncio
import json

from nicegui import ui
from nicegui.element import Element
from pydantic import BaseModel, ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_server.audit.chain import Link
from tapal_server.commands.views import GeometryView
from tapal_server.console import assets
from tapal_server.console.actions import Attempt, explain
from tapal_server.console.console import Console
from tapal_server.console.elements import Text, heading, markup, on_detail, on_submit
from tapal_server.console.frame import frame, refused, say
from tapal_server.console.icons import icon
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import camera as views
from tapal_server.console.views.forms import when
from tapal_server.errors import NotFoundError
from tapal_server.models.review import ReviewView
from tapal_server.paging import Paging

HISTORY = 10


class Drawn(BaseModel, extra="forbid"):
    """What the page sends."""

    lines: list[LineSpec]
    zones: list[ZoneSpec]


async def camera_page(console: Console, office: Office, visit: Visit, node: str, camera: str) -> None:
    """Look through a camera, and say where it counts."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    actor, commands = actor_of(person), office.services.commands
    try:
        found = await asyncio.to_thread(commands.geometry, actor, node, camera)
    except NotFoundError:
        refused(console, visit, words("camera.title"), why=words("problem.missing"))
        return
    names, title = dict(console.desk.names(person)), f"{node} · {camera}"
    ui.add_head_html(tag("script", src=assets.address("cameras.js")))
    with frame(console, visit, title, current="/cameras"):
        markup(tag("a", icon("back"), words("camera.back"), href="/cameras", class_="button quiet"))
        heading(title, words, "camera")
        drawing = markup(views.editor(found, title, words, may_draw="settings" in person.may)).classes("panel")
        with Element("section").classes("panel"):
            Text(words("draw.last"), tag="h2")
            said = markup(views.outcome(found.last, names, zone, words)).mark("outcome")
        past = _history(words("draw.history")) if "audit" in person.may else None
        missed = markup(views.missed_form(office.services.clock.now(), zone, words)) if person.may_judge else None
        queued = markup("").mark("queued")

    async def refresh() -> None:
        now = await asyncio.to_thread(commands.geometry, actor, node, camera)
        said.set_content(views.outcome(now.last, names, zone, words))
        if past is not None:
            links = await asyncio.to_thread(_links, office, visit, now)
            past.set_content(views.history(links, names, zone, words))

    async def send(text: str) -> None:
        try:
            drawn = Drawn.model_validate(json.loads(text))
            await asyncio.to_thread(commands.set_geometry, actor, node, camera, drawn.lines, drawn.zones)
        except ValidationError as error:
            say(words("draw.invalid", reason=error.errors()[0]["msg"]))
            return
        except TapalError as error:
            say(explain(error, words))
            return
        say(words("draw.sent"))
        await refresh()

    async def report(fields: dict[str, str]) -> None:
        note, review = fields.get("note", ""), office.services.review

        def told(found: tuple[ReviewView, ...]) -> str:
            said = words("review.missed.done", n=len(found))
            queued.set_content(tag("p", said, class_="banner good"))
            return said

        await Attempt(words)(
            lambda: review.report_missed(actor, node, camera, when(fields.get("at", ""), zone, "at"), note), told
        )

    if missed is not None:
        on_submit(missed.mark("missed"), report)
    on_detail(drawing, "geometry", send)
    await refresh()
    console.live.listen(ui.context.client, refresh, topic="nodes")


def _history(title: str) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup("").mark("history")


def _links(office: Office, visit: Visit, found: GeometryView) -> tuple[Link, ...]:
    subject = f"camera:{found.node}/{found.camera}"
    audit, actor = office.services.audit, actor_of(visit.person)
    return audit.page(actor, Paging(1, HISTORY), subject=subject, action="camera.geometry").items
