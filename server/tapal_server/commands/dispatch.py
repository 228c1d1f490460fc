"""Sends what is asked of nodes over a connection of its own, so that no command waits behind a storm of events."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from tapal_contract.events import dump
from tapal_contract.node import Command
from tapal_contract.topics import Topic
from tapal_server.clock import Clock
from tapal_server.commands.keeper import Keeper
from tapal_server.db.database import Database
from tapal_server.db.tables import CommandRow
from tapal_server.events import AlertChanged, AlertRaised, Bus, CommandIssued
from tapal_server.ingest.proof import Proof
from tapal_server.ingest.subscriber import open_wire
from tapal_server.ingest.wire import BrokerError, Wire
from tapal_server.settings import MqttSettings

__all__ = ["Dispatcher", "Outgoing"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0  # for what another replica wrote down
AGAIN_AFTER = timedelta(seconds=5)
_FIRST_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A command and where it goes."""

    topic: str
    command: Command


class Dispatcher:
    """One task; a command goes out again until it is answered or expires, and a node obeys each only once."""

    def __init__(
        self,
        settings: MqttSettings | None,
        database: Database,
        keeper: Keeper,
        *,
        proof: Proof,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self.keeper = keeper
        self._proof = proof
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Send until cancelled."""
        pause = _FIRST_PAUSE_S
        while self._settings is not None:
            try:
                async with open_wire(self._settings, "commands") as wire:
                    pause = _FIRST_PAUSE_S
                    await self._serve(wire)
            except BrokerError as error:
                log.warning("broker: %s; commands wait about %.1f s", error, pause)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads reconnects, keeps no secret
            pause = min(2 * pause, self._settings.reconnect_longest_s)

    def due(self) -> list[Outgoing]:
        """What is to be sent now."""
        now = self._clock.now()
        with self._database.write() as session:
            rows = session.scalars(
                select(CommandRow)
                .where(CommandRow.state == "waiting", CommandRow.expires_at > now)
                .order_by(CommandRow.issued_at)
            ).all()
            chosen = [row for row in rows if row.sent_at is None or now - row.sent_at >= AGAIN_AFTER]
            for row in chosen:
                row.sent_at = now
            return [
                Outgoing(Topic(row.site, row.node, "command").path, Command.model_validate(row.body)) for row in chosen
            ]

    async def _serve(self, wire: Wire) -> None:
        with self._bus.bell(lambda event: isinstance(event, CommandIssued | AlertRaised | AlertChanged)) as bell:
            while True:
                for outgoing in await asyncio.to_thread(self._collect):
                    await wire.publish(outgoing.topic, self._proof.seal(dump(outgoing.command), outgoing.topic))
                await bell.wait(LOOK_EVERY_S)

    def _collect(self) -> Sequence[Outgoing]:
        try:
            self._proof.refresh()
            return [*self.due(), *(Outgoing(topic, command) for topic, command in self.keeper.due())]
        except SQLAlchemyError:
            log.exception("the database did not answer; commands wait")
            return ()
