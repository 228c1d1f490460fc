"""The HTTP side: API under /api/v1, health, and whatever is mounted beside them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import metadata

from fastapi import FastAPI
from fastapi.params import Depends

from tapal_server.api import (
    alerts,
    audit,
    cameras,
    cases,
    clips,
    desk,
    docs,
    enrolment,
    examples,
    feeds,
    gates,
    metrics,
    models,
    notify,
    observed,
    oidc,
    passages,
    people,
    planned,
    problems,
    reconciliation,
    reports,
    review,
    running,
    sessions,
    vessels,
    voyages,
)
from tapal_server.api.access import signed_in
from tapal_server.api.headers import OwnPages, SecurityHeaders
from tapal_server.api.limits import BodyLimit
from tapal_server.errors import NotFoundError
from tapal_server.parts import Parts
from tapal_server.settings import OpenTo

__all__ = ["build_app"]

PARTS = (
    enrolment,
    sessions,
    alerts,
    cases,
    observed,
    clips,
    gates,
    cameras,
    passages,
    feeds,
    voyages,
    vessels,
    planned,
    reconciliation,
    desk,
    notify,
    reports,
    people,
    audit,
    models,
    review,
    running,
)
API = "/api/v1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
DESCRIPTION = """
Border crossings that the passage log does not know about, found and judged.

Sign in with `POST /sessions`, or make an API token, and send it as `Authorization: Bearer`.
Lists are paged (`page`, `size`), filtered and sorted; errors are problem documents (RFC 9457).
"""


def build_app(parts: Parts, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """The application without the console."""
    app = FastAPI(
        title="Tapal",
        version=metadata.version("tapal"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.parts = parts
    problems.install(app)
    app.add_middleware(BodyLimit, largest=parts.settings.http.longest_upload_mb * 1024 * 1024)
    app.add_middleware(OwnPages, public_url=parts.settings.http.public_url)
    app.add_middleware(SecurityHeaders, secure=parts.settings.http.is_secure, tiles=parts.settings.http.map_tiles)
    for part in PARTS:  # into the app itself: of a router inside a router all routes are made twice
        app.include_router(part.router, prefix=API)
    app.add_api_route(f"{API}/{{path:path}}", _nothing_here, methods=_METHODS, include_in_schema=False)
    if parts.settings.oidc is not None:
        app.include_router(oidc.router(oidc.built(parts, parts.settings.oidc)), include_in_schema=False)
        app.state.sign_in_elsewhere = oidc.START
    app.include_router(running.router, include_in_schema=False)
    app.include_router(metrics.router, dependencies=_guard(parts, "metrics"))
    docs.install(app, _guard(parts, "docs"))
    examples.install(app)
    return app


def _guard(parts: Parts, what: OpenTo) -> list[Depends]:
    """What has to hold before strangers read this: nothing, or that they are none."""
    return [] if what in parts.settings.http.open_to_all else [signed_in]


def _nothing_here(path: str) -> None:
    """Whatever else is asked of the API is no page of the console."""
    raise NotFoundError(f"there is nothing at /api/v1/{path[:100]}; see /api/docs")
