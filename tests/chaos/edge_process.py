"""A node without a camera: writes its story into the real outbox at its pace, and the real link carries it.

Killed at any moment it goes on, when started again, with the first event that is not yet in the outbox.
"""

import argparse
import asyncio
import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.node import Health
from tapal_edge.config import Mqtt
from tapal_edge.outbox import Outbox
from tapal_edge.transport import Identity, Link, Pace
from tests.chaos.story import Story

PACE = Pace(health_s=1.0, first_retry_s=0.05, last_retry_s=0.5, resend_s=1.0, media_resend_s=2.0, pictures_at_once=8)


async def produce(outbox: Outbox, story: Story, boot: str, start: float, seconds: float) -> None:
    """Write each event when it is due; what is overdue after a restart is written at once."""
    for number in range(outbox.issued + 1, story.count + 1):
        due = start + seconds * number / story.count
        await asyncio.sleep(max(0.0, due - time.time()))

        def encode(seq: int, number: int = number) -> bytes:
            return dump(story.crossing(number, seq, boot))

        outbox.add(story.id_of(number), encode, story.picture(number))


async def live(story: Story, folder: Path, port: int, start: float, seconds: float) -> None:
    with Outbox(folder / "outbox.db") as outbox:
        boot = new_id()

        def health() -> Health:
            backlog = outbox.backlog()
            return Health(
                node=story.node,
                site=story.site,
                boot=boot,
                time=datetime.now(UTC),
                queue=backlog.messages,
                oldest_seq=outbox.held_from,
            )

        settings = Mqtt(url=f"mqtt://127.0.0.1:{port}")
        link = Link(settings, Identity(story.site, story.node, boot), outbox, health=health, pace=PACE)
        carrying = asyncio.create_task(link.run(), name="link")
        await produce(outbox, story, boot, start, seconds)
        while outbox.backlog().messages or outbox.backlog().pictures:  # noqa: ASYNC110 - pictures ring no bell
            await asyncio.sleep(0.05)
        carrying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await carrying


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--node", required=True)
    parser.add_argument("--first", type=float, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--start", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    story = Story(given.node, given.count, given.first)
    asyncio.run(live(story, given.folder, given.port, given.start, given.seconds))


if __name__ == "__main__":
    main()
