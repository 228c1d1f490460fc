"""What the office asks of a running node, over a real broker, and what it is answered."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import cv2
import numpy as np
import pytest

from tapal_contract.ids import new_id
from tapal_contract.topics import Topic
from tapal_edge import node
from tapal_edge.config import load
from tapal_edge.evidence import Evidence
from tests.edge.office import Office
from tests.support import toymodel
from tests.support.services.mosquitto import Mosquitto, mosquitto

CONFIG = """\
node: node
site: site
data_dir: {folder}/data
model: {folder}/toy.onnx
mqtt: {{url: {url}}}
cameras:
  - id: yard          # the one by the gate
    source: {folder}/video.avi
    loop: true
    lines:
      - {{id: gate, from: [0.5, 0.2], to: [0.5, 0.8]}}
  - id: other
    source: {folder}/video.avi
    loop: true
"""
LINE = {"id": "new", "from": [0.2, 0.2], "to": [0.2, 0.8]}
ZONE = {"id": "desk", "kind": "counter", "polygon": [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]}

pytestmark = pytest.mark.services


def video(path: Path, size: tuple[int, int] = (320, 240), frames: int = 20) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    for number in range(frames):
        writer.write(np.roll(noise, number, axis=1))
    writer.release()
    return path


class Running:
    """A node at work, the office it reports to, and a hand at the broker."""

    def __init__(self, path: Path, office: Office, client: aiomqtt.Client) -> None:
        self.path, self.office, self.client = path, office, client

    async def ask(self, name: str, camera: str | None = "yard", **fields: object):
        """Send a command and wait for its answer."""
        return await self.office.answer(await self.office.command(self.client, name, camera, **fields))

    def camera(self, name: str = "yard"):
        return next(one for one in self.office.health.cameras if one.camera == name)


@asynccontextmanager
async def running(
    folder: Path, *, broker: Mosquitto | None = None, text: str | None = None, extra: str = ""
) -> AsyncIterator[Running]:
    toymodel.save(folder / "toy.onnx")
    video(folder / "video.avi")
    with contextlib.nullcontext(broker) if broker else mosquitto(folder / "broker") as own:
        path = folder / "edge.yaml"
        if not path.exists():
            path.write_text(text or extra + CONFIG.format(folder=folder, url=own.url))
        stop, office = asyncio.Event(), Office()
        async with office.open(own.port), aiomqtt.Client("127.0.0.1", own.port) as client:
            task = asyncio.create_task(node.run(load(path), node.Options(config_path=path), stop=stop))
            try:
                await office.until(lambda: {event.camera for event in office.events} == {"yard", "other"})
                yield Running(path, office, client)
            finally:
                stop.set()
                await task


async def test_lines_sent_from_the_office_count_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as here:
        answer = await here.ask("set-geometry", lines=[LINE], zones=[ZONE])
        assert (answer.outcome, answer.reason) == ("done", "")
        assert [line.id for line in here.camera().lines or ()] == ["new"]
        assert [zone.id for zone in here.camera().zones or ()] == ["desk"]
        assert (await here.ask("set-geometry", zones=[])).outcome == "done"
        assert [line.id for line in here.camera().lines or ()] == ["new"], "what is left out stays"
    text = here.path.read_text()
    assert "# the one by the gate" in text
    assert [line.id for line in load(here.path).cameras[0].lines] == ["new"]
    assert [event.event for event in here.office.events] == ["online", "online"], "no camera was restarted"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"lines": [LINE | {"to": [0.2, 1.2]}]}, "less than or equal to 1", id="off-the-frame"),
        pytest.param({"lines": [LINE | {"from": [0, 0.1], "to": [0, 0.9]}]}, "lies along the left edge", id="hidden"),
        pytest.param({"lines": [LINE, LINE]}, "line id 'new' is used twice", id="repeated-id"),
        pytest.param({"lines": [LINE | {"to": [0.2, 0.2]}]}, "has no length", id="no-length"),
        pytest.param(
            {"zones": [ZONE | {"polygon": [[0, 0], [1, 0.5], [1, 0], [0, 1]]}]}, "crosses itself", id="bow-tie"
        ),
        pytest.param({"camera": "nobody", "lines": [LINE]}, "choose among yard, other", id="no-such-camera"),
        pytest.param({}, "needs one of them", id="nothing-given"),
    ],
)
async def test_lines_that_cannot_be_watched_are_refused_with_the_reason(running_node, fields: dict, says: str) -> None:
    text = running_node.path.read_text()
    answer = await running_node.ask("set-geometry", **fields)
    assert answer.outcome == "refused"
    assert says in answer.reason
    assert running_node.path.read_text() == text
    assert [line.id for line in running_node.camera().lines or ()] == ["gate"]


async def test_a_snapshot_comes_at_once_under_the_name_of_its_command(running_node) -> None:
    answer = await running_node.ask("snapshot")
    assert answer.outcome == "done"
    await running_node.office.until(lambda: answer.id in running_node.office.media)
    image = cv2.imdecode(np.frombuffer(running_node.office.media[answer.id], np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (240, 320, 3)
    assert all(event.type == "camera" for event in running_node.office.events), "a look is no event"


async def test_a_view_is_learned_anew_and_shown(running_node) -> None:
    answer = await running_node.ask("learn-view")
    assert answer.outcome == "done"
    await running_node.office.until(lambda: answer.id in running_node.office.media)


async def test_a_command_that_comes_twice_is_carried_out_once(running_node) -> None:
    command_id = new_id()
    await running_node.ask("set-geometry", id=command_id, lines=[LINE | {"id": "gate"}])
    text = running_node.path.read_text()
    other = await running_node.ask("set-geometry", lines=[LINE | {"id": "gate", "from": [0.3, 0.2]}])
    assert other.outcome == "done"
    assert (await running_node.ask("set-geometry", id=command_id, lines=[LINE | {"id": "gate"}])).id == command_id
    await running_node.ask("snapshot")
    assert running_node.path.read_text() != text, "the repeat did not undo the newer one"


async def test_what_open_alerts_rest_on_is_remembered_over_a_restart(running_node) -> None:
    events = [new_id(), new_id()]
    answer = await running_node.ask("keep", None, events=events, until="2100-01-01T00:00:00.000+08:00")
    assert answer.outcome == "done"
    folder = load(running_node.path).folder()
    assert Evidence(folder).events() == frozenset(events)
    assert Evidence(folder).events(now_s=4.2e9) == frozenset(), "not for ever"
    await running_node.ask("keep", None, events=[], until="2100-01-01T00:00:00.000+08:00")
    assert Evidence(folder).events() == frozenset()


def test_a_list_that_cannot_be_read_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kept.json").write_text("{")
    assert Evidence(tmp_path).events() == frozenset()
    assert "kept.json cannot be read" in caplog.text


async def test_what_is_no_command_hurts_nobody(running_node) -> None:
    topic = Topic("site", "node", "command").path
    for payload in (b"", b"{", b"[]", b'{"id": 7}', json.dumps({"id": new_id(), "name": "reboot"}).encode()):
        await running_node.client.publish(topic, payload, qos=1)
    assert (await running_node.ask("snapshot")).outcome == "done"


@pytest.fixture
async def running_node(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as here:
        yield here
