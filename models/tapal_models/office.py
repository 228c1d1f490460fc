"""A server's API, as far as models are rolled out over it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from tapal_contract.errors import TapalError

ANSWER_S = 120.0
LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Office:
    """A server, with a token of its own (scopes: see, settings)."""

    server: str
    token: str

    def __post_init__(self) -> None:
        if urlsplit(self.server).scheme not in {"http", "https"} or not urlsplit(self.server).netloc:
            raise TapalError(f"server {self.server!r} is not an address like https://tapal.example: give its full URL")
        if not self.token:
            raise TapalError("no API token: make one on the server and give it in TAPAL_TOKEN")

    def upload(self, bundle: bytes) -> dict[str, Any]:
        """Put a bundle into the server's registry."""
        return dict(self._ask("/models", bundle, kind="application/octet-stream"))

    def start(self, model: str, stages: list[list[str]], bounds: dict[str, Any]) -> dict[str, Any]:
        """Begin a roll-out."""
        return dict(self._post("/rollouts", {"model": model, "stages": stages, "bounds": bounds}))

    def rollouts(self) -> list[dict[str, Any]]:
        """Every roll-out, the newest first."""
        return list(self._ask("/rollouts"))

    def rollout(self, rollout_id: str) -> dict[str, Any]:
        """One roll-out."""
        return dict(self._ask(f"/rollouts/{quote(rollout_id, safe='')}"))

    def change(self, rollout_id: str, step: str) -> dict[str, Any]:
        """Stop it, let it go on, or take it back."""
        return dict(self._post(f"/rollouts/{quote(rollout_id, safe='')}/{step}", {}))

    def fleet(self) -> list[dict[str, Any]]:
        """Which model each node uses."""
        return list(self._ask("/fleet"))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask(path, json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None = None, *, kind: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = Request(f"{self.server.rstrip('/')}/api/v1{path}", data=body, headers=headers)  # noqa: S310 - the scheme was checked
        with self._explained(), urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - as above
            return json.loads(answer.read(LARGEST))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except HTTPError as error:
            raise TapalError(f"server {self.server!r} refuses: {_detail(error)}") from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise TapalError(f"server {self.server!r} does not answer ({error}): check its address") from error
        except ValueError as error:
            raise TapalError(
                f"server {self.server!r} does not answer as a server of Tapal: check its address"
            ) from error


def _detail(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read(100_000))["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}; check the token and its scopes"
