"""A small OpenID Connect provider on a real port: everybody who comes is whoever `claims` says."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.services import free_port
from tests.support.serving import served_at

__all__ = ["CLIENT", "SECRET", "Provider", "provider"]

CLIENT, SECRET = "tapal", "s3cret-of-the-client"


class Provider:
    """Checks what a provider has to check; `claims` and `lie` change what it says of people."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
        self.published = [self.key]
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "sari"}
        self.lie: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        self.refusals: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"}, private=True)
        self.published = [self.key]

    async def _configuration(self, _: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse(
            {"issuer": self.lie.get("issuer", self.issuer)}
            | {name: f"{self.issuer}/{path}" for name, path in names.items()}
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        wanted = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()) or "openid" not in asked["scope"]:
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        if "error" in self.lie:
            return RedirectResponse(
                f"{asked['redirect_uri']}?{urlencode({'error': self.lie['error'], 'state': asked['state']})}"
            )
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        form = dict(await request.form())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(str(form.get("code")), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest())
        checks = {
            "client": request.headers.get("authorization") == f"Basic {basic}",
            "code": asked is not None,
            "verifier": asked is not None and proof.rstrip(b"=").decode() == asked["code_challenge"],
            "redirect": asked is not None and form.get("redirect_uri") == asked["redirect_uri"],
        }
        if asked is None or not all(checks.values()):
            self.refusals += [name for name, fine in checks.items() if not fine]
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.claims | {name: value for name, value in self.lie.items() if name not in {"error", "issuer"}}
        header = {"alg": "RS256", "kid": self.key.kid}
        token = jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextmanager
def provider() -> Iterator[Provider]:
    """Run it in a thread of this process."""
    port = free_port()
    made = Provider(port)
    with served_at(made.app(), port, ws="none"):
        yield made
