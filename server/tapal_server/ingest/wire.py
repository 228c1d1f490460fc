"""The server's MQTT connection: as much of MQTT as taking many messages quickly needs, and no more.

A general client spends most of its time on each message: a task, a future, four reads of the socket. Here whatever the
socket has is taken apart in one go and acknowledged in one write. Who reads too slowly stops reading, so that messages
wait at the broker and in the edges' outboxes rather than in this process's memory.

Sections named below are of the OASIS standard MQTT 3.1.1. MQTT 5 is spoken where several servers share a subscription;
all it changes here is that packets carry properties, of which we send none and need none.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Literal, cast

from tapal_contract.errors import TapalError
from tapal_contract.media import MAX_MEDIA_BYTES
from tapal_server.ingest.sorting import Incoming

__all__ = ["Address", "BrokerError", "Wire", "connect"]

LONGEST = (
    MAX_MEDIA_BYTES + 2**17
)  # of a packet: the rest of a longer one is skipped, what is left is refused as too large
_MOST_WAITING = 20_000
_MOST_BYTES = 64 * 2**20
_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE = 0x10, 0x20, 0x30, 0x40, 0x82
_SUBACK, _PINGREQ, _PINGRESP, _DISCONNECT = 0x90, 0xC0, 0xD0, 0xE0
_REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    0x84: "it does not speak MQTT 5, which sharing needs",
    0x85: "it refuses the client id",
    0x86: "wrong user or password",
    0x87: "not authorised",
    2: "it refuses the client id",
    3: "it is unavailable",
    4: "wrong user or password",
    5: "not authorised",
}


class BrokerError(TapalError):
    """The broker cannot be used, or is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the broker is, and as whom to speak to it."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 60
    version: Literal[4, 5] = 4  # the protocol level: 4 is MQTT 3.1.1


@asynccontextmanager
async def connect(address: Address, *, timeout_s: float = 10.0) -> AsyncIterator["Wire"]:
    """A connection for the length of the block.

    Raises:
        BrokerError: it cannot be made; inside the block, whatever is asked of a connection that broke.
    """
    wire = Wire(address)
    try:
        async with asyncio.timeout(timeout_s):
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: wire, address.host, address.port, ssl=address.tls)
            await wire.greeted
    except OSError as error:  # which a timeout and a certificate that does not fit are, too
        wire.close()
        raise BrokerError(f"no connection: {error or 'no answer'}") from error
    except BaseException:
        wire.close()
        raise
    try:
        yield wire
    finally:
        wire.close()


class Wire(asyncio.Protocol):
    """One connection. Use :func:`connect`."""

    def __init__(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = loop.create_future()
        self._address = address
        self._properties = address.version == 5
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._lost: BrokerError | None = None
        self._buffer = bytearray()
        self._skip = 0
        self._waiting: deque[Incoming] = deque()
        self._waiting_bytes = 0
        self._paused = False
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._ids = cycle(range(1, 2**16))
        self._subscribing: dict[int, asyncio.Future[None]] = {}
        self._pinging: asyncio.TimerHandle | None = None
        self._unanswered = False

    async def subscribe(self, topic: str) -> None:
        """Ask for messages, at QoS 1 (3.8)."""
        number = next(self._ids)
        done = self._subscribing[number] = self._loop.create_future()
        self._write(_packet(_SUBSCRIBE, number.to_bytes(2, "big") + self._none() + _text(topic) + b"\x01"))
        await done

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> None:
        """Send a message (3.3). That the broker has it is not waited for: what matters is asked for again."""
        await self._writable.wait()
        number = next(self._ids).to_bytes(2, "big") if qos else b""
        self._write(_packet(_PUBLISH | qos << 1, _text(topic) + number + self._none() + payload))

    async def batch(self, most: int) -> list[Incoming]:
        """What has arrived, in order, as soon as there is anything."""
        while not self._waiting:
            if self._lost is not None:
                raise self._lost
            self._arrived.clear()
            await self._arrived.wait()
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._waiting_bytes -= sum(len(one.payload) for one in taken)
        if self._paused and not self._is_full(0.5) and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return taken

    def close(self) -> None:
        """Say goodbye (3.14), if there still is anybody to say it to."""
        if self._pinging is not None:
            self._pinging.cancel()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_packet(_DISCONNECT, b""))
            self._transport.close()
        self._end(BrokerError("the connection was closed"))
        for future in (self.greeted, *self._subscribing.values()):
            if future.done() and not future.cancelled():
                future.exception()  # looked at, so that nobody is told of it a second time

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce ourselves (3.1)."""
        # Of a stream protocol it is one, though uvloop's do not descend from it.
        self._transport = transport = cast("asyncio.Transport", transport)
        address = self._address
        flags, payload = 0x02, _text(address.client_id)
        if address.username is not None:
            flags |= 0x80
            payload += _text(address.username)
            if address.password is not None:
                flags |= 0x40
                payload += _text(address.password)
        head = _text("MQTT") + bytes((address.version, flags)) + address.keepalive_s.to_bytes(2, "big")
        transport.write(_packet(_CONNECT, head + self._none() + payload))
        self._ping_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._end(BrokerError(f"the connection broke: {exc or 'the broker closed it'}"))

    def pause_writing(self) -> None:
        """Too much is on its way out."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Take apart whatever has come, and acknowledge it in one write."""
        if self._lost is not None:
            return
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        buffer = self._buffer
        buffer += data
        at, answers = 0, bytearray()
        while True:
            head = _length(buffer, at + 1)
            if head is None:
                break
            begin, length = head
            whole = min(length, LONGEST)
            if len(buffer) - begin < whole:
                break
            kind = buffer[at]
            body = bytes(buffer[begin : begin + whole])
            here = min(begin + length, len(buffer))
            self._skip = begin + length - here
            at = here
            if kind & 0xF0 == _PUBLISH:
                answers += self._take(kind, body)
            else:
                self._hear(kind, body)
        del buffer[:at]
        if answers:
            self._write(bytes(answers))
        if self._waiting:
            self._arrived.set()
        if not self._paused and self._is_full(1.0) and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def _take(self, kind: int, body: bytes) -> bytes:
        """One message; returns what to answer (3.4)."""
        after = 2 + int.from_bytes(body[:2], "big")
        qos = kind >> 1 & 3
        begin = after + 2 if qos else after
        if self._properties:
            begin = _behind_properties(body, begin)
        payload = body[begin:]
        self._waiting.append(Incoming(body[2:after].decode("utf-8", "replace"), payload))
        self._waiting_bytes += len(payload)
        return bytes((_PUBACK, 2)) + body[after : after + 2] if qos else b""

    def _hear(self, kind: int, body: bytes) -> None:
        if kind == _CONNACK and len(body) >= 2 and not self.greeted.done():
            if body[1]:
                self._end(BrokerError(f"no connection: {_REFUSALS.get(body[1], f'refused with code {body[1]}')}"))
            else:
                self.greeted.set_result(None)
        elif kind == _SUBACK and len(body) >= 3:
            done = self._subscribing.pop(int.from_bytes(body[:2], "big"), None)
            if done is not None and not done.done():
                if body[-1] & 0x80:
                    done.set_exception(BrokerError("the broker refuses the subscription; give the server an account"))
                else:
                    done.set_result(None)
        elif kind == _PINGRESP:
            self._unanswered = False
        elif kind == _DISCONNECT:
            self._end(BrokerError(f"the broker ended the connection with code {body[0] if body else 0}"))

    def _none(self) -> bytes:
        """No properties (MQTT 5, 2.2.2)."""
        return b"\x00" if self._properties else b""

    def _is_full(self, share: float) -> bool:
        return len(self._waiting) > share * _MOST_WAITING or self._waiting_bytes > share * _MOST_BYTES

    def _ping_later(self) -> None:
        self._pinging = self._loop.call_later(self._address.keepalive_s / 2, self._ping)

    def _ping(self) -> None:
        """Show that we live (3.12); who does not answer the last question is gone."""
        if self._unanswered and not self._paused:
            assert self._transport is not None
            self._end(BrokerError("the broker no longer answers"))
            self._transport.abort()
            return
        self._unanswered = True
        self._write(_packet(_PINGREQ, b""))
        self._ping_later()

    def _write(self, packet: bytes) -> None:
        if self._lost is not None or self._transport is None:
            raise self._lost or BrokerError("there is no connection")
        self._transport.write(packet)

    def _end(self, reason: BrokerError) -> None:
        if self._lost is None:
            self._lost = reason
        if self._pinging is not None:
            self._pinging.cancel()
        self._arrived.set()
        self._writable.set()
        for future in (self.greeted, *self._subscribing.values()):
            if not future.done():
                future.set_exception(self._lost)


def _length(buffer: bytearray, at: int) -> tuple[int, int] | None:
    """Where the body of a packet begins and how long it is (2.2.3), or None while that is not all there."""
    length = 0
    for number, byte in enumerate(buffer[at : at + 4]):
        length |= (byte & 0x7F) << (7 * number)
        if not byte & 0x80:
            return at + number + 1, length
    if len(buffer) >= at + 4:
        raise BrokerError("the broker sends what is not MQTT")
    return None


def _behind_properties(body: bytes, at: int) -> int:
    """Where the payload begins; of a packet that is cut or wrong there, at its end."""
    head = _length(bytearray(body[at : at + 4]), 0)
    return len(body) if head is None else at + head[0] + head[1]


def _packet(kind: int, body: bytes) -> bytes:
    length, head = len(body), bytearray((kind,))
    while True:
        length, digit = length >> 7, length & 0x7F
        head.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(head) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded
