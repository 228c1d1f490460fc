"""A link that misbehaves: a TCP proxy that cuts, stalls, and knows enough of MQTT to repeat and reorder messages."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PUBLISH = 3
LONGEST = 8 * 1024 * 1024


@dataclass(frozen=True)
class Mischief:
    """How often a PUBLISH of QoS 1 is sent twice or late, and how long every packet takes."""

    repeat: float = 0.0
    late: float = 0.0
    longest_late_s: float = 0.1


@dataclass
class Proxy:
    """One link to the broker."""

    upstream: int
    random: random.Random
    mischief: Mischief = field(default_factory=Mischief)
    port: int = 0
    repeated: int = 0
    reordered: int = 0
    cuts: int = 0
    stalls: int = 0
    _down: bool = False
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Proxy"]:
        self._flowing.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self._abort()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self, seconds: float) -> None:
        """Drop every connection and refuse new ones for a while."""
        self.cuts += 1
        self._down = True
        self._abort()
        await asyncio.sleep(seconds)
        self._down = False

    async def stall(self, seconds: float) -> None:
        """Let nothing through for a while; nothing is lost."""
        self.stalls += 1
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if not self._down:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await self._join(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        self._writers.add(up_writer)
        try:
            pumps = [
                asyncio.create_task(self._pump(reader, up_writer)),
                asyncio.create_task(self._pump(up_reader, writer)),
            ]
            self._tasks.update(pumps)
            _, others = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for other in others:
                other.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._tasks.difference_update(pumps)
        finally:
            self._writers.discard(up_writer)
            up_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            packet = await _packet(reader)
            await self._flowing.wait()
            if packet[0] >> 4 == PUBLISH and packet[0] & 0x06:
                self._pass_on(packet, writer)
            else:
                writer.write(packet)
            await writer.drain()

    def _pass_on(self, packet: bytes, writer: asyncio.StreamWriter) -> None:
        drawn = self.random.random()
        if drawn < self.mischief.late:
            self.reordered += 1
            wait = self.random.uniform(0, self.mischief.longest_late_s)
            asyncio.get_running_loop().call_later(wait, _write, writer, packet)
            return
        writer.write(packet)
        if drawn > 1 - self.mischief.repeat:
            self.repeated += 1
            writer.write(packet)


def _write(writer: asyncio.StreamWriter, packet: bytes) -> None:
    if not writer.is_closing():
        writer.write(packet)


async def _packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        byte = await reader.readexactly(1)
        head += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            break
    if length > LONGEST:
        raise ConnectionError(f"a packet of {length} bytes")
    return head + await reader.readexactly(length)
