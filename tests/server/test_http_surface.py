"""What strangers and other sites' pages may do over HTTP, and what a browser is told about our cookie."""

import gc
import io
import json
import logging
import re
import sys
import time
import weakref

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from tapal_server import logs
from tapal_server.api.headers import OwnPages
from tapal_server.bootstrap import build_server
from tapal_server.people.passwords import Passwords
from tapal_server.settings import HttpSettings
from tests.server.conftest import PASSWORD, QUICK
from tests.support.patience import PATIENCE_S

V1 = "/api/v1"
OFFICE = "https://office.example"
SARI = {"name": "sari", "password": PASSWORD}


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def serve(settings, clock, people):
    """A server with these settings of HTTP, as a browser reaches it."""
    apps = []

    def started(*, console=False, **http) -> TestClient:
        chosen = settings.model_copy(update={"http": HttpSettings(**http)})
        app = build_server(chosen, clock=clock, passwords=Passwords(QUICK), console=console)
        apps.append(app)
        return TestClient(app, base_url=http.get("public_url", "http://testserver"), follow_redirects=False)

    yield started
    for app in apps:
        app.state.parts.database.close()


def test_over_tls_no_neighbouring_host_can_set_our_cookie(serve):
    client = serve(public_url=OFFICE)
    answer = client.post(f"{V1}/sessions", json=SARI)
    name, _, kept = answer.headers["set-cookie"].partition("=")
    said = {part.strip().lower() for part in kept.split(";")[1:]}
    assert name == "__Host-tapal_session"
    assert {"secure", "httponly", "path=/", "samesite=strict"} <= said
    assert not any(part.startswith("domain") for part in said)
    assert client.get(f"{V1}/sessions/current").status_code == 200
    client.cookies.clear()
    planted = {"Cookie": f"tapal_session={answer.json()['token']}"}
    assert client.get(f"{V1}/sessions/current", headers=planted).status_code == 401, "set by who knows whom"


def test_over_tls_no_neighbouring_host_chooses_our_language(serve, root):
    client = serve(public_url=OFFICE, console=True)

    def spoken(cookie: str) -> str:
        return re.search(r'<html lang="(\w+)"', client.get("/sign-in", headers={"Cookie": cookie}).text)[1]

    assert [spoken(f"__Host-tapal_language={code}") for code in ("id", "en")] == ["id", "en"]
    assert spoken("tapal_language=en") == spoken("tapal_language=id")
    script = (root / "server/tapal_server/console/static/console.js").read_text(encoding="utf-8")
    assert script.count("document.cookie =") == 1, "all are named by one line"
    assert '(secure ? "__Host-" : "")' in script


def test_pages_take_no_messages_of_other_pages(root):
    """Nothing to check the origin of: no script of ours listens to postMessage, in a page or in the worker."""
    scripts = list((root / "server/tapal_server/console/static").glob("*.js"))
    assert len(scripts) >= 4
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"""onmessage|postMessage|addEventListener\(\s*["'`]message""", text), script.name


def test_the_page_gives_the_same_cookie_as_the_api(serve):
    client = serve(public_url=OFFICE, console=True)
    answer = client.post("/sign-in", data={"username": "sari", "password": PASSWORD}, headers={"Origin": OFFICE})
    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("__Host-tapal_session=")
    assert client.get(f"{V1}/sessions/current").json()["name"] == "sari"
    answer = client.post("/sign-out", headers={"Origin": OFFICE})
    assert (answer.headers["clear-site-data"], "__Host-tapal_session" in client.cookies) == ('"cache"', False)


def test_signing_out_clears_what_the_browser_kept(serve):
    client = serve(public_url=OFFICE)
    client.post(f"{V1}/sessions", json=SARI)
    answer = client.delete(f"{V1}/sessions/current", headers={"Origin": OFFICE})
    assert (answer.status_code, answer.headers["clear-site-data"]) == (204, '"cache"')
    assert "__Host-tapal_session" not in client.cookies


def test_signing_in_again_ends_the_session_before(serve):
    client = serve()
    first = client.post(f"{V1}/sessions", json=SARI).json()["token"]
    second = client.post(f"{V1}/sessions", json=SARI).json()["token"]
    client.cookies.clear()
    statuses = [
        client.get(f"{V1}/sessions/current", headers={"Authorization": f"Bearer {token}"}).status_code
        for token in (first, second)
    ]
    assert statuses == [401, 200]


def test_descriptions_and_counts_are_open_only_where_the_office_says_so(serve):
    paths = ("/api/docs", "/api/openapi.json", "/metrics")
    open_to_all, shut = serve(), serve(open_to_all=())
    assert [open_to_all.get(path).status_code for path in paths] == [200, 200, 200]
    assert [shut.get(path).status_code for path in paths] == [401, 401, 401]
    shut.post(f"{V1}/sessions", json=SARI)
    assert [shut.get(path).status_code for path in paths] == [200, 200, 200]


def test_a_refused_request_is_in_the_log_with_who_asked(serve, caplog):
    client = serve()
    client.post(f"{V1}/sessions", json=SARI)
    with caplog.at_level(logging.WARNING, "tapal_server.api.problems"):
        assert client.get(f"{V1}/users").status_code == 403
    assert caplog.messages == ["refused: 'sari' asked for GET '/api/v1/users'"]


def test_attempts_to_get_round_a_control_are_in_the_log_without_what_was_sent(serve, caplog):
    client = serve(longest_upload_mb=1)
    client.post(f"{V1}/sessions", json=SARI)
    with caplog.at_level(logging.INFO, "tapal_server.api"):
        assert client.delete(f"{V1}/sessions/current", headers={"Origin": "https://evil.example"}).status_code == 403
        own = {"Origin": "http://testserver"}
        assert client.put(f"{V1}/me/password", json={"old": PASSWORD, "new": 7}, headers=own).status_code == 422
        assert client.post(f"{V1}/passages?source=x", content=b"[" * 2**21, headers=own).status_code == 413
    assert caplog.messages == [
        "refused: 'sari' asked for DELETE '/api/v1/sessions/current'",
        "not taken: 'sari' sent PUT '/api/v1/me/password' with a wrong 'new'",
        "refused: POST '/api/v1/passages' with a body of more than 1048576 bytes",
    ]


def test_whoever_asks_without_end_is_in_the_log_but_cannot_fill_it(serve, caplog):
    client = serve(calls_per_minute=2, stranger_calls_per_minute=2)
    client.post(f"{V1}/sessions", json=SARI)
    with caplog.at_level(logging.WARNING, "tapal_server.rates"):
        assert {client.get(f"{V1}/sessions/current").status_code for _ in range(30)} == {200, 429}
        client.cookies.clear()
        assert {client.get(f"{V1}/sessions/current").status_code for _ in range(30)} == {401, 429}
    assert [message.split(":")[0] for message in caplog.messages] == ["slowed down"] * 2
    assert "'sari' asks too often" in caplog.messages[0]


def test_browsers_keep_no_answers_of_the_api(serve):
    client = serve()
    client.post(f"{V1}/sessions", json=SARI)
    assert client.get(f"{V1}/alerts").headers["cache-control"] == "no-store"


async def _greet(socket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


OURS = {"Host": "office.example", "Origin": "https://office.example"}


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        pytest.param(OURS, True, id="our-page"),
        pytest.param({"Host": "10.0.0.7:8080", "Origin": "https://office.example"}, True, id="our-page-behind-a-proxy"),
        pytest.param({"Host": "office.example"}, True, id="a-program"),
        pytest.param(OURS | {"Origin": "https://evil.example"}, False, id="another-site"),
        pytest.param(OURS | {"Origin": "https://office.example.evil.example"}, False, id="a-name-like-ours"),
        pytest.param(OURS | {"Origin": "null"}, False, id="a-page-without-origin"),
        pytest.param(OURS | {"Origin": ""}, False, id="an-empty-origin"),
    ],
)  # fmt: skip
def test_only_our_own_pages_get_a_live_connection(headers, passes):
    plain = Starlette(routes=[WebSocketRoute("/_nicegui_ws/socket.io/", _greet)])
    client = TestClient(OwnPages(plain, public_url=OFFICE), base_url="http://office.example")
    if passes:
        with client.websocket_connect("/_nicegui_ws/socket.io/", headers=headers) as socket:
            assert socket.receive_text() == "hello"
    else:
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/_nicegui_ws/socket.io/", headers=headers),
        ):
            pass


def test_the_consoles_live_connection_is_guarded(serve):
    client = serve(console=True)
    asked = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert client.get(asked, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.get("/sign-in", headers={"Origin": "https://evil.example"}).status_code == 200, "an ordinary link"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(asked, headers={"Origin": "https://evil.example"}),
    ):
        pass


def test_nothing_that_others_say_can_forge_an_entry_of_the_log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines())
    logger = logging.getLogger("tapal_server.test")
    logger.addHandler(handler)
    logger.propagate = False
    logger.warning("node %s", "x\n2026-03-02T06:00:00.000Z INFO tapal_server.audit: all is well\r\nand\x85more\u2028")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("WARNING tapal_server.test: node x")
    assert [line for line in rest if not line.startswith("    ")] == []
    assert first[:24].endswith("Z"), "in UTC"


def test_a_log_for_programs_is_an_object_a_line():
    said = 'x\n{"level": "INFO"}\u2028 "y"'
    try:
        int(said)
    except ValueError:
        trouble = sys.exc_info()
    record = logging.LogRecord("tapal_server.test", logging.ERROR, __file__, 1, "node %s", (said,), trouble)
    (line,) = logs.Json().format(record).splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["part"], entry["message"]) == ("ERROR", "tapal_server.test", f"node {said}")
    assert entry["at"].endswith("Z")
    assert entry["trace"].startswith("Traceback")


def test_an_office_that_is_done_with_is_forgotten(settings, clock, people):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    assert TestClient(app).get("/api/openapi.json").status_code == 200
    app.state.parts.database.close()
    office, deadline = weakref.ref(app), time.monotonic() + PATIENCE_S
    del app
    gc.collect()
    while office() is not None and time.monotonic() < deadline:
        time.sleep(0.05)  # the thread in which the client answered is on its way out
        gc.collect()
    assert office() is None, "kept by what remembers endpoints: each test's office would fill the memory"
