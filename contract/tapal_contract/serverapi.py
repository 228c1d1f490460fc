"""A server's API, for commands that work with one from elsewhere."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from tapal_contract.errors import TapalError

ANSWER_S = 120.0
LARGEST = 32 * 1024 * 1024
PAGE = 100


class Asks(Protocol):
    """Whoever can ask a server for JSON."""

    def json(self, path: str, **query: Any) -> Any:
        """The answer to a GET."""


def pages(api: Asks, path: str, **wanted: Any) -> Iterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    number = pages = 1
    while number <= pages:
        page = api.json(path, **wanted, page=number, size=PAGE)
        yield from page["items"]
        number, pages = number + 1, page["pages"]


@dataclass(frozen=True, slots=True)
class ServerApi:
    """A server, with a token of its own.

    Raises:
        TapalError: from every method, where it does not answer or refuses; and for an address that cannot be one.
    """

    server: str
    token: str

    def __post_init__(self) -> None:
        if urlsplit(self.server).scheme not in {"http", "https"} or not urlsplit(self.server).netloc:
            raise TapalError(f"server {self.server!r} is not an address like https://tapal.example: give its full URL")
        if not self.token:
            raise TapalError("no API token: make one on the server and give it in TAPAL_TOKEN")

    def json(self, path: str, **query: str | int | list[str]) -> Any:
        """The answer to a GET."""
        return self._read(self.raw(f"{path}?{urlencode(query, doseq=True)}" if query else path))

    def raw(self, path: str) -> bytes:
        """The body of a GET."""
        return self._ask(path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to JSON that is posted."""
        return self._read(self._ask(path, json.dumps(body).encode()))

    def upload(self, path: str, content: bytes) -> Any:
        """The answer to bytes that are posted."""
        return self._read(self._ask(path, content, kind="application/octet-stream"))

    def _ask(self, path: str, body: bytes | None = None, *, kind: str = "application/json") -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = Request(f"{self.server.rstrip('/')}/api/v1{path}", data=body, headers=headers)  # noqa: S310 - the scheme was checked
        with self._explained(), urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - as above
            content: bytes = answer.read(LARGEST)
        return content

    def _read(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError as error:
            raise TapalError(
                f"server {self.server!r} does not answer as a server of Tapal: check its address"
            ) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except HTTPError as error:
            raise TapalError(f"server {self.server!r} refuses: {_detail(error)}") from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise TapalError(f"server {self.server!r} does not answer ({error}): check its address") from error


def _detail(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read(100_000))["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}; check the token and its scopes"
