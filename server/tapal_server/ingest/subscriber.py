"""The server's end of MQTT: listens, hands batches to the intake, answers after its commit."""

import asyncio
import logging
import random
import ssl
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

from sqlalchemy.exc import InterfaceError, OperationalError

from tapal_contract.errors import ConfigError
from tapal_contract.events import dump
from tapal_contract.topics import Leaf, subscription
from tapal_server.ingest.intake import Answer, Intake
from tapal_server.ingest.sorting import Incoming
from tapal_server.ingest.wire import Address, BrokerError, Wire, connect
from tapal_server.settings import MqttSettings

__all__ = ["Subscriber", "open_wire", "take_apart", "topics"]

log = logging.getLogger(__name__)

SHARED: tuple[Leaf, ...] = ("event", "media", "health")
HEARD_BY_ALL: tuple[Leaf, ...] = ("state",)  # retained, and a shared subscription is never sent what is retained
_FIRST_PAUSE_S = 0.5
_BATCH_S = 0.05
"""From one commit to the next: each costs some 6 ms of a processor and a flush of the disk, however little it holds."""
_NO_DATABASE = (OperationalError, InterfaceError, OSError)  # it is away or full: what failed will do later


class Subscriber:
    """One task that owns the connection to the broker and renews it when it breaks.

    Attributes:
        connected: set while there is a connection.
        stores: false since the last batch that the database or the disk would not take.
    """

    def __init__(self, settings: MqttSettings, intake: Intake) -> None:
        self._settings = settings
        self._intake = intake
        self.connected = asyncio.Event()
        self.stores = True

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                async with open_wire(self._settings) as wire:
                    for topic in topics(self._settings.share):
                        await wire.subscribe(topic)
                    log.info("listening at the broker")
                    self.connected.set()
                    pause = _FIRST_PAUSE_S
                    await self._listen(wire)
            except BrokerError as error:
                log.warning("broker: %s; trying again in about %.1f s", error, pause)
            finally:
                self.connected.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads reconnects, keeps no secret
            pause = min(2 * pause, self._settings.reconnect_longest_s)

    async def _listen(self, wire: Wire) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = await wire.batch(self._settings.batch)
            began = loop.time()
            for answer in await self._take(batch):
                await wire.publish(answer.topic, self._intake.proof.seal(dump(answer.ack), answer.topic))
            if len(batch) < self._settings.batch:
                # What comes meanwhile is committed together; who comes alone waits for nobody.
                await asyncio.sleep(began + _BATCH_S - loop.time())

    async def _take(self, batch: list[Incoming]) -> list[Answer]:
        try:
            answers = await asyncio.to_thread(take_apart, self._intake, batch)
        except _NO_DATABASE:
            # Nothing was acknowledged, so the edges keep it and send it again.
            log.exception("a batch of %d messages could not be stored; the edges will send it again", len(batch))
            self.stores = False
            await asyncio.sleep(1)
            return []
        self.stores = True
        return answers


def topics(share: str | None) -> list[str]:
    """What to subscribe to, so that of all servers of a share one gets each message."""
    prefix = f"$share/{share}/" if share else ""
    return [prefix + subscription(leaf) for leaf in SHARED] + [subscription(leaf) for leaf in HEARD_BY_ALL]


def open_wire(settings: MqttSettings, purpose: str = "") -> AbstractAsyncContextManager[Wire]:
    """A connection to the broker, not yet made; each purpose has a session of its own.

    Raises:
        BrokerError: the file of the password cannot be read, which may be mended while the server runs.
    """
    url = urlsplit(settings.url)
    secure = url.scheme == "mqtts"
    try:
        word = settings.word
    except ConfigError as error:
        raise BrokerError(str(error)) from error
    return connect(
        Address(
            host=str(url.hostname),
            port=url.port or (8883 if secure else 1883),
            client_id=f"{settings.client_id}-{purpose}" if purpose else settings.client_id,
            username=settings.username,
            password=word,
            tls=ssl.create_default_context(cafile=settings.ca_file) if secure else None,
            version=5 if settings.share else 4,
        )
    )


def take_apart(intake: Intake, batch: Sequence[Incoming]) -> list[Answer]:
    """Take a batch; a message that cannot be stored whatever one does is refused alone and holds up no other."""
    try:
        return intake.take(batch)
    except _NO_DATABASE:
        raise
    except Exception as error:
        if len(batch) == 1:
            log.exception("a message on %s cannot be stored; refused", batch[0].topic)
            return intake.take(batch, unstorable=f"cannot be stored: {type(error).__name__}")
        half = len(batch) // 2
        return [*take_apart(intake, batch[:half]), *take_apart(intake, batch[half:])]
