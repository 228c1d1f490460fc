"""Models and nodes: what runs where, rolling a model out, stopping that and taking it back."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, Text, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame, refused
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import models as views


async def models_page(console: Console, office: Office, visit: Visit, *, problem: str = "") -> None:
    """For those who train and those who run the server; only the latter may roll out."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    if not {"settings", "review"} & person.may:
        refused(console, visit, words("models.title"))
        return
    actor, names, may = actor_of(person), dict(console.desk.names(person)), "settings" in person.may
    registry, rollouts = office.services.models, office.services.rollouts
    with frame(console, visit, words("models.title"), current="/models"):
        heading(words("models.title"), words, "models")
        fleet = _section(words("models.nodes")).mark("fleet")
        doubtful = _section(words("models.refused")).mark("refused")
        running = _section(words("models.rollouts")).mark("rollouts")
        start = markup("").mark("start-rollout") if may else None
        known = _section(words("models.models")).mark("models")
        if may:
            markup(views.upload_form(words, problem=bool(problem)))

    async def refresh() -> None:
        nodes = await asyncio.to_thread(rollouts.fleet, actor)
        fleet.set_content(views.nodes(nodes, zone, words))
        turned_away = await asyncio.to_thread(office.services.nodes.refused, actor)
        doubtful.set_content(views.refused(turned_away, zone, words))
        found = await asyncio.to_thread(rollouts.all, actor)
        running.set_content(views.rollouts(found, names, zone, words, may=may))

    async def begin(fields: dict[str, str]) -> None:
        lines = [line for line in fields.get("stages", "").splitlines() if line.strip()]
        stages = [[name.strip() for name in line.split(",") if name.strip()] for line in lines]
        title = fields.get("model", "")
        await attempt(lambda: rollouts.start(actor, title, stages), words("models.started", name=title))

    async def chosen(choice: Choice) -> None:
        acts = {"stop": rollouts.stop, "go_on": rollouts.go_on, "roll_back": rollouts.roll_back}
        if choice.act in acts:
            await attempt(lambda: acts[choice.act](actor, choice.id))

    attempt = Attempt(words, refresh)
    models = await asyncio.to_thread(registry.all, actor)
    known.set_content(views.models(models, names, zone, words))
    await refresh()
    if start is not None:
        start.set_content(views.start_form(models, await asyncio.to_thread(rollouts.fleet, actor), words))
        on_submit(start, begin)
    on_act(running, chosen)
    console.live.listen(ui.context.client, refresh, topic="nodes")


def _section(title: str) -> ui.html:
    with Element("section").classes("panel"):
        Text(title, tag="h2")
        return markup("").classes("body")
