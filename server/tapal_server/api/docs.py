"""The description of the API, as a document and as a page; for everybody, or for who is signed in."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.params import Depends
from fastapi.responses import HTMLResponse, JSONResponse

__all__ = ["DOCS", "install"]

DOCS, DESCRIPTION = "/api/docs", "/api/openapi.json"


def install(app: FastAPI, guard: list[Depends]) -> None:
    """Add both; the guard decides who may read them.

    They ask the request for the application: FastAPI remembers endpoints for as long as the process runs, and one that
    held the application would keep each that was ever made.
    """

    @app.get(DESCRIPTION, include_in_schema=False, dependencies=guard)
    def description(request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    @app.get(DOCS, include_in_schema=False, dependencies=guard)
    def page(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(openapi_url=DESCRIPTION, title=f"{request.app.title} API")
