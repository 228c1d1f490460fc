"""The server's side of the link, written by hand: takes events, commits them in order, acknowledges."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt

from tapal_contract.clip import START as PIECE
from tapal_contract.clip import Piece, read_piece
from tapal_contract.events import dump, parse_event
from tapal_contract.ids import new_id
from tapal_contract.media import unwrap
from tapal_contract.node import Ack, CommandAnswer, Health, State, parse_control
from tapal_contract.topics import Topic
from tests.support.patience import PATIENCE_S


class Office:
    """Commits events of one node in order of ``seq`` and acknowledges them, unless told to be silent."""

    def __init__(self, site: str = "site", node: str = "node") -> None:
        self.site, self.node = site, node
        self.events: list[Any] = []
        self.heard: list[int] = []
        self.media: dict[str, bytes] = {}
        self.media_before_event = 0
        self.pieces: dict[str, dict[int, Piece]] = {}
        self.states: list[State] = []
        self.healths: list[bytes] = []
        self.silent = False
        self.deaf_to: set[int] = set()
        self.changed = asyncio.Condition()

    @asynccontextmanager
    async def open(self, port: int, **options: Any) -> AsyncIterator["Office"]:
        """Serve until the block ends."""
        async with aiomqtt.Client("127.0.0.1", port, **options) as client:
            await client.subscribe(Topic(self.site, self.node, "event").path.replace("event", "#"), qos=1)
            task = asyncio.create_task(self._serve(client), name="office")
            try:
                yield self
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def command(self, client: aiomqtt.Client, name: str, camera: str | None = "yard", **fields: Any) -> str:
        """Send a command as the server does; return its id."""
        body = {"id": new_id(), "name": name, "camera": camera, "issued_by": "officer siti", **fields}
        payload = json.dumps({"issued_at": "2026-03-02T06:00:00.000+08:00", **body})
        await client.publish(Topic(self.site, self.node, "command").path, payload, qos=1)
        return str(body["id"])

    async def answer(self, command_id: str) -> CommandAnswer:
        """Wait for what became of a command."""
        found: dict[str, CommandAnswer] = {}

        def answered() -> bool:
            found.update({answer.id: answer for answer in self.health.commands} if self.healths else {})
            return command_id in found

        await self.until(answered)
        return found[command_id]

    @property
    def health(self) -> Health:
        """The newest report."""
        return parse_control(Health, self.healths[-1])

    async def until(self, condition: Any, seconds: float = PATIENCE_S) -> None:
        """Wait until the condition holds."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), seconds)

    @property
    def deliveries(self) -> int:
        return len(self.heard)

    @property
    def seqs(self) -> list[int]:
        return [event.seq for event in self.events]

    async def _serve(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            leaf = Topic.parse(message.topic.value).leaf
            payload = bytes(message.payload)
            async with self.changed:
                if leaf == "event":
                    await self._take(client, parse_event(payload))
                elif leaf == "media" and payload.startswith(PIECE):
                    piece = read_piece(payload)
                    self.pieces.setdefault(piece.clip, {})[piece.number] = piece
                    await self._ack(client, media=(piece.id,))
                elif leaf == "media":
                    event_id, jpeg = unwrap(payload)
                    self.media_before_event += event_id not in {event.id for event in self.events}
                    self.media[event_id] = jpeg
                    await self._ack(client, media=(event_id,))
                elif leaf == "state":
                    self.states.append(parse_control(State, payload))
                elif leaf == "health":
                    self.healths.append(payload)
                self.changed.notify_all()

    async def _take(self, client: aiomqtt.Client, event: Any) -> None:
        self.heard.append(event.seq)
        if event.seq in self.deaf_to:
            self.deaf_to.discard(event.seq)
            return
        expected = len(self.events) + 1
        if event.seq == expected:
            self.events.append(event)
        if not self.silent:
            await self._ack(client, resend_from=expected if event.seq > expected else None)

    async def _ack(self, client: aiomqtt.Client, **fields: Any) -> None:
        ack = Ack(through=len(self.events), **fields)
        await client.publish(Topic(self.site, self.node, "ack").path, dump(ack), qos=1)
