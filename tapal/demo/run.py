"""The demo's composition root: broker, server, edge and clerk, started in order and stopped in reverse."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from pathlib import Path

import aiomqtt
from rich.console import Console

from tapal.demo.broker import embedded_broker
from tapal.demo.clerk import Clerk, Habits, Row
from tapal.demo.files import CHECKPOINT, NODE, OFFICER, SITE, Ports, Scene, write
from tapal.demo.processes import Child, run_once, running
from tapal.demo.server_client import ServerClient
from tapal_contract.errors import TapalError
from tapal_contract.events import Crossing, parse_event
from tapal_contract.node import State, parse_control
from tapal_contract.topics import Topic

SEED = 2249  # with the default habits, the sixth person is the first without a record: the first alert comes soon
_READY_S = 120.0
_POLL_S = 0.25


async def run_demo(scene: Scene, ports: Ports, folder: Path, console: Console) -> None:
    """Run everything until cancelled.

    Raises:
        TapalError: a part did not start, or ended by itself.
    """
    password = secrets.token_urlsafe(9)
    write(folder, scene, ports)
    async with AsyncExitStack() as stack:
        console.print(f"[dim]1/5[/] message broker on 127.0.0.1:{ports.mqtt}")
        await stack.enter_async_context(embedded_broker(ports.mqtt))
        console.print("[dim]2/5[/] database, an officer and the counter's key")
        token = await _prepare(folder, password)
        client = ServerClient(f"http://127.0.0.1:{ports.http}", token)
        console.print("[dim]3/5[/] server and console")
        server = await stack.enter_async_context(
            running("server", ["server", "run", "--config", "server.yaml"], folder)
        )
        await _until(client.is_ready, server, "did not become ready")
        mqtt = await stack.enter_async_context(aiomqtt.Client("127.0.0.1", ports.mqtt, identifier="demo-clerk"))
        await mqtt.subscribe(Topic(SITE, NODE, "event").path, qos=1)
        await mqtt.subscribe(Topic(SITE, NODE, "state").path, qos=1)
        console.print("[dim]4/5[/] edge node: model and camera")
        edge = await stack.enter_async_context(running("edge", ["edge", "run", "--config", "edge.yaml"], folder))
        counter = _Counter(mqtt, client, console)
        console.print("[dim]5/5[/] passage log that leaves some people out\n")
        _greet(console, client.address, password, folder)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.watch(), name="watch server")
            tasks.create_task(edge.watch(), name="watch edge")
            tasks.create_task(counter.run(), name="counter")


async def _prepare(folder: Path, password: str) -> str:
    """Migrate, add the officer and return a token for the counter."""
    config = ["--config", "server.yaml"]
    await run_once(["server", "migrate", *config], folder)
    await run_once(
        ["server", "user", "add", OFFICER, "--role", "supervisor", "--password-stdin", *config],
        folder,
        stdin=password + "\n",
    )
    printed = await run_once(
        ["server", "token", "add", "demo-counter", "--user", OFFICER, "--scope", "passages", *config], folder
    )
    return printed.strip().splitlines()[-1]


async def _until(ready: object, child: Child, problem: str) -> None:
    assert callable(ready)
    watch = asyncio.create_task(child.watch(), name=f"watch {child.name} start")
    try:
        async with asyncio.timeout(_READY_S):
            while not await asyncio.to_thread(ready):
                if watch.done():
                    await watch
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise TapalError(f"the {child.name} {problem} within {_READY_S:.0f} s; see {child.log}") from error
    finally:
        watch.cancel()


def _greet(console: Console, address: str, password: str, folder: Path) -> None:
    console.print(f"  Console   [bold]{address}[/]", highlight=False)
    console.print(f"  Sign in   [bold]{OFFICER}[/]   password [bold]{password}[/]", highlight=False)
    console.print(f"  Logs      {folder}", highlight=False)
    console.print("  The first alert comes about a minute after the first person without a record. Ctrl-C stops all.\n")


class _Counter:
    """Carries crossings to the clerk and the clerk's rows to the server when their time has come."""

    def __init__(self, mqtt: aiomqtt.Client, client: ServerClient, console: Console) -> None:
        self._mqtt = mqtt
        self._client = client
        self._console = console
        self._clerk = Clerk(CHECKPOINT, Habits(), seed=SEED)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            with self._console.status("waiting for the first person") as status:
                async for message in self._mqtt.messages:
                    payload = bytes(message.payload) if isinstance(message.payload, bytes | bytearray) else b""
                    if str(message.topic).endswith("/state"):
                        self._console.print(f"  camera node is {parse_control(State, payload).state}", style="dim")
                        continue
                    event = parse_event(payload)
                    if not isinstance(event, Crossing):
                        continue
                    for row in self._clerk.serve(event):
                        tasks.create_task(self._log(row, event), name=f"log {row.record_id}")
                    status.update(
                        f"{self._clerk.logged + self._clerk.left_out} people crossed, "
                        f"{self._clerk.left_out} of them without a record"
                    )

    async def _log(self, row: Row, event: Crossing) -> None:
        """Write the record when the person reaches the counter."""
        await asyncio.sleep(max(0.0, (row.recorded_at - event.time).total_seconds()))
        await asyncio.to_thread(self._client.log_passages, [row])
