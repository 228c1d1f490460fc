"""The front door: one command that opens each part only when it is asked for.

Parts are imported lazily, so that ``tapal edge`` runs on a box without the server's packages and ``tapal --help`` is
quick. A part whose packages are missing says which extra brings them.
"""

import atexit
import gc
import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tapal import __version__
from tapal_contract.cli import explained
from tapal_contract.errors import TapalError


@dataclass(frozen=True, slots=True)
class Part:
    """Where a command lives, and the extra that brings what it needs."""

    module: str
    extra: str
    help: str


PARTS: dict[str, Part] = {
    "demo": Part("tapal.demo.cli", "demo", "Run the whole system on this machine."),
    "edge": Part("tapal_edge.cli", "edge", "Watch cameras: run, check, bench."),
    "server": Part("tapal_server.cli", "server", "Serve an office: run, migrate, user, import-passages."),
    "replay": Part("tapal_server.replay_cli", "server", "Correlate recorded events with passage files."),
    "simulate": Part("tapal_server.simulate_cli", "server", "Make events, passages and their truth from a scenario."),
    "model": Part("tapal_models.cli", "train", "Export, quantize, evaluate, train, promote and bundle models."),
    "dataset": Part("tapal_datasets.cli", "edge", "Import clips and labels, build versioned datasets."),
}


def load(name: str) -> Any:
    """Import the part behind a command.

    Raises:
        TapalError: a package the part needs is not installed; names the extra.
    """
    part = PARTS[name]
    try:
        module = importlib.import_module(part.module)
    except ModuleNotFoundError as error:
        raise TapalError(
            f"'tapal {name}' needs the package {error.name!r}, which is not installed; "
            f"run: pip install 'tapal[{part.extra}]'"
        ) from error
    command = get_command(module.app)
    command.name = name
    return command


class FrontDoor(TyperGroup):
    """Lists the parts without importing them, imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        """Return the names in the order of a newcomer's path."""
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is Typer's
        """Return a card with the name and the help, enough for ``--help``."""
        part = PARTS.get(cmd_name)
        return None if part is None else TyperCommand(name=cmd_name, help=part.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the real command that the arguments call."""
        if args and args[0] in PARTS:
            return args[0], load(args[0]), args[1:]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=FrontDoor,
    no_args_is_help=True,
    add_completion=False,
    help="Finds border crossings that the passage log does not know about, and tells the officer on duty in time.",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - the signature of a flag callback
    if wanted:
        typer.echo(f"tapal {__version__}")
        raise typer.Exit


@app.callback()
def _front(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),  # noqa: FBT001, FBT003 - a Typer flag
) -> None:
    """Hold the options of the front door itself."""


def main() -> None:
    """Run the command line; bad input is one sentence on stderr and exit status 2."""
    # The interpreter looks for cycles once more before it ends: 1.4 s of a processor after a server, for nothing.
    atexit.register(gc.freeze)
    with explained():
        app()


if __name__ == "__main__":
    main()
