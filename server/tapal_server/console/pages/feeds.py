"""Feeds: the list, and one feed's mapping, tried on a file before it is kept."""

import asyncio

from nicegui import ui

from tapal_server.console.actions import Attempt
from tapal_server.console.console import Console
from tapal_server.console.elements import Choice, heading, markup, on_act
from tapal_server.console.feeds import Drafts, typed
from tapal_server.console.frame import frame, refused
from tapal_server.console.markup import tag
from tapal_server.console.office import Office
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import common
from tapal_server.console.views import feeds as views
from tapal_server.console.views.common import button
from tapal_server.errors import NotFoundError

NEW = "+"  # no name of a feed


async def feeds_page(console: Console, office: Office, visit: Visit, *, taken: str = "") -> None:
    """For those who may import passages."""
    words, person, zone = visit.words, visit.person, console.desk.zone(visit.person)
    if "passages" not in person.may:
        refused(console, visit, words("feeds.title"))
        return
    found = await asyncio.to_thread(office.services.feeds.all, actor_of(person))
    with frame(console, visit, words("feeds.title"), current="/feeds"):
        heading(words("feeds.title"), words, "feeds")
        if taken:
            added, _, bad = taken.partition("-")
            markup(tag("p", words("feeds.taken", n=added, bad=bad or "0"), class_="banner good", role="status"))
        markup(tag("a", words("feeds.new"), href=f"/feeds/{NEW}", class_="button primary"))
        markup(views.listing(found, dict(console.desk.names(visit.person)), zone, words)).mark("feeds")


async def feed_page(
    console: Console, office: Office, drafts: Drafts, visit: Visit, name: str, *, draft: str, problem: str
) -> None:
    """One feed: its mapping, and what a file becomes by it."""
    words, person, zone, feeds = visit.words, visit.person, console.desk.zone(visit.person), office.services.feeds
    actor = actor_of(person)
    try:
        known = await asyncio.to_thread(feeds.get, actor, name) if name != NEW else None
        tried = drafts.get(person, draft) if draft else None
    except NotFoundError:
        refused(console, visit, words("feeds.title"), why=words("problem.missing"))
        return
    form = tried.form if tried else typed("" if known is None else name, known.profile if known else None)
    wrong = views.explain_draft(tried.problem, words) if tried else words("feeds.unread") if problem else ""
    with frame(console, visit, words("feeds.title"), current="/feeds"):
        markup(common.back(words("feeds.back"), "/feeds"))
        heading(words("feeds.title.new") if known is None else name, words, "feeds")
        if tried is not None:
            markup(views.tried(tried, zone, words)).mark("tried")
        markup(views.editor(form, draft, words, known=known is not None, problem=wrong)).mark("mapping")
        if known is None:
            return
        markup(views.take_form(name, words)).mark("take")
        dropped = markup(button(words("feeds.delete"), act="delete_feed", key=name)).mark("delete-feed")

    async def drop(_: Choice) -> None:
        if await Attempt(words)(lambda: feeds.delete(actor, name)):
            ui.navigate.to("/feeds")

    on_act(dropped, drop)
