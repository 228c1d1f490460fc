"""The office and a node, joined by a real broker: a look through a camera, and other lines for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_contract.geometry import LineSpec
from tapal_edge import node
from tapal_edge.config import load
from tapal_edge.transport import Pace
from tapal_server.commands.views import CommandView
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.events import CameraPictured, CommandAnswered, NodeSeen
from tapal_server.parts import Parts, build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.settings import MqttSettings, Settings
from tests.edge.test_commands import CONFIG, video
from tests.server.conftest import SITES
from tests.support import toymodel
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

pytestmark = pytest.mark.services
PLACE = ("node", "yard")


@contextlib.asynccontextmanager
async def tasks(*coroutines) -> AsyncIterator[None]:
    started = [asyncio.create_task(one) for one in coroutines]
    try:
        yield
    finally:
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Parts]:
    """A server and a node at work."""
    (tmp_path / "sites.yaml").write_text(SITES, encoding="utf-8")
    toymodel.save(tmp_path / "toy.onnx")
    video(tmp_path / "video.avi")
    with mosquitto(tmp_path / "broker") as broker:
        settings = Settings(
            data_dir=tmp_path / "data", sites=tmp_path / "sites.yaml", mqtt=MqttSettings(url=broker.url)
        )
        database = Database(settings.database_url)
        migrate.upgrade(database)
        database.close()
        parts = build_parts(settings)
        config = tmp_path / "edge.yaml"
        config.write_text(CONFIG.format(folder=tmp_path, url=broker.url))
        assert parts.subscriber is not None
        stop = asyncio.Event()
        async with tasks(parts.subscriber.run(), parts.dispatcher.run()):
            await parts.subscriber.connected.wait()
            with parts.services.bus.stream() as news:
                options = node.Options(config_path=config, pace=Pace(health_s=0.5))
                running = asyncio.create_task(node.run(load(config), options, stop=stop))
                while not await asyncio.to_thread(_both_online, parts):
                    await _until(news, NodeSeen)
            yield parts
            stop.set()
            await running
        parts.database.close()


def _both_online(parts: Parts) -> bool:
    nodes = parts.services.nodes.all(SYSTEM)
    return bool(nodes) and [camera.state for camera in nodes[0].cameras] == ["online", "online"]


async def _until(news, kind):
    async with asyncio.timeout(PATIENCE_S):
        async for event in news:
            if isinstance(event, kind):
                return event
    raise AssertionError("the bus ended")


async def answered(parts: Parts, ask, *arguments) -> CommandView:
    with parts.services.bus.stream() as news:
        asked = await asyncio.to_thread(ask, SYSTEM, *PLACE, *arguments)
        while (await _until(news, CommandAnswered)).command_id != asked.id:
            pass
    return await asyncio.to_thread(parts.services.commands.command, SYSTEM, asked.id)


async def test_somebody_looks_through_a_camera(office: Parts) -> None:
    commands = office.services.commands
    with office.services.bus.stream() as news:
        await asyncio.to_thread(commands.snapshot, SYSTEM, *PLACE)
        await _until(news, CameraPictured)
    found = await asyncio.to_thread(commands.picture, SYSTEM, *PLACE)
    assert found is not None
    assert cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (240, 320, 3)


async def test_a_line_drawn_in_the_office_is_in_force_at_the_node(office: Parts) -> None:
    commands = office.services.commands
    line = LineSpec.model_validate({"id": "new", "from": (0.2, 0.2), "to": (0.2, 0.8)})
    assert (await answered(office, commands.set_geometry, [line], [])).state == "done"
    now = await asyncio.to_thread(commands.geometry, SYSTEM, *PLACE)
    assert [one["id"] for one in now.lines or ()] == ["new"]
    edge = line.model_copy(update={"from_": (0.0, 0.2), "to": (0.0, 0.8)})
    refused = await answered(office, commands.set_geometry, [edge], [])
    assert refused.state == "refused"
    assert "left edge" in refused.reason
