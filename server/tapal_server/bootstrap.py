"""The composition root: one call gives the whole server as an ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tapal_server.api.app import build_app
from tapal_server.clock import Clock
from tapal_server.console.serving import mount
from tapal_server.parts import build_parts
from tapal_server.people.first import FirstRun
from tapal_server.people.passwords import Passwords
from tapal_server.settings import Settings

__all__ = ["build_server"]

log = logging.getLogger(__name__)


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
                owned = [
                    tasks.create_task(parts.correlator.run(), name="correlator"),
                    tasks.create_task(parts.watchdog.run(), name="watchdog"),
                    tasks.create_task(parts.folder.run(), name="watched folder"),
                    tasks.create_task(parts.notifier.run(), name="notifications"),
                    tasks.create_task(parts.retention.run(), name="retention"),
                    tasks.create_task(parts.anchor.run(), name="audit anchor"),
                    tasks.create_task(parts.reconciler.run(), name="reconciliation"),
                    tasks.create_task(parts.rollouts.run(), name="roll-outs"),
                ]
                if parts.ais is not None:
                    owned.append(tasks.create_task(parts.ais.run(), name="AIS"))
                if parts.subscriber is not None:
                    owned.append(tasks.create_task(parts.subscriber.run(), name="broker"))
                    owned.append(tasks.create_task(parts.dispatcher.run(), name="commands"))
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
