"""``tapal demo``: the whole system on one machine."""

import asyncio
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tapal.demo.files import Ports, Scene, load_sample, parse_line
from tapal.demo.run import run_demo
from tapal_contract.cli import explained
from tapal_contract.errors import TapalError

app = typer.Typer(add_completion=False)

_DEFAULT_LINE = "0.5,0.05,0.5,0.95"


@app.command()
def demo(
    source: Annotated[
        str | None, typer.Option(help="Your camera: a file, an rtsp:// or http:// address, or a device number.")
    ] = None,
    line: Annotated[
        str | None, typer.Option(help="The line to count at: x1,y1,x2,y2 as fractions of the frame.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the console on 127.0.0.1.", min=0, max=65535)] = 8080,
    data: Annotated[
        Path | None, typer.Option(help="Keep the demo's files in this new folder; default: a temporary one.")
    ] = None,
) -> None:
    """Run broker, server, console, edge node and a leaky passage log on this machine."""
    with explained():
        scene = _scene(source, line)
        ports = Ports(http=_free_port(port), mqtt=_free_port(0))
        if data is not None and data.exists() and any(data.iterdir()):
            raise TapalError(f"--data {str(data)!r} is not empty; name a new folder, each demo starts from nothing")
        folder = data.resolve() if data else Path(tempfile.mkdtemp(prefix="tapal-demo-"))
        console = Console(stderr=True)
        try:
            asyncio.run(_until_interrupted(scene, ports, folder, console))
        except* TapalError as group:
            raise _first(group) from None
        finally:
            if data is None:
                shutil.rmtree(folder, ignore_errors=True)
        console.print("Everything has stopped.")


def _scene(source: str | None, line: str | None) -> Scene:
    if source is None:
        if line is not None:
            raise TapalError("--line belongs to --source; the sample feed has its own line")
        return load_sample(_sample_folder())
    is_address = "://" in source
    if not is_address and not source.isdigit():
        path = Path(source)
        if not path.is_file():
            raise TapalError(f"--source {source!r} is no file, no address and no device number; check the path")
        source = str(path.resolve())
    return Scene(
        source=source,
        loop=not is_address and not source.isdigit(),
        lines=(parse_line(line or _DEFAULT_LINE),),
    )


def _sample_folder() -> Path:
    """Return the folder of the sample feed: beside the datasets package in a checkout, inside it in a wheel."""
    import tapal_datasets  # noqa: PLC0415 - only its place is needed

    package = Path(tapal_datasets.__file__).parent
    return next((folder for folder in (package / "sample", package.parent / "sample") if folder.is_dir()), package)


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise TapalError(f"port {wanted} on 127.0.0.1 is taken; choose another with --port") from error
        return int(probe.getsockname()[1])


async def _until_interrupted(scene: Scene, ports: Ports, folder: Path, console: Console) -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await run_demo(scene, ports, folder, console)
    except asyncio.CancelledError:
        console.print("\nStopping edge, server and broker")


def _first(group: BaseExceptionGroup[TapalError]) -> TapalError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, TapalError)
    return found


if __name__ == "__main__":
    sys.exit(app())
