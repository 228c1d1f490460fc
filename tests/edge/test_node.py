"""A node from its configuration to its messages, on real video with the default model."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_contract.events import Crossing, parse_event
from tapal_edge import node
from tapal_edge.cli import app
from tapal_edge.config import load
from tests.edge.office import Office
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

START = "2026-03-02T06:00:00+08:00"


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """The first 5 seconds of a real recording, in which one person crosses, to the left."""
    path = tmp_path_factory.mktemp("walk") / "walk.avi"
    video = cv2.VideoCapture(str(shared / "data/pets09-s2l1.avi"))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (768, 576))
    for _ in range(30):
        writer.write(video.read()[1])
    writer.release()
    return path


def configuration(folder: Path, source: Path, extra: str = "", camera: str = "") -> Path:
    path = folder / "edge.yaml"
    path.write_text(
        f"""\
node: node
site: site
data_dir: {folder / "data"}
size: 480
{extra}
cameras:
  - id: yard
    source: {source}
    labels: [person]
    lines:
      - {{id: gate, from: [0.45, 0.24], to: [0.45, 0.56]}}
    zones:
      - {{id: west, kind: counter, polygon: [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}}
{camera}
"""
    )
    return path


@pytest.mark.shared
def test_a_recording_becomes_lines_of_the_contract(tmp_path: Path, walk: Path) -> None:
    out = tmp_path / "events.jsonl"
    config = configuration(tmp_path, walk)
    command = ["run", "--config", str(config), "--no-mqtt", "--events-out", str(out), "--start", START]
    assert CliRunner().invoke(app, command).exit_code == 0

    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    frames = [row.pop("frame") for row in rows]
    events = [parse_event(json.dumps(row)) for row in rows]
    crossings = [(event, frame) for event, frame in zip(events, frames, strict=True) if isinstance(event, Crossing)]
    assert [(event.line, event.direction, event.label) for event, _ in crossings] == [("gate", "outbound", "person")]
    crossing, frame = crossings[0]
    assert 10 <= frame <= 13
    assert crossing.time.timestamp() == pytest.approx(1772402400 + frame / 10, abs=0.11)
    assert not (tmp_path / "data").exists(), "without a broker nothing is kept"


@pytest.mark.shared
@pytest.mark.services
async def test_a_recording_reaches_the_server_with_its_picture(tmp_path: Path, walk: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        config = load(configuration(tmp_path, walk, extra=f"mqtt: {{url: {broker.url}}}"))
        office = Office()
        async with office.open(broker.port):
            count = await node.run(config, node.Options())
            await office.until(lambda: len(office.events) == count)
    crossing = next(event for event in office.events if isinstance(event, Crossing))
    assert crossing.direction == "outbound"


@pytest.mark.shared
@pytest.mark.services
async def test_a_looped_file_runs_like_a_camera_until_told_to_stop(tmp_path: Path, walk: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        path = configuration(tmp_path, walk, extra=f"mqtt: {{url: {broker.url}}}", camera="    loop: true\n    fps: 20")
        office = Office()
        async with office.open(broker.port):
            command = [sys.executable, "-m", "tapal.cli", "edge", "run", "--config", str(path)]
            process = await asyncio.create_subprocess_exec(*command, env=os.environ | {"PYTHONWARNINGS": "default"})
            try:
                crossings: list[Crossing] = []

                def twice_with_picture() -> bool:
                    crossings[:] = [event for event in office.events if isinstance(event, Crossing)]
                    return len(crossings) >= 2 and bool(office.media)

                await office.until(twice_with_picture)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
            await office.until(lambda: office.states[-1].state == "offline")
    assert office.events[0].type == "camera"
    assert office.media_before_event == 0
    picture = cv2.imdecode(np.frombuffer(next(iter(office.media.values())), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (576, 768, 3)


@pytest.mark.shared
def test_check_tries_everything_and_fails_aloud(tmp_path: Path, walk: Path) -> None:
    good = CliRunner().invoke(app, ["check", "--config", str(configuration(tmp_path, walk)), "--json"])
    assert good.exit_code == 0
    assert json.loads(good.stdout)["good"]
    second = "  - {id: gone, source: /nowhere.mp4}"
    bad = CliRunner().invoke(app, ["check", "--config", str(configuration(tmp_path, walk, camera=second))])
    assert bad.exit_code == 1
    assert "FAIL  camera gone: camera 'gone': /nowhere.mp4: No such file or directory; check the path" in bad.stdout
    assert "ok    camera yard" in bad.stdout


async def test_a_recording_that_is_missing_ends_the_run_in_one_sentence(tmp_path: Path) -> None:
    config = load(configuration(tmp_path, tmp_path / "none.mp4"))
    with pytest.raises(TapalError, match=r"camera 'yard': .*none.mp4: No such file"):
        await node.run(config, node.Options(mqtt=False))


async def test_a_label_the_model_lacks_names_the_line(tmp_path: Path) -> None:
    path = configuration(tmp_path, tmp_path / "none.mp4")
    path.write_text(path.read_text().replace("[person]", "[person, unicorn]"))
    with pytest.raises(TapalError, match=r"line 9, cameras\[0\].labels\[1\]: .*'unicorn'"):
        await node.run(load(path), node.Options(mqtt=False, config_path=path))


def test_a_provider_the_machine_lacks_is_replaced_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = load(configuration(tmp_path, tmp_path, extra="provider: tensorrt"))
    assert node.load_detector(config).provider == "cpu"
    assert "provider tensorrt is not available" in caplog.text


async def test_without_a_broker_it_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(TapalError, match="--no-mqtt"):
        await node.run(load(configuration(tmp_path, tmp_path)), node.Options())
