"""What it costs to take a message from the broker: our own reader, and the clients that could stand in its place.

python -m benchmarks.clients [--messages N] [--rounds N] [--json]

Each client runs in a process of its own, subscribes at QoS 1, acknowledges, and counts. Compared is its processor time
for each message, which a busy machine leaves as it is; clients take turns, and the median of the rounds is shown. The
messages are real events, sent ahead without a limit so that a batch may form, as it does when many edges send.
"""

import argparse
import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.server import NO_LIMITS
from tapal_contract.events import dump
from tapal_server.ingest.wire import Address, connect
from tests.server.edges import Edge
from tests.support.services.mosquitto import mosquitto

TOPIC = "tapal/1/tunon-taka/nunukan-01/event"
SUBSCRIPTION = "tapal/1/+/+/event"


async def by_wire(port: int, count: int) -> None:
    async with connect(Address(host="127.0.0.1", port=port, client_id="reader")) as wire:
        await wire.subscribe(SUBSCRIPTION)
        _ready()
        while count > 0:
            count -= len(await wire.batch(1000))


async def by_aiomqtt(port: int, count: int) -> None:
    import aiomqtt  # noqa: PLC0415 - only what is measured

    async with aiomqtt.Client("127.0.0.1", port, identifier="reader", max_queued_incoming_messages=0) as client:
        await client.subscribe(SUBSCRIPTION, qos=1)
        _ready()
        async for _ in client.messages:
            count -= 1
            if count == 0:
                return


async def by_paho(port: int, count: int) -> None:
    from paho.mqtt import client as paho  # noqa: PLC0415 - only what is measured
    from paho.mqtt import enums  # noqa: PLC0415 - only what is measured

    left = [count]
    done, loop = asyncio.Event(), asyncio.get_running_loop()

    def take(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            loop.call_soon_threadsafe(done.set)

    client = paho.Client(enums.CallbackAPIVersion.VERSION2, "reader")
    client.on_message = take

    def subscribe(*_: object) -> None:
        client.subscribe(SUBSCRIPTION, 1)

    client.on_connect = subscribe
    client.on_subscribe = lambda *_: _ready()
    client.connect("127.0.0.1", port)
    client.loop_start()
    await done.wait()
    client.loop_stop()


async def by_gmqtt(port: int, count: int) -> None:
    import gmqtt  # type: ignore[import-not-found]  # noqa: PLC0415 - only what is measured, and where it is installed

    left, done = [count], asyncio.Event()

    def take(*_: object) -> int:
        left[0] -= 1
        if left[0] == 0:
            done.set()
        return 0

    client = gmqtt.Client("reader")
    client.on_message = take
    client.on_subscribe = lambda *_: _ready()
    await client.connect("127.0.0.1", port, version=gmqtt.constants.MQTTv311)
    client.subscribe(SUBSCRIPTION, qos=1)
    await done.wait()
    await client.disconnect()


CLIENTS = {"wire": by_wire, "aiomqtt": by_aiomqtt, "paho": by_paho, "gmqtt": by_gmqtt}


def _ready() -> None:
    sys.stdout.write(f"{time.process_time()}\n")
    sys.stdout.flush()


def read(name: str, port: int, count: int) -> None:
    """The reader's process: says its processor time when it is ready, and when it has all."""
    asyncio.run(CLIENTS[name](port, count))
    _ready()


async def send(port: int, payload: bytes, count: int, until: Callable[[], str]) -> str:
    async with connect(Address(host="127.0.0.1", port=port, client_id="sender")) as wire:
        for number in range(count):
            await wire.publish(TOPIC, payload)
            if number % 100 == 0:
                await asyncio.sleep(0)
        return await asyncio.to_thread(until)


def one(name: str, port: int, payload: bytes, count: int) -> float:
    """Microseconds of processor time for a message."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.clients",
        "--read",
        name,
        "--port",
        str(port),
        "--messages",
        str(count),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        before = float(reader.stdout.readline())
        after = float(asyncio.run(send(port, payload, count, reader.stdout.readline)))
    return (after - before) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--read", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        read(given.read, given.port, given.messages)
        return
    known = [name for name in CLIENTS if name != "gmqtt" or importlib.util.find_spec("gmqtt")]
    took: dict[str, list[float]] = {name: [] for name in known}
    payload = dump(Edge().crossing())
    with tempfile.TemporaryDirectory() as folder, mosquitto(Path(folder), extra=NO_LIMITS, quiet=True) as broker:
        for _ in range(given.rounds):
            for name in known:
                took[name].append(one(name, broker.port, payload, given.messages))
    figures = {name: {"us_a_message": round(statistics.median(each), 1)} for name, each in took.items()}
    print(json.dumps({"bytes": len(payload), **figures}, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
