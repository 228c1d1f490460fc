"""Somebody crosses before a real camera's film: an officer asks for the clip, or a verdict does, and it comes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import yaml

from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_edge import node
from tapal_edge.config import load
from tapal_edge.privacy import head_of
from tapal_edge.transport import Pace
from tapal_server.alerts.states import Outcome
from tapal_server.audit.chain import Link
from tapal_server.clips.standing import ClipView
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.events import ClipChanged, EventsStored, NodeSeen
from tapal_server.models.review import ReviewView
from tapal_server.paging import Paging
from tapal_server.parts import Parts, build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.settings import MqttSettings, Settings
from tests.e2e.system import SAMPLE
from tests.e2e.test_camera_commands import tasks
from tests.server.conftest import SITES
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

pytestmark = pytest.mark.services
SIZE = 320  # of the model's input: what a busy machine can do in time


def configuration(folder: Path, url: str) -> Path:
    """A node at an unofficial landing, where whoever crosses is an alert; the sample feed is its camera."""
    card = yaml.safe_load((SAMPLE / "pier.yaml").read_text())
    line = {"id": "jetty", **{key: card["lines"][0][key] for key in ("from", "to", "inbound")}}
    camera = {"id": "pier", "source": str(SAMPLE / "pier.mp4"), "loop": True, "fps": 5, "lines": [line]}
    content = {"node": "pier-01", "site": "bambangan", "mqtt": {"url": url}, "data_dir": str(folder / "node")}
    content |= {"size": SIZE, "clips": {"pre_s": 1, "post_s": 1}, "cameras": [camera]}
    path = folder / "edge.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Parts]:
    """A server and a node at work, joined by a broker."""
    (tmp_path / "sites.yaml").write_text(SITES, encoding="utf-8")
    with mosquitto(tmp_path / "broker") as broker:
        mqtt = MqttSettings(url=broker.url)
        settings = Settings(data_dir=tmp_path / "data", sites=tmp_path / "sites.yaml", mqtt=mqtt)
        database = Database(settings.database_url)
        migrate.upgrade(database)
        database.close()
        parts = build_parts(settings)
        config = configuration(tmp_path, broker.url)
        assert parts.subscriber is not None
        stop = asyncio.Event()
        async with tasks(parts.subscriber.run(), parts.dispatcher.run()):
            await parts.subscriber.connected.wait()
            options = node.Options(config_path=config, pace=Pace(health_s=0.5))
            running = asyncio.create_task(node.run(load(config), options, stop=stop))
            yield parts
            stop.set()
            await running
        parts.database.close()


async def alerted(parts: Parts) -> str:
    """The event of the first alert."""
    with parts.services.bus.stream() as news:
        async with asyncio.timeout(PATIENCE_S):
            async for event in news:
                if isinstance(event, EventsStored):
                    await asyncio.to_thread(parts.correlator.step)
                    page = await asyncio.to_thread(parts.services.alerts.page, SYSTEM, Paging())
                    landed = [alert.event_ids[0] for alert in page.items if alert.kind == "presence"]
                    if landed:
                        return landed[0]
    raise AssertionError("the bus ended")


async def fetched(parts: Parts, event_id: str) -> ClipView:
    """How it stands with the clip when it goes no further."""
    with parts.services.bus.stream() as news:
        view = await asyncio.to_thread(parts.services.clips.ask, SYSTEM, event_id)
        async with asyncio.timeout(PATIENCE_S):
            while view.state not in {"here", "failed"}:
                async for event in news:
                    if isinstance(event, ClipChanged):
                        break
                view = await asyncio.to_thread(parts.services.clips.view, SYSTEM, event_id)
    return view


async def brought(parts: Parts, event_id: str) -> tuple[ReviewView, ...]:
    """The frames of a clip in the review, once they are there; nobody presses anything for it."""
    with parts.services.bus.stream() as news:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await asyncio.to_thread(parts.collector.work)
                page = await asyncio.to_thread(parts.services.review.page, SYSTEM, Paging(), order="newest")
                found = tuple(one for one in page.items if one.clip == event_id)
                if found:
                    return found
                async for event in news:
                    if isinstance(event, ClipChanged | NodeSeen):
                        break


def frames(path: Path) -> dict[float, np.ndarray]:
    with av.open(str(path)) as source:
        return {float(frame.time): frame.to_ndarray(format="bgr24") for frame in source.decode(video=0)}


async def test_the_clip_of_a_real_crossing_comes_with_every_head_blurred(office: Parts, tmp_path: Path) -> None:
    event_id = await alerted(office)
    view = await fetched(office, event_id)
    assert (view.state, view.reason) == ("here", "")
    film = await asyncio.to_thread(office.services.clips.read, SYSTEM, event_id)
    assert len(film) <= 900_000
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(film)
    (clip,) = (tmp_path / "node/clips/pier").glob(f"{event_id}.mp4")
    await asyncio.to_thread(_require_blurred, frames(copy), frames(clip))


async def test_a_verdict_and_a_report_bring_their_films_into_the_review(office: Parts) -> None:
    event_id = await alerted(office)
    (alert, *_) = (await asyncio.to_thread(office.services.alerts.page, SYSTEM, Paging(), sort="time")).items
    resolve = office.services.alerts.resolve
    await asyncio.to_thread(resolve, SYSTEM, alert.id, Outcome.FALSE_ALARM, "nobody landed")
    seen = await brought(office, event_id)
    assert {(one.why, one.state, one.has_picture) for one in seen} == {("false_alarm", "open", True)}
    details = [await asyncio.to_thread(office.services.review.get, SYSTEM, one.id) for one in seen]
    assert any(one.proposals for one in details), "with what the edge saw"
    report = office.services.review.report_missed
    now = datetime.now(UTC) - timedelta(seconds=2)
    told = await asyncio.to_thread(report, SYSTEM, "pier-01", "pier", now, "behind a post")
    (moment,) = [one.event_id for one in told if not one.has_picture]
    assert moment is not None
    assert {one.why for one in await brought(office, moment)} == {"missed"}
    asked = [one for one in (await asyncio.to_thread(_audit, office)) if one.action == "clip.ask"]
    assert sorted(one.detail["after"] for one in asked) == ["false_alarm", "missed"]


def _audit(office: Parts) -> tuple[Link, ...]:
    return office.services.audit.page(SYSTEM, Paging(size=200)).items


def _begins(sent: dict[float, np.ndarray], kept: dict[float, np.ndarray]) -> float:
    """The moment of the clip at which the copy begins: where its frames fit best."""
    few = {time: _small(sent[time]) for time in list(sent)[::5]}
    whole = {time: _small(image) for time, image in kept.items()}

    def misfit(first: float) -> float:
        nearest = (min(whole, key=lambda one, at=first + time: abs(one - at)) for time in few)
        return float(sum(np.abs(image - whole[at]).mean() for image, at in zip(few.values(), nearest, strict=True)))

    return min((time for time in whole if time + max(few) <= max(whole) + 0.05), key=misfit)


def _small(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (160, 90), interpolation=cv2.INTER_AREA).astype(np.float32)


def _require_blurred(sent: dict[float, np.ndarray], kept: dict[float, np.ndarray]) -> None:
    """Every head that is found for sure in a frame of the clip differs in the copy by far more than the rest does."""
    detector = Detector.load(find("default"), size=SIZE, labels=["person"], confidence=0.5)
    first = _begins(sent, kept)
    heads = 0
    for time, image in sent.items():
        sharp = kept[min(kept, key=lambda one: abs(one - first - time))]
        small = cv2.resize(sharp, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_AREA)
        change = cv2.absdiff(small, image).mean(axis=2)
        scale = image.shape[1] / sharp.shape[1]
        for box in detector.detect(sharp).boxes:
            head = head_of(tuple(float(value) * scale for value in box), image.shape[1], image.shape[0])
            assert head is not None
            left, top, right, low = head
            if right - left > 8 and low - top > 8:
                heads += 1
                # over the whole sample feed at least 3.5 times; 1 where it is not blurred
                assert change[top:low, left:right].mean() > 2 * np.median(change), (time, head)
    assert heads > 5
    assert {image.shape for image in sent.values()} == {(360, 640, 3)}
