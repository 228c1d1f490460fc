"""A server is asked over its API, or it is said why not."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from tapal_contract.errors import TapalError
from tapal_contract.serverapi import ServerApi


class Answers(http.server.BaseHTTPRequestHandler):
    """Says what it was asked, refuses what is not known, and talks nonsense elsewhere."""

    def do_GET(self) -> None:
        bodies = {
            "/api/v1/fleet?site=a&site=b": (200, f'{{"token": "{self.headers["Authorization"]}"}}'),
            "/api/v1/unknown": (404, '{"detail": "there is no such thing"}'),
            "/api/v1/page": (200, "<html>"),
        }
        self._say(*bodies.get(self.path, (500, "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(201, f'["{self.headers["Content-Type"]}", {body}]')

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def api() -> Iterator[ServerApi]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield ServerApi(f"http://127.0.0.1:{server.server_port}/", "secret")
        server.shutdown()
        thread.join()


def test_it_is_asked_with_the_token_and_told_in_both_kinds(api: ServerApi) -> None:
    assert api.json("/fleet", site=["a", "b"]) == {"token": "Bearer secret"}
    assert api.post("/rollouts", {"model": "a@1"}) == ["application/json", {"model": "a@1"}]
    assert api.upload("/models", b"17") == ["application/octet-stream", 17]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("/unknown", "refuses: there is no such thing", id="its-own-reason"),
        pytest.param("/broken", "500 .*check the token", id="no-reason"),
        pytest.param("/page", "does not answer as a server of Tapal", id="another-server"),
    ],
)
def test_a_refusal_is_passed_on(api: ServerApi, path: str, sentence: str) -> None:
    with pytest.raises(TapalError, match=sentence):
        api.json(path)


@pytest.mark.parametrize(
    ("server", "token", "sentence"),
    [
        ("tapal.example", "t", "is not an address"),
        ("file:///etc/passwd", "t", "is not an address"),
        ("http://127.0.0.1:9", "t", "does not answer"),
        ("http://127.0.0.1:9", "", "no API token"),
    ],
)
def test_a_server_that_cannot_be_asked_is_named(server: str, token: str, sentence: str) -> None:
    with pytest.raises(TapalError, match=sentence):
        ServerApi(server, token).json("/alerts")
