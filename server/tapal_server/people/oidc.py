"""Signing in through an office's own OpenID Connect provider: code flow with PKCE, state and nonce.

The provider says who somebody is. Whether that person may come in is said here: an account has to exist.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tapal_contract.errors import TapalError
from tapal_server.people.auth import AuthService, Outside, SignedIn
from tapal_server.people.roles import Role
from tapal_server.settings import OidcSettings

__all__ = ["LASTS_S", "Began", "OidcError", "OidcSignIn", "Trouble"]

LASTS_S = 600  # so long may somebody take at the provider
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "pop"})  # RFC 8176, more than a password
_PATIENCE_S = 10.0
_KNOWN_S = 3600.0
_LEEWAY_S = 60

Trouble = Literal["away", "refused", "stale", "wrong", "no_role"]


class OidcError(TapalError):
    """A sign-in at the provider that came to nothing; `trouble` says why in a word."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble


@dataclass(frozen=True, slots=True)
class Began:
    """Where to send the browser, and what it must bring back in a cookie."""

    url: str
    sealed: str


@dataclass(frozen=True, slots=True)
class _Provider:
    authorize: str
    token: str
    keys_url: str
    keys: KeySet
    read_at: float


class OidcSignIn:
    """Begins and finishes sign-ins; asks the provider what it is once an hour. Call it in a thread."""

    def __init__(self, settings: OidcSettings, *, redirect_uri: str, auth: AuthService, key: bytes) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._auth = auth
        self._seal = URLSafeTimedSerializer(key.hex(), salt="oidc")
        self._found: _Provider | None = None

    def begin(self, following: str) -> Began:
        """Start; `following` is where the person wanted to go.

        Raises:
            OidcError: the provider does not answer, or is not the one of the settings.
        """
        provider = self._provider()
        asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._client() as client:
            url, _ = client.create_authorization_url(
                provider.authorize, state=asked["state"], nonce=asked["nonce"], code_verifier=asked["verifier"]
            )
        return Began(str(url), str(self._seal.dumps(asked | {"next": following})))

    def finish(self, answer: Mapping[str, str], sealed: str | None, *, client: str = "") -> tuple[SignedIn, str]:
        """The session of whoever came back, and where they wanted to go.

        Raises:
            OidcError: refused by the provider, too late, not what was begun here, or without a role.
            SignInError: somebody who has no account here.
        """
        began = self._opened(sealed)
        if not secrets.compare_digest(answer.get("state", "").encode(), began["state"].encode()):
            raise OidcError("stale", "this sign-in was not begun in this browser; begin again")
        if "error" in answer:
            raise OidcError("refused", f"the provider refused: {_short(answer['error'])}")
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise OidcError("wrong", f"the answer is of {_short(answer['iss'])}, not of the provider of the settings")
        claims = self._claims(self._id_token(answer.get("code", ""), began["verifier"]), began["nonce"])
        return self._auth.sign_in_outside(self._outside(claims), client=client), began["next"]

    def _opened(self, sealed: str | None) -> dict[str, str]:
        try:
            found: dict[str, str] = self._seal.loads(sealed or "", max_age=LASTS_S)
        except BadData as error:
            raise OidcError("stale", f"a sign-in has to be finished in {LASTS_S // 60} minutes; begin again") from error
        return found

    def _id_token(self, code: str, verifier: str) -> str:
        try:
            with self._client() as client:
                token = client.fetch_token(self._provider().token, code=code, code_verifier=verifier)
        except (AuthlibBaseError, httpx2.HTTPError, ValueError) as error:
            raise OidcError("refused", f"the provider gave no token ({_short(str(error))})") from error
        found = token.get("id_token")
        if not isinstance(found, str):
            raise OidcError("wrong", "the provider gave no ID token; add 'openid' to the scopes of the settings")
        return found

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        settings = self._settings
        try:
            try:
                read = jwt.decode(token, self._provider().keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # perhaps signed with a key that is newer than what is known here
                read = jwt.decode(token, self._provider(again=True).keys, algorithms=ALGORITHMS)
            wanted = jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": settings.issuer},
                aud={"essential": True, "value": settings.client_id},
                nonce={"essential": True, "value": nonce},
                exp={"essential": True},
                sub={"essential": True},
            )
            wanted.validate(read.claims)
        except (JoseError, ValueError) as error:
            raise OidcError("wrong", f"the provider's ID token cannot be believed ({_short(str(error))})") from error
        several = isinstance(read.claims["aud"], list) and len(read.claims["aud"]) > 1
        if several and read.claims.get("azp") != settings.client_id:
            raise OidcError("wrong", "the provider's ID token was made for another program")
        return dict(read.claims)

    def _outside(self, claims: Mapping[str, Any]) -> Outside:
        settings = self._settings
        name = claims.get(settings.name_claim)
        if not isinstance(name, str) or not name:
            raise OidcError("wrong", f"the provider's ID token has no {settings.name_claim!r}; see name_claim")
        said = claims.get("amr")
        strong = isinstance(said, list) and not STRONG.isdisjoint(map(str, said))
        subject = f"{settings.issuer}|{claims['sub']}"
        return Outside(subject=subject[:255], name=name, role=self._role(claims, name), strong=strong)

    def _role(self, claims: Mapping[str, Any], name: str) -> Role | None:
        settings = self._settings
        if settings.role_claim is None:
            return None
        found: Any = claims
        for part in settings.role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        has = {found} if isinstance(found, str) else set(map(str, found)) if isinstance(found, list) else set()
        role = next((role for value, role in settings.roles.items() if value in has), None)
        if role is None:
            raise OidcError("no_role", f"the provider gives {name[:64]!r} no role that the settings know")
        return role

    def _client(self) -> Any:
        settings = self._settings
        secret = settings.client_secret.get_secret_value() if settings.client_secret else None
        return OAuth2Client(
            client_id=settings.client_id,
            client_secret=secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=" ".join(settings.scopes),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=_PATIENCE_S,
        )

    def _provider(self, *, again: bool = False) -> _Provider:
        known = self._found
        if known is not None and not again and time.monotonic() - known.read_at < _KNOWN_S:
            return known
        issuer = self._settings.issuer
        try:
            with httpx2.Client(timeout=_PATIENCE_S) as client:
                told = _json(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if told.get("issuer") != issuer:
                    raise OidcError("away", f"{issuer} calls itself {_short(str(told.get('issuer')))}; correct issuer")
                keys_url = str(told["jwks_uri"])
                keys = KeySet.import_key_set(_json(client, keys_url))  # type: ignore[arg-type]  # checked by it
                found = _Provider(
                    str(told["authorization_endpoint"]), str(told["token_endpoint"]), keys_url, keys, time.monotonic()
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, KeyError, ValueError, TypeError, JoseError) as error:
            raise OidcError("away", f"the provider {issuer} does not answer as one ({type(error).__name__})") from error
        self._found = found
        return found


def _json(client: httpx2.Client, url: str) -> dict[str, Any]:
    answer = client.get(url)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError(f"{url} gives no object")
    return found


def _short(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:120]
