"""The two addresses of a sign-in at the office's own provider: there, and back again."""

import logging
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.api.access import client_of, is_secure
from tapal_server.errors import SignInError
from tapal_server.parts import Parts
from tapal_server.people.oidc import LASTS_S, OidcError, OidcSignIn
from tapal_server.settings import OidcSettings
from tapal_server.web import keep_session, local_path, name_of

__all__ = ["BACK", "START", "built", "router"]

START, BACK = "/oidc/start", "/oidc/return"
BEGUN = "tapal_oidc"
LONGEST_PATH = 1000  # it travels in a cookie
log = logging.getLogger(__name__)

# Both languages at once: nobody has chosen one before signing in.
_SAID = {
    "away": ("Layanan masuk kantor tidak menjawab.", "The office's sign-in service does not answer."),
    "refused": ("Layanan masuk kantor menolak.", "The office's sign-in service refused."),
    "stale": ("Waktu masuk sudah lewat. Mulai lagi.", "This sign-in is no longer valid. Begin again."),
    "wrong": ("Jawaban layanan masuk tidak dapat dipercaya.", "The sign-in service's answer cannot be believed."),
    "no_role": ("Akun Anda tidak punya peran di sini.", "Your account has no role here."),
    "unknown": ("Anda tidak punya akun di sini.", "You have no account here."),
}
_STATUS = {"away": 502, "refused": 401, "stale": 400, "wrong": 502, "no_role": 403, "unknown": 403}


def built(parts: Parts, settings: OidcSettings) -> OidcSignIn:
    """The sign-in of these settings; people come back to the server's public address."""
    public = (parts.settings.http.public_url or "").rstrip("/")
    return OidcSignIn(settings, redirect_uri=public + BACK, auth=parts.services.auth, key=parts.keys.get("oidc"))


def router(signing: OidcSignIn) -> APIRouter:
    """Plain redirects: nothing here is a page but what went wrong."""
    routes = APIRouter()

    @routes.get(START)
    def start(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name of the query parameter
        try:
            began = signing.begin(local_path(next, longest=LONGEST_PATH))
        except TapalError as error:
            return _trouble(error)
        answer = RedirectResponse(began.url, status_code=303)
        # Lax, because the provider sends the browser back from another site.
        secure = is_secure(request)
        answer.set_cookie(
            _begun(request), began.sealed, max_age=LASTS_S, httponly=True, samesite="lax", secure=secure, path="/oidc"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.get(BACK)
    def back(request: Request) -> Response:
        try:
            signed, following = signing.finish(
                request.query_params, request.cookies.get(_begun(request)), client=client_of(request)
            )
        except TapalError as error:
            answer: Response = _trouble(error)
        else:
            parts: Parts = request.app.state.parts
            lasts = round(parts.settings.sign_in.session_hours * 3600)
            answer = RedirectResponse(following, status_code=303)
            keep_session(answer, signed.token, lasts_s=lasts, secure=is_secure(request), samesite="lax")
        answer.delete_cookie(_begun(request), path="/oidc", secure=is_secure(request))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return routes


def _begun(request: Request) -> str:
    return name_of(BEGUN, secure=is_secure(request), prefix="__Secure-")


def _trouble(error: TapalError) -> HTMLResponse:
    log.warning("a sign-in through the provider failed: %s", error)
    trouble = (
        error.trouble if isinstance(error, OidcError) else "unknown" if isinstance(error, SignInError) else "wrong"
    )
    lines = "".join(f"<p>{escape(line)}</p>" for line in _SAID[trouble])
    page = (
        '<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>Tapal</title><main>{lines}<p><a href="/sign-in">Masuk / Sign in</a></p></main></html>'
    )
    return HTMLResponse(page, status_code=_STATUS[trouble])
