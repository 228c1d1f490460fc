"""The server's MQTT connection, against real brokers and byte by byte."""

import asyncio
import ssl
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract.media import MAX_MEDIA_BYTES
from tapal_server.ingest import wire as module
from tapal_server.ingest.sorting import Incoming
from tapal_server.ingest.wire import Address, BrokerError, Wire, connect
from tests.support.certificates import certificate
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port
from tests.support.services.mosquitto import mosquitto

services = pytest.mark.services


def to(port: int, **more) -> Address:
    return Address(host="127.0.0.1", port=port, client_id="office", **more)


async def gather(wire: Wire, count: int) -> list[Incoming]:
    taken: list[Incoming] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(taken) < count:
            taken += await wire.batch(7)
    return taken


@services
async def test_messages_arrive_once_and_in_order_however_many_there_are(tmp_path: Path):
    with mosquitto(tmp_path / "broker", extra="max_queued_messages 0") as broker:
        async with connect(to(broker.port)) as wire, aiomqtt.Client("127.0.0.1", broker.port) as edge:
            await wire.subscribe("tapal/1/+/+/event")
            for number in range(500):
                await edge.publish("tapal/1/site/node/event", b"%d" % number, qos=number % 2)
            taken = await gather(wire, 500)
    assert [int(one.payload) for one in taken] == list(range(500))
    assert {one.topic for one in taken} == {"tapal/1/site/node/event"}


@services
async def test_what_it_publishes_arrives(tmp_path: Path):
    with mosquitto(tmp_path / "broker") as broker:
        async with connect(to(broker.port)) as wire, aiomqtt.Client("127.0.0.1", broker.port) as edge:
            await edge.subscribe("answers", qos=1)
            for number in range(100):
                await wire.publish("answers", b"x" * number)
            messages = edge.messages
            lengths = [len((await asyncio.wait_for(anext(messages), PATIENCE_S)).payload) for _ in range(100)]
    assert lengths == list(range(100))


@services
async def test_of_a_message_too_large_only_the_beginning_is_kept_and_the_next_one_is_whole(tmp_path: Path):
    with mosquitto(tmp_path / "broker") as broker:
        async with connect(to(broker.port)) as wire, aiomqtt.Client("127.0.0.1", broker.port) as edge:
            await wire.subscribe("#")
            await edge.publish("big", b"x" * (3 * module.LONGEST), qos=1)
            await edge.publish("small", b"y", qos=1)
            big, small = await gather(wire, 2)
    assert MAX_MEDIA_BYTES < len(big.payload) < module.LONGEST
    assert small == Incoming("small", b"y")


@services
async def test_a_broker_that_dies_is_noticed_and_a_wrong_password_gets_a_sentence(tmp_path: Path):
    with mosquitto(tmp_path / "broker", users={"office": "word"}) as broker:
        with pytest.raises(BrokerError, match=r"not authorised|wrong user or password"):
            async with connect(to(broker.port, username="office", password="wrong")):
                pass
        async with connect(to(broker.port, username="office", password="word")) as wire:
            await wire.subscribe("#")
            broker.kill()
            with pytest.raises(BrokerError, match="broke"):
                await gather(wire, 1)
            with pytest.raises(BrokerError, match="broke"):
                await wire.publish("somewhere", b"")
    with pytest.raises(BrokerError, match="no connection"):
        async with connect(to(free_port())):
            pass


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    return certificate(tmp_path)


@services
async def test_tls_and_a_certificate_nobody_vouches_for(tmp_path: Path, own: tuple[Path, Path]):
    with mosquitto(tmp_path / "broker", tls=own) as broker:
        trusting = ssl.create_default_context(cafile=str(own[0]))
        async with connect(to(broker.port, tls=trusting)) as wire:
            await wire.subscribe("own")
            await wire.publish("own", b"hello")
            assert await gather(wire, 1) == [Incoming("own", b"hello")]
        with pytest.raises(BrokerError, match="certificate"):
            async with connect(to(broker.port, tls=ssl.create_default_context())):
                pass


@services
async def test_who_reads_slowly_makes_the_broker_wait_and_not_its_own_memory_grow(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 10)
    with mosquitto(tmp_path / "broker", extra="max_queued_messages 0\nmax_inflight_messages 20") as broker:
        async with connect(to(broker.port)) as wire, aiomqtt.Client("127.0.0.1", broker.port) as edge:
            await wire.subscribe("#")
            for number in range(300):
                await edge.publish("many", b"%d" % number, qos=1)
            assert len(wire._waiting) < 150
            taken = await gather(wire, 300)
    assert [int(one.payload) for one in taken] == list(range(300))


class Broker:
    """A broker made of a list; like the transports of uvloop it is none by descent."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def write(self, data) -> None:
        self.heard.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.heard.append(b"closed")


def publish(number: int, size: int) -> bytes:
    return module._packet(0x32, module._text("a/b") + number.to_bytes(2, "big") + b"x" * size)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100, 10_000])
async def test_packets_may_come_in_any_pieces(step: int):
    broker, wire = Broker(), Wire(to(0))
    wire.connection_made(broker)
    sizes = [0, 1, 100, 127, 128, 16_383, 16_384, 5]
    stream = b"\x20\x02\x00\x00" + b"".join(publish(number + 1, size) for number, size in enumerate(sizes))
    for at in range(0, len(stream), step):
        wire.data_received(stream[at : at + step])
    await wire.greeted
    assert [len(one.payload) for one in await gather(wire, len(sizes))] == sizes
    acknowledged = b"".join(broker.heard[1:])
    assert acknowledged == b"".join(b"\x40\x02" + (number + 1).to_bytes(2, "big") for number in range(len(sizes)))
    wire.close()


@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.binary(max_size=300)), max_size=20), st.data())
async def test_whatever_the_pieces_every_message_is_whole_once_and_acknowledged_if_it_must_be(messages, data):
    broker, wire = Broker(), Wire(to(0))
    wire.connection_made(broker)
    stream, due = b"", b""
    for number, (qos, payload) in enumerate(messages, 1):
        name = number.to_bytes(2, "big") if qos else b""
        stream += module._packet(0x30 | qos << 1, module._text("a/b") + name + payload)
        due += b"\x40\x02" + name if qos else b""
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        wire.data_received(stream[:size])
        stream = stream[size:]
    assert [one.payload for one in await gather(wire, len(messages))] == [payload for _, payload in messages]
    assert b"".join(broker.heard[1:]) == due
    wire.close()


@services
async def test_what_was_under_way_when_the_broker_died_comes_again_over_the_next_connection(tmp_path: Path):
    with mosquitto(tmp_path / "broker", extra="max_queued_messages 0") as broker:
        async with connect(to(broker.port)) as wire:
            await wire.subscribe("#")
            broker.kill()
            with pytest.raises(BrokerError):
                await gather(wire, 1)
        broker.start()
        async with connect(to(broker.port)) as wire, aiomqtt.Client("127.0.0.1", broker.port) as edge:
            await wire.subscribe("#")
            await asyncio.gather(*(edge.publish("many", b"%d" % number, qos=1) for number in range(200)))
            assert sorted(int(one.payload) for one in await gather(wire, 200)) == list(range(200))


async def test_what_is_not_mqtt_ends_the_connection():
    broker, wire = Broker(), Wire(to(0))
    wire.connection_made(broker)
    with pytest.raises(BrokerError, match="not MQTT"):
        wire.data_received(b"\x30\xff\xff\xff\xff\xff")
    wire.close()


async def test_a_broker_that_does_not_answer_a_ping_is_given_up():
    broker, wire = Broker(), Wire(to(0))
    broker.abort = lambda: wire.connection_lost(None)
    wire.connection_made(broker)
    wire._ping()
    wire._ping()
    with pytest.raises(BrokerError, match="no longer answers"):
        await wire.batch(1)
    wire.close()
