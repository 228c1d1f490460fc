"""Units, container and compose files say what the program offers; systemd hears how the server does."""

import asyncio
import json
import re
import shlex
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
import uvicorn
import yaml

from tapal_contract import yamlfile
from tapal_server import pauses, serving
from tapal_server.cli import app
from tapal_server.settings import Settings
from tests.support.patience import PATIENCE_S
from tests.support.units import exposure_of

WORDS = re.compile(r"tapal server ([a-z-]+)(?: --config ([\w/.]+))?")


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    """The compose file, its services only."""
    services: dict[str, Any] = yaml.safe_load((root / "server" / "compose.yaml").read_text())["services"]
    return services


@pytest.fixture
def example(root: Path) -> Settings:
    """The settings that go with the compose file."""
    return yamlfile.load(root / "server" / "examples" / "compose" / "server.yaml", Settings).relative_to(
        Path("/etc/tapal")
    )


@pytest.fixture
def containerfile(root: Path) -> str:
    return (root / "server" / "Containerfile").read_text()


@pytest.fixture
def ears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd would hear."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        yield listening


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that starts and stops."""
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def test_systemd_hears_that_it_listens_lives_and_ends(ears: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "build_server", lambda _settings: nothing)
    server = serving.server_of(Settings.model_validate({"http": {"port": 0}}))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="server")
    thread.start()
    try:
        assert ears.recv(100) == b"READY=1"
        assert server.started
        assert [ears.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    finally:
        server.should_exit = True
    last = ears.recv(100)
    while last == b"WATCHDOG=1":
        last = ears.recv(100)
    thread.join(PATIENCE_S)
    assert last == b"STOPPING=1"


def test_what_lives_is_set_aside_when_the_server_listens_and_when_its_correlator_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    begun = threading.Event()
    monkeypatch.setattr(pauses, "set_aside", lambda: told.append("again" if begun.is_set() else "first"))
    server = serving._Server(uvicorn.Config(nothing, port=0), begun.is_set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="server")
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not told and time.monotonic() < deadline:
            time.sleep(0.01)
        begun.set()
        while "again" not in told and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert told == ["first", "again"]


def test_the_unit_is_sound_and_hardened(root: Path, tmp_path: Path) -> None:
    assert exposure_of(root / "server" / "systemd" / "tapal-server.service", tmp_path) < 2.5


def test_what_unit_and_container_run_exists(root: Path, containerfile: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # typer makes a click group
    unit = (root / "server" / "systemd" / "tapal-server.service").read_text()
    for text in (unit, containerfile.partition("\nCMD ")[2]):
        found = WORDS.findall(text)
        assert [name for name, _ in found] == ["migrate", "run"]
        assert {config for _, config in found} == {"/etc/tapal/server.yaml"}
        for name, _ in found:
            assert "--config" in {option for parameter in known[name].params for option in parameter.opts}


def test_the_container_is_built_from_what_there_is(root: Path, containerfile: str) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    asked = re.search(r"'/src\[([^\]]+)\]'", containerfile)
    assert asked is not None
    assert set(asked[1].split(",")) <= set(project["project"]["optional-dependencies"])
    let_in = {line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], *project["project"]["license-files"]}
    needed |= {project["project"]["readme"], "pyproject.toml"}
    assert {name for name in needed if name.partition("/")[0] not in let_in} == set()
    assert {name for name in let_in if not (root / name).exists()} == set()


def test_the_compose_file_builds_that_container(root: Path, compose: dict[str, Any]) -> None:
    build = compose["server"]["build"]
    context = (root / "server" / build["context"]).resolve()
    assert context == root
    assert (context / build["dockerfile"]) == root / "server" / "Containerfile"


def test_both_ask_alike_whether_the_server_answers(compose: dict[str, Any], containerfile: str) -> None:
    asked = re.search(r"HEALTHCHECK .*\\\n  CMD (\[.*\])\n", containerfile)
    assert asked is not None
    assert compose["server"]["healthcheck"]["test"] == ["CMD", *json.loads(asked[1])]


def test_the_server_of_the_compose_file_finds_what_it_needs(
    compose: dict[str, Any], example: Settings, containerfile: str
) -> None:
    own, database, broker = (compose[name] for name in ("server", "database", "broker"))
    url = urlsplit(example.database or "")
    assert (url.hostname, url.username) == ("database", database["environment"]["POSTGRES_USER"])
    assert url.path == f"/{database['environment']['POSTGRES_DB']}"
    assert example.mqtt is not None
    assert (urlsplit(example.mqtt.url).hostname, urlsplit(example.mqtt.url).port) == ("broker", 1883)
    assert f"data:{example.data_dir}" in own["volumes"]
    mounted = Path("/etc/tapal")
    assert f"./etc/server:{mounted}:ro" in own["volumes"]
    assert {example.sites.parent, example.database_password_file, example.mqtt.password_file} == {
        mounted,
        mounted / "database-password",
        mounted / "broker-password",
    }
    # nobody outside a container reaches what listens on its own loopback
    assert example.http.host == "0.0.0.0"
    assert own["ports"] == [f"127.0.0.1:{example.http.port}:{example.http.port}"]
    assert f"EXPOSE {example.http.port}\n" in containerfile
    assert f"http://127.0.0.1:{example.http.port}/health" in containerfile
    assert own["read_only"]
    assert (own["cap_drop"], own["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert broker["ports"] == ["8883:8883"], "what comes from outside comes over TLS"


def test_the_broker_of_the_compose_file_lets_nobody_in_without_a_password(root: Path, compose: dict[str, Any]) -> None:
    text = (root / "server" / "examples" / "compose" / "mosquitto.conf").read_text()
    lines = [shlex.split(line, comments=True) for line in text.splitlines() if line and not line.startswith("#")]
    assert ["allow_anonymous", "false"] in lines
    (where,) = (mount.split(":")[1] for mount in compose["broker"]["volumes"] if "./etc/broker" in mount)
    files = {key: value for key, value, *_ in lines if key in {"password_file", "certfile", "keyfile"}}
    assert len(files) == 3
    assert {str(Path(value).parent) for value in files.values()} == {where}
    secure = lines.index(["listener", "8883"])
    assert secure < min(lines.index([key, files[key]]) for key in ("certfile", "keyfile"))
