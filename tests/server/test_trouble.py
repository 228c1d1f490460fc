"""A full disk under the server, and a node that comes back after days."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import Response
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.node import Health
from tapal_edge.config import Mqtt
from tapal_edge.messages import Author, Draft
from tapal_edge.outbox import Outbox
from tapal_edge.transport import Identity, Link
from tapal_server.api.running import ready
from tapal_server.db.tables import EventRow
from tapal_server.ingest.subscriber import Subscriber
from tapal_server.observations import EventFilter
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.settings import MqttSettings
from tests.server.edges import START, Edge
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

BACKLOG = int(os.environ.get("TAPAL_BACKLOG", "1000"))


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def disk(parts):
    """Sets how many pages the database may have."""
    limit = {"pages": 2**30}

    @event.listens_for(parts.database.engine, "begin")
    def restrict(connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit['pages']}")

    def allow(more: int | None) -> None:
        with parts.database.read() as session:
            pages = session.scalar(text("PRAGMA page_count"))
        limit["pages"] = 2**30 if more is None else pages + more

    return allow


def stored(parts) -> list[str]:
    with parts.database.read() as session:
        return list(session.scalars(select(EventRow.id).order_by(EventRow.arrival)))


def test_a_full_disk_acknowledges_nothing_it_did_not_store_and_goes_on_when_there_is_room(parts, disk) -> None:
    edge, acknowledged = Edge(), [0]
    disk(40)
    batches = [edge.crossings(50) for _ in range(40)]

    def send_all() -> None:
        for batch in batches:
            (answer,) = parts.intake.take(edge.sent(*batch))
            acknowledged.append(answer.ack.through)

    with pytest.raises(OperationalError):
        send_all()
    assert 0 < acknowledged[-1] < 2000
    assert len(stored(parts)) == acknowledged[-1]
    disk(None)
    send_all()
    assert acknowledged[-1] == 2000
    assert stored(parts) == [one.id for batch in batches for one in batch]


@pytest.mark.services
async def test_health_says_that_the_disk_is_full_and_that_it_is_mended(
    parts, disk, tmp_path: Path, monkeypatch
) -> None:

    edge = Edge()
    with mosquitto(tmp_path / "broker") as broker:
        subscriber = Subscriber(MqttSettings(url=broker.url), parts.intake)
        object.__setattr__(parts, "subscriber", subscriber)
        serving = asyncio.create_task(subscriber.run())
        await asyncio.wait_for(subscriber.connected.wait(), PATIENCE_S)
        disk(0)
        batch = edge.sent(*edge.crossings(300))
        assert await subscriber._take(batch) == []
        assert not subscriber.stores
        assert not ready(Response(), parts).storage
        disk(None)
        (answer,) = await subscriber._take(batch)
        assert answer.ack.through == 300
        assert ready(Response(), parts).storage
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def fill(path: Path, make: Callable[[], Draft], count: int) -> None:
    """Put messages into an outbox by the ten thousand; one by one each would wait for the disk."""
    Outbox(path).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        for first in range(1, count + 1, 10_000):
            seqs = range(first, min(first + 10_000, count + 1))
            db.executemany("INSERT INTO message VALUES (?, ?)", ((seq, dump(make().numbered(seq))) for seq in seqs))
            db.execute("UPDATE number SET value = ? WHERE name = 'issued'", (seqs[-1],))
            db.commit()


@pytest.mark.services
async def test_a_node_that_was_away_for_three_days_drains_while_others_are_heard_at_once(parts, tmp_path: Path) -> None:
    identity = Identity("tunon-taka", "sebatik-01", new_id())
    author = Author(identity.node, identity.site, "gate-1", identity.boot, "test@1")
    long_ago = (START - timedelta(days=3)).timestamp()
    live = Edge()

    def health() -> Health:
        return Health(node=identity.node, site=identity.site, boot=identity.boot, time=datetime.now(UTC), queue=0)

    fill(tmp_path / "outbox.db", lambda: author.camera_changed("online", "", long_ago), BACKLOG)
    with (
        mosquitto(tmp_path / "broker", extra="max_queued_messages 100") as broker,
        Outbox(tmp_path / "outbox.db") as outbox,
    ):
        assert outbox.backlog().messages == BACKLOG
        link = Link(Mqtt(url=broker.url), identity, outbox, health=health)
        subscriber = Subscriber(MqttSettings(url=broker.url), parts.intake)
        serving, linking = asyncio.create_task(subscriber.run()), asyncio.create_task(link.run())
        await asyncio.wait_for(subscriber.connected.wait(), PATIENCE_S)
        heard: list[int] = []
        while outbox.through < BACKLOG:
            await asyncio.to_thread(parts.intake.take, live.sent(live.crossing()))
            heard.append(outbox.through)
            await asyncio.sleep(0.1)
        for task in (linking, serving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    assert len({through for through in heard if 0 < through < BACKLOG}) > 3, "it drained while others were heard"
    with parts.database.read() as session:
        seqs = session.scalars(select(EventRow.seq).where(EventRow.node == identity.node).order_by(EventRow.seq)).all()
    assert seqs == list(range(1, BACKLOG + 1))
    events = parts.services.observations
    (late,) = events.page(SYSTEM, Paging(1, 1), EventFilter(camera="gate-1", type="camera")).items
    (fresh,) = events.page(SYSTEM, Paging(1, 1), EventFilter(type="crossing")).items
    assert late.historical
    assert not fresh.historical
