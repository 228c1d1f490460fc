"""``tapal edge``: run and check a node."""

import asyncio
import contextlib
import json
import logging
import shutil
import signal
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.errors import TapalError
from tapal_edge import choice, keyring, node, secret_cli
from tapal_edge.bench import bench as run_bench
from tapal_edge.calibrate import Counter
from tapal_edge.calibrate import calibrate as estimate
from tapal_edge.check import check as check_node
from tapal_edge.clip_export import export
from tapal_edge.clips import find as find_clip
from tapal_edge.config import load
from tapal_edge.config_file import write_top_level
from tapal_edge.draw.frames import Frames
from tapal_edge.draw.server import Studio, serve
from tapal_edge.post import CLIPS

app = typer.Typer(no_args_is_help=True, help="Watch cameras.")
app.add_typer(secret_cli.app, name="secret")

Config = Annotated[Path, typer.Option("--config", "-c", help="The node's YAML file.")]


@app.command()
def run(
    config: Config,
    events_out: Annotated[Path | None, typer.Option(help="Also write every message to this JSON Lines file.")] = None,
    mqtt: Annotated[bool, typer.Option("--mqtt/--no-mqtt", help="Send to the broker.")] = True,  # noqa: FBT002 - a flag
    start: Annotated[
        str | None, typer.Option(help="When recordings begin, RFC 3339 with offset; default: now.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Watch the cameras; recordings are analysed to their end as fast as the machine allows."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    options = node.Options(
        config_path=config,
        events_out=events_out,
        mqtt=mqtt,
        start_s=None if start is None else _seconds(start),
    )
    count = asyncio.run(_run_until_signalled(config, options))
    typer.echo(f"{count} messages", err=True)


@app.command()
def check(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Try everything a run needs: the file, the model, each source, the outbox; exit 1 when something fails."""
    report = check_node(load(config), config)
    typer.echo(report.json() if as_json else report.text())
    if not report.good:
        raise typer.Exit(1)


@app.command()
def draw(
    config: Config,
    host: Annotated[str, typer.Option(help="Address to serve at; 0.0.0.0 for the local network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 8090,
) -> None:
    """Draw lines and zones over a live frame, in a browser, and save them into the file."""
    settings = load(config)
    frames = Frames(settings, node.load_detector(settings, config))
    with serve(Studio(config, frames.grab), host, port) as address:
        typer.echo(f"Draw at {address}\nCtrl-C ends it; then restart the node, so that it counts at the new lines.")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


@app.command()
def bench(
    config: Config,
    frames: Annotated[int, typer.Option(min=5, help="Frames to measure on.")] = 30,
    cameras: Annotated[
        int | None, typer.Option(min=1, max=256, help="Try so many cameras at 5 fps, and fewer; exit 1 unless carried.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Also write the choice into the configuration.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Measure ways of running the model here, and how many cameras that carries; 'provider: auto' takes the best."""
    settings = load(config)
    result = run_bench(settings, frames=frames, wanted=cameras)
    typer.echo(json.dumps(result.as_data(), default=str) if as_json else result.text())
    way = result.chosen.way
    typer.echo(f"kept in {choice.save(settings, way)}", err=True)
    if write:
        write_top_level(config, {"provider": way.provider, "model": str(way.model)})
        typer.echo(f"written to {config}", err=True)
    if not result.carried:
        raise typer.Exit(1)


@app.command()
def calibrate(
    events: Annotated[list[Path], typer.Argument(help="Files that 'edge run --events-out' wrote.")],
    *,
    first: Annotated[str, typer.Option(help="CAMERA/LINE.")],
    second: Annotated[str, typer.Option(help="CAMERA/LINE that sees the same people.")],
    travel: Annotated[float, typer.Option(help="Seconds from the first line to the second when going inbound.")] = 0.0,
    tolerance: Annotated[float, typer.Option(min=0.1, help="Seconds that a pair may be off.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Estimate from two lines that see the same people what share each of them counts."""
    pair = Counter.parse(first), Counter.parse(second)
    result = estimate(events, *pair, travel_s=travel, tolerance_s=tolerance)
    typer.echo(json.dumps(result.as_data()) if as_json else result.text())


@app.command()
def clip(
    config: Config,
    event: Annotated[str, typer.Argument(help="The id of the event.")],
    out: Annotated[Path, typer.Option(help="Where to write the copy, an .mp4.")],
) -> None:
    """Copy the clip of an event out of the box, with every head blurred."""
    settings = load(config)
    found = find_clip(settings.folder() / CLIPS, event)
    if found is None:
        raise TapalError(f"there is no clip of event {event!r}; it may be too old, or 'clips' is not configured")
    if settings.privacy.blur == "none":
        shutil.copyfile(found, out)
    else:
        export(found, out, node.load_detector(settings, config))
    typer.echo(str(out))


@app.command()
def enrol(
    config: Config,
    *,
    server: Annotated[str, typer.Option(help="The server's address, https://HOST.")],
    code: Annotated[str, typer.Option(help="What 'tapal server enrol-code' printed.")],
    ca_file: Annotated[Path | None, typer.Option(help="CA that signed the server's certificate.")] = None,
) -> None:
    """Become this node by a one-time code: from the next start on every message is signed."""
    settings = load(config)
    tls = ssl.create_default_context(cafile=ca_file) if ca_file is not None else None
    key = keyring.enrol(settings.folder(), settings.node, settings.site, server, code, tls=tls)
    typer.echo(f"enrolled as {settings.node} with key {key}; restart the node, so that it signs")


async def _run_until_signalled(path: Path, options: node.Options) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return await node.run(load(path), options, stop=stop)


def _seconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TapalError(f"--start {text!r} is not a time; write it as 2026-03-02T06:00:00+08:00") from error
    if moment.tzinfo is None:
        raise TapalError(f"--start {text!r} has no offset; write it as 2026-03-02T06:00:00+08:00")
    return moment.astimezone(UTC).timestamp()
