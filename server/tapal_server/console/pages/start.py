"""What is still to do before the first alert: site, camera, line, passage log, a test message."""

import asyncio
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act, on_submit
from tapal_server.console.frame import frame, refused
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import setup as views
from tapal_server.notify.service import Notifier
from tapal_server.paging import Paging
from tapal_server.passages.query import PassageFilter
from tapal_server.sites import loads_sites


async def start_page(console: Console, office: Office, visit: Visit) -> None:
    """For those who may change settings; each step says how, and shows when it is done."""
    words = visit.words
    if "settings" not in visit.person.may:
        refused(console, visit, words("start.title"))
        return
    with frame(console, visit, words("start.title"), current="/start"):
        heading(words("start.title"), words, "start")
        listed = markup("").mark("steps")
        tried = markup(views.site_check(_sites_text(office.sites_file), words)).classes("panel")
        verdict = markup("").mark("site-verdict")

    async def refresh() -> None:
        listed.set_content(views.checklist(await asyncio.to_thread(_steps, console, office, visit), words))

    async def check(fields: dict[str, str]) -> None:
        try:
            found = await asyncio.to_thread(loads_sites, fields.get("yaml", ""))
        except TapalError as error:
            verdict.set_content(tag("p", str(error), class_="error", role="alert"))
            return
        told = words("start.site.good", n=len(found.sites), file=office.sites_file or "sites.yaml")
        verdict.set_content(tag("p", told, class_="banner good", role="status"))

    async def chosen(choice: Choice) -> None:
        if choice.act == "test" and office.notifier is not None:
            await _test(office.notifier, choice.id, words)

    await refresh()
    on_submit(tried, check)
    on_act(listed, chosen)


def _sites_text(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8") if path else views.SITE_EXAMPLE
    except OSError:  # the file is shown as help only; the server started from it
        return views.SITE_EXAMPLE


async def _test(notifier: Notifier, channel: str, words: Words) -> None:
    def told(taken: bool) -> str:  # noqa: FBT001 - what the test found
        return words("start.tell.sent" if taken else "start.tell.refused", name=channel)

    await Attempt(words)(lambda: notifier.test(channel), told)


def _steps(console: Console, office: Office, visit: Visit) -> list[views.Step]:
    words, person = visit.words, visit.person
    sites, nodes = console.desk.sites(person), console.desk.nodes(person)
    cameras = [(node, camera) for node in nodes for camera in node.cameras]
    lines = sum(len(camera.get("lines") or ()) for node in nodes for camera in (node.health or {}).get("cameras", ()))
    log = office.services.passage_log.page(actor_of(person), Paging(1, 1), PassageFilter())
    names = office.notifier.channels if office.notifier is not None else ()
    draw = [_draw(node.node, camera.camera, words) for node, camera in cameras]
    return [
        views.Step("admin", done=True, inside=tag("a", words("nav.people"), href="/people", class_="button")),
        views.Step("site", bool(sites), ", ".join(site.name or site.id for site in sites)),
        views.Step(
            "camera",
            bool(cameras),
            ", ".join(f"{node.node} · {camera.camera}" for node, camera in cameras),
            None if cameras else views.example(views.CAMERA_EXAMPLE, words("start.camera")),
        ),
        views.Step("line", bool(lines), words("start.line.count", n=lines) if lines else "", join(*draw)),
        views.Step(
            "feed",
            bool(log.total),
            words("passages.total", n=log.total),
            tag("a", words("nav.passages"), href="/passages", class_="button"),
        ),
        views.Step("tell", bool(names), ", ".join(names), views.channels(names, words)),
    ]


def _draw(node: str, camera: str, words: Words) -> Html:
    return tag("a", words("start.line.draw", camera=camera), href=f"/cameras/{node}/{camera}", class_="button")
