"""``tapal demo`` as a newcomer runs it: it comes up, shows an alert with its picture, and Ctrl-C stops all of it."""

import re
import signal
import subprocess
import sys
import time

import pytest

from tests.e2e.system import Api
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port


def wait_for(pattern: str, log, process) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        text = log.read_text(errors="replace")
        found = re.search(pattern, text)
        if found:
            return found.group(1)
        assert process.poll() is None, text
        assert time.monotonic() < deadline, text
        time.sleep(0.2)


@pytest.mark.timeout(420)
def test_the_demo_shows_an_alert_with_its_picture_and_stops_cleanly(tmp_path):
    log, port = tmp_path / "demo.log", free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tapal", "demo", "--port", str(port), "--data", str(tmp_path / "demo")],
            stdout=output,
            stderr=output,
        )
    try:
        password = wait_for(r"password (\S+)", log, process)
        address = wait_for(r"Console\s+(http://\S+)", log, process)
        assert address == f"http://127.0.0.1:{port}"
        session = Api(address).ask("/api/v1/sessions", {"name": "petugas", "password": password})
        api = Api(address, session["token"])
        alerts = api.until("/api/v1/alerts", lambda answer: answer["items"], seconds=PATIENCE_S)["items"]
        alert = alerts[0]
        assert alert["site"] == "demo-pier"
        assert alert["probability"] > 0.5
        assert api.raw(f"/api/v1/media/{alert['event_ids'][0]}").startswith(b"\xff\xd8")
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(60)
    text = log.read_text()
    assert status == 0, text
    assert "Everything has stopped." in text
    assert "Traceback" not in text
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--source", "no-such.mp4"], "'no-such.mp4' is no file", id="no-such-source"),
        pytest.param(["--source", "0", "--line", "1,2"], "--line '1,2' is not a line", id="bad-line"),
        pytest.param(["--line", "0,0,1,1"], "--line belongs to --source", id="line-without-source"),
    ],
)
def test_bad_input_is_one_sentence(arguments, says):
    run = subprocess.run(
        [sys.executable, "-m", "tapal", "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert run.returncode == 2
    assert says in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_taken_port_names_the_remedy():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            [sys.executable, "-m", "tapal", "demo", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    assert run.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken; choose another with --port" in run.stderr
