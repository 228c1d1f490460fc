"""One camera: live picture, lines and zones to draw, and what the node said to them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from nicegui import ui
from nicegui.element import Element
from pydantic import BaseModel, ValidationError

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_server.audit.chain import Link
from tapal_server.console import assets
from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, heading, markup, on_act, on_detail, on_submit
from tapal_server.console.frame import frame, refused, say
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import camera as views
from tapal_server.console.views import common
from tapal_server.console.views.forms import when
from tapal_server.errors import NotFoundError
from tapal_server.models.review import ReviewView
from tapal_server.paging import Paging
from tapal_server.people.actor import Actor

HISTORY = 10
CHANGES = ("camera.geometry", "camera.view", "camera.restart")


class Drawn(BaseModel, extra="forbid"):
    """What the page sends."""

    lines: list[LineSpec]
    zones: list[ZoneSpec]


@dataclass(frozen=True, slots=True)
class Looked:
    """Whose look at which camera."""

    office: Office
    visit: Visit
    node: str
    camera: str
    names: Mapping[str, str]
    zone: str

    @property
    def actor(self) -> Actor:
        """The person, as the services know them."""
        return actor_of(self.visit.person)

    @property
    def may_change(self) -> bool:
        """Whether the person may change what the camera does."""
        return "settings" in self.visit.person.may


async def camera_page(console: Console, office: Office, visit: Visit, node: str, camera: str) -> None:
    """Look through a camera, and say where it counts."""
    words, person = visit.words, visit.person
    names, zone = dict(console.desk.names(person)), console.desk.zone(person)
    one = Looked(office, visit, node, camera, names, zone)
    try:
        found = await asyncio.to_thread(office.services.commands.geometry, one.actor, node, camera)
    except NotFoundError:
        refused(console, visit, words("camera.title"), why=words("problem.missing"))
        return
    title = f"{node} · {camera}"
    ui.add_head_html(tag("script", src=assets.address("cameras.js")))
    with frame(console, visit, title, current="/cameras"):
        markup(common.back(words("camera.back"), "/cameras"))
        heading(title, words, "camera")
        drawing = markup(views.editor(found, title, words, may_draw=one.may_change)).classes("panel")
        said = _section(words("draw.last")).mark("outcome")
        view = _section(words("view.title")).mark("reference")
        past = _section(words("draw.history")).mark("history") if "audit" in person.may else None
        if person.may_judge:
            _missed(one)

    async def refresh() -> None:
        commands = office.services.commands
        now = await asyncio.to_thread(commands.geometry, one.actor, node, camera)
        said.set_content(views.outcome(now.last, names, zone, words))
        seen = await asyncio.to_thread(commands.reference, one.actor, node, camera)
        view.set_content(views.reference(seen, names, zone, words, may=one.may_change))
        if past is not None:
            past.set_content(views.history(await asyncio.to_thread(_links, one), names, zone, words))

    _change(one, drawing, view, refresh)
    await refresh()
    console.live.listen(ui.context.client, refresh, topic="nodes")


def _change(one: Looked, drawing: ui.html, view: ui.html, refresh: Callable[[], Awaitable[None]]) -> None:
    """Send what was drawn, and have the view learned anew."""
    words, commands = one.visit.words, one.office.services.commands

    async def send(text: str) -> None:
        try:
            drawn = Drawn.model_validate(json.loads(text))
        except ValidationError as error:
            say(words("draw.invalid", reason=error.errors()[0]["msg"]))
            return
        await attempt(
            lambda: commands.set_geometry(one.actor, one.node, one.camera, drawn.lines, drawn.zones), words("draw.sent")
        )

    async def learn(_: Choice) -> None:
        await attempt(lambda: commands.learn_view(one.actor, one.node, one.camera), words("draw.sent"))

    attempt = Attempt(words, refresh)
    on_detail(drawing, "geometry", send)
    on_act(view, learn)


def _missed(one: Looked) -> None:
    """Where an officer says that the camera missed somebody."""
    words, review = one.visit.words, one.office.services.review
    form = markup(views.missed_form(one.office.services.clock.now(), one.zone, words)).mark("missed")
    queued = markup("").mark("queued")

    async def report(fields: dict[str, str]) -> None:
        note = fields.get("note", "")

        def told(found: tuple[ReviewView, ...]) -> str:
            said = words("review.missed.done", n=len(found))
            queued.set_content(tag("p", said, class_="banner good"))
            return said

        await Attempt(words)(
            lambda: review.report_missed(
                one.actor, one.node, one.camera, when(fields.get("at", ""), one.zone, "at"), note
            ),
            told,
        )

    on_submit(form, report)


def _section(title: str) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup("").classes("body")


def _links(one: Looked) -> tuple[Link, ...]:
    """Who changed its lines or its view, the newest first; that somebody watches is in the audit log alone."""
    subject, last, audit = f"camera:{one.node}/{one.camera}", Paging(1, HISTORY), one.office.services.audit
    both = [link for act in CHANGES for link in audit.page(one.actor, last, subject=subject, action=act).items]
    return tuple(sorted(both, key=lambda link: link.seq, reverse=True)[:HISTORY])
