"""``tapal edge secret``: passwords of cameras, kept sealed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.errors import TapalError
from tapal_edge.config import EdgeConfig, load
from tapal_edge.safe import Safe
from tapal_edge.sealing import seal
from tapal_edge.sources.address import references

app = typer.Typer(no_args_is_help=True, help="Keep passwords of cameras sealed; an address says ${secret:NAME}.")

Config = Annotated[Path, typer.Option("--config", "-c", help="The node's YAML file.")]
NameOf = Annotated[str, typer.Argument(help="The name after 'secret:' in an address.")]


@app.command(name="set")
def set_(config: Config, name: NameOf) -> None:
    """Seal a password, asked for without showing it, or read from a pipe; running nodes take it at their next try."""
    safe = _safe(config)
    if sys.stdin.isatty():
        secret: str = typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    safe.put(name, secret)
    typer.echo(f"{name} is sealed in {safe.file}; {safe.key_is}")


@app.command(name="list")
def list_(config: Config) -> None:
    """Name what is sealed and which cameras ask for it; never the passwords."""
    settings = load(config)
    kept = Safe(settings.folder()).names()
    users = _users(settings)
    for name in sorted({*kept, *users}):
        of = f"for {', '.join(users[name])}" if name in users else "nobody asks for it"
        typer.echo(f"{name}: {of}" + ("" if name in kept else f"; MISSING: tapal edge secret set {name}"))


@app.command()
def remove(config: Config, name: NameOf) -> None:
    """Forget a password that no camera asks for any more."""
    settings = load(config)
    users = _users(settings).get(name)
    if users:
        raise TapalError(f"{name!r} is asked for by {', '.join(users)}; change the source there first")
    Safe(settings.folder()).remove(name)


@app.command()
def move(config: Config) -> None:
    """Seal every password that stands plainly in the file, and write its name there instead."""
    safe = _safe(config)
    moved, deleted = seal(config, safe)
    for one in moved:
        typer.echo(f"camera {one.camera}: its password is sealed as {one.name}")
    for copy in deleted:
        typer.echo(f"{copy} held them, too, and is deleted")
    if not moved:
        typer.echo("no address holds a plain password")
        return
    typer.echo(f"{safe.file}: {safe.key_is}")
    typer.echo("Copies of the file elsewhere still show them: change the passwords at the cameras if there are any.")


def _safe(config: Path) -> Safe:
    folder = load(config).folder()
    if not folder.is_dir():
        raise TapalError(f"{folder}: there is no such folder; make it as the node's user, or correct data_dir")
    return Safe(folder)


def _users(settings: EdgeConfig) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for camera in settings.cameras:
        for name in references(str(camera.source)):
            users.setdefault(name, []).append(camera.id)
    return users
