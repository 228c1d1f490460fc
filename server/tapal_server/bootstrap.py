"""The composition root: one call gives the whole server as an ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from tapal_server.api.app import build_app
from tapal_server.clock import Clock
from tapal_server.console.serving import mount
from tapal_server.db.write_ahead import WriteAhead
from tapal_server.live.shares import duty_of
from tapal_server.parts import Parts, build_parts
from tapal_server.people.first import FirstRun
from tapal_server.people.passwords import Passwords
from tapal_server.replicas.ownership import Work
from tapal_server.settings import Settings

__all__ = ["build_server"]

log = logging.getLogger(__name__)


def _tasks(parts: Parts) -> dict[str, Work]:
    """What runs while the server runs; of what only one of several servers may do, each does what falls to it."""
    only_one: dict[str, Work] = {
        **{duty_of(share): correlator.run for share, correlator in parts.correlator.correlators.items()},
        "watchdog": parts.watchdog.run,
        "notifications": parts.notifier.run,
        "retention": parts.retention.run,
        "audit anchor": parts.anchor.run,
        "reconciliation": parts.reconciler.run,
        "roll-outs": parts.rollouts.run,
        "review": parts.collector.run,
    }
    if parts.subscriber is not None:
        only_one["commands"] = parts.dispatcher.run
    tasks: dict[str, Work] = {duty: partial(parts.ownership.keep, duty, work) for duty, work in only_one.items()}
    tasks["duties"] = parts.ownership.run
    tasks["watched folder"] = parts.folder.run
    if parts.database.is_sqlite:
        tasks["write-ahead log"] = WriteAhead(parts.database).run
    if parts.relay is not None:
        tasks["relay"] = parts.relay.run
    if parts.ais is not None:
        tasks["AIS"] = parts.ais.run
    if parts.subscriber is not None:
        tasks["broker"] = parts.subscriber.run
    return tasks


def build_server(
    settings: Settings,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    console: bool = True,
) -> FastAPI:
    """The server: API, console, broker, correlator. Its lifespan owns every task and closes the database."""
    parts = build_parts(settings, clock=clock, passwords=passwords)

    first = FirstRun(parts.services.people, parts.database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if console and await asyncio.to_thread(first.needed):
            log.warning("nobody has an account yet: open /setup in a browser and enter the code %s", first.code)
        try:
            async with asyncio.TaskGroup() as tasks:
                owned = [tasks.create_task(work(), name=name) for name, work in _tasks(parts).items()]
                yield
                for task in reversed(owned):
                    task.cancel()
        finally:
            await asyncio.to_thread(parts.database.close)

    app = build_app(parts, lifespan)
    if console:
        # Last, because the console answers every path that nothing else does.
        mount(
            app,
            parts.services,
            sites=parts.sites,
            secure_cookies=parts.settings.http.is_secure,
            language=parts.settings.language,
            document_key=parts.keys.get("documents"),
            first=first,
            notifier=parts.notifier,
            sites_file=settings.sites,
            settings=settings,
        )
    return app
