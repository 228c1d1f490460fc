"""Listens to an AIS receiver: NMEA sentences over UDP, or from a TCP server that is asked again when it goes away."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from tapal_server.ais.address import ais_url
from tapal_server.ais.sentences import Report, Sentences
from tapal_server.ais.service import VesselService

__all__ = ["AisListener"]

log = logging.getLogger(__name__)

MOST_WAITING = 5000
MOST_TOGETHER = 500
PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_LINE = 1024


class AisListener:
    """One task. When more comes than can be stored, the oldest is dropped and counted: a newer position is better."""

    def __init__(self, url: str, vessels: VesselService) -> None:
        parts = urlsplit(ais_url(url))
        self._tcp = parts.scheme == "tcp"
        self._host, self._port = str(parts.hostname), int(parts.port or 0)
        self._vessels = vessels
        self._sentences = Sentences()
        self._waiting: deque[Report] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self.port: int | None = None
        self.listening = asyncio.Event()
        self.dropped = 0
        self.stored = 0

    @property
    def refused(self) -> int:
        """Lines that were no AIS message."""
        return self._sentences.refused

    def hear(self, data: bytes) -> None:
        """Take what came: one or several lines."""
        for line in data.splitlines()[:MOST_TOGETHER]:
            report = self._sentences.take(line)
            if report is not None:
                self.dropped += len(self._waiting) == MOST_WAITING
                self._waiting.append(report)
                self._wake.set()

    async def run(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store(), name="AIS: store")
            tasks.create_task(self._ask() if self._tcp else self._listen(), name="AIS: listen")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(self._host, self._port)
                )
                break
            except OSError as error:  # optional evidence never stops the server
                log.warning("ais udp://%s:%d: cannot listen (%s); trying again", self._host, self._port, error)
                await asyncio.sleep(LONGEST_PAUSE_S)
        self.port = transport.get_extra_info("sockname")[1]
        self.listening.set()
        try:
            await asyncio.Event().wait()
        finally:
            transport.close()

    async def _ask(self) -> None:
        pause = PAUSE_S
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=LONGEST_LINE)
                pause = PAUSE_S
                try:
                    while line := await reader.readline():
                        self.hear(line)
                finally:
                    writer.close()
                log.warning("the AIS receiver %s:%d ended the connection", self._host, self._port)
            except (OSError, ValueError) as error:  # ValueError: a line longer than any sentence
                log.warning("the AIS receiver %s:%d is not heard: %s", self._host, self._port, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _store(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                together = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
                await self._keep(together)

    async def _keep(self, together: Sequence[Report]) -> None:
        try:
            self.stored += await asyncio.to_thread(self._vessels.take, together)
        except SQLAlchemyError:
            log.exception("%d AIS messages could not be stored; newer ones will come", len(together))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: AisListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - the base class names it
        """One datagram holds one or several lines."""
        self._listener.hear(data)
