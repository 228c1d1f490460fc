"""How the demo speaks to its server: ready, and passage records in."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tapal.demo.clerk import Row

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class ServerClient:
    """The demo server's API.

    Attributes:
        address: such as ``http://127.0.0.1:8080``.
        token: bearer token that may write passages.
    """

    address: str
    token: str = ""

    def is_ready(self) -> bool:
        """Whether the server has its database, its broker and its correlator."""
        try:
            self._ask("GET", "/api/v1/ready")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def log_passages(self, rows: list[Row]) -> None:
        """Hand passage records over; a refusal raises ``urllib.error.HTTPError``."""
        self._ask("POST", "/api/v1/passages?source=demo", [row.as_json() for row in rows])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - a loopback address the demo made itself
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - see above
            return json.loads(answer.read() or b"null")
