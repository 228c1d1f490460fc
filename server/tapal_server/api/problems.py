"""Errors as problem documents (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from tapal_contract.errors import TapalError
from tapal_server.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    SignInError,
    TooManyAttemptsError,
)

__all__ = ["PROBLEMS", "FieldProblem", "Problem", "install"]

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_STATUS: dict[type[TapalError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    ConflictError: 409,
    SignInError: 401,
    TooManyAttemptsError: 429,
}


class FieldProblem(BaseModel):
    """A value that cannot be used."""

    field: str
    reason: str


class Problem(BaseModel):
    """What went wrong, for people (`detail`) and programs (`type`, `errors`)."""

    type: str = Field("about:blank", examples=["urn:tapal:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["alert 'a1' is not known"])
    errors: list[FieldProblem] = []


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": HTTPStatus(code).phrase, "content": {MEDIA_TYPE: {}}}
    for code in (400, 401, 403, 404, 409, 413, 415, 422, 429)
}


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    app.add_exception_handler(TapalError, _tapal)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def respond(
    status: int, detail: str, *, kind: str | None = None, errors: list[FieldProblem] | None = None
) -> JSONResponse:
    """A problem document."""
    title = HTTPStatus(status).phrase
    kind = kind or title.lower().replace(" ", "-")
    problem = Problem(type=f"urn:tapal:problem:{kind}", title=title, status=status, detail=detail, errors=errors or [])
    return JSONResponse(problem.model_dump(), status_code=status, media_type=MEDIA_TYPE)


async def _tapal(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ForbiddenError):
        who = getattr(request.state, "asked_by", None)
        log.warning("refused: %r asked for %s %r", who, request.method, request.url.path[:200])
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 422)
    errors = []
    if isinstance(error, InvalidError) and error.field:
        errors.append(FieldProblem(field=error.field, reason=str(error)))
    response = respond(status, str(error), errors=errors)
    if isinstance(error, TooManyAttemptsError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldProblem(field=".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]), reason=one["msg"])
        for one in error.errors()
    ]
    first = errors[0]
    # The value stays out of the log: it may be a password, or a document's number.
    who, path = getattr(request.state, "asked_by", None), request.url.path[:200]
    log.info("not taken: %r sent %s %r with a wrong %.60r", who, request.method, path, first.field)
    return respond(422, f"{first.field}: {first.reason}", kind="invalid", errors=errors[:50])


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    response = respond(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return respond(500, "the server failed at this; it is in its log")
