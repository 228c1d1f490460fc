"""A cancelled link ends, at whatever moment that comes: a node must not hang because a report was due just then."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tapal_contract.ids import new_id
from tapal_contract.node import Health
from tapal_edge.config import Mqtt
from tapal_edge.outbox import Outbox
from tapal_edge.transport import Identity, Link

IDENTITY = Identity("site", "node", new_id())


class Client:
    """Of a broker that answers at once, in the way of aiomqtt."""

    def __init__(self) -> None:
        self.published = asyncio.Event()
        self.answered = asyncio.Event()

    async def publish(self, *_: object, **__: object) -> None:
        self.published.set()
        await asyncio.wait_for(self.answered.wait(), 10.0)


def health() -> Health:
    return Health(node="node", site="site", boot=IDENTITY.boot, time=datetime.now(UTC), queue=0)


@pytest.mark.parametrize("moment", ["publishing", "waiting"])
async def test_cancelling_is_never_lost(tmp_path: Path, moment: str) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        link = Link(Mqtt(url="mqtt://127.0.0.1"), IDENTITY, outbox, health=health)
        for turns in range(6):
            client = Client()
            task = asyncio.create_task(link._send_health(client))  # type: ignore[arg-type]  # what it needs of one
            await client.published.wait()
            if moment == "waiting":
                client.answered.set()
                for _ in range(10):
                    await asyncio.sleep(0)
                link._report_due.set()
            else:
                await asyncio.sleep(0)
                client.answered.set()
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=3)
            assert task.done(), f"cancelled {turns} turns of the loop after what it waited for"


@pytest.mark.parametrize("turns", range(6))
async def test_waiting_for_news_is_cancelled_too(tmp_path: Path, turns: int) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        link = Link(Mqtt(url="mqtt://127.0.0.1"), IDENTITY, outbox, health=health)
        link._news.clear()

        async def for_ever() -> None:
            while True:
                link._news.clear()
                await link._wait_for_news()

        task = asyncio.create_task(for_ever())
        for _ in range(5):
            await asyncio.sleep(0)
        link._news.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=3)
        assert task.done()
