"""`tapal server enrol-code`, `revoke`, `broker-acl`: keys of nodes, and what the broker should let them do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tapal_contract.cli import explained
from tapal_contract.topics import Topic
from tapal_server.enrolment.acl import broker_acl
from tapal_server.people.actor import SYSTEM

if TYPE_CHECKING:
    from tapal_server.parts import Parts

__all__ = ["add_to"]

ConfigFile = Annotated[Path, typer.Option("--config", help="The server's settings, YAML.")]
DEFAULT = Path("server.yaml")


def add_to(app: typer.Typer, opened: Callable[[Path], AbstractContextManager["Parts"]]) -> None:
    """Add the commands."""

    @app.command("enrol-code")
    def enrol_code(
        config: ConfigFile = DEFAULT,
        *,
        node: Annotated[str, typer.Option(help="Name of the node.")],
        site: Annotated[str, typer.Option(help="Its site.")],
        hours: Annotated[float, typer.Option(min=0.1, max=720, help="The code works for so long.")] = 24.0,
    ) -> None:
        """Print a code that lets one box in, once, as this node."""
        with explained(), opened(config) as parts:
            Topic(site, node, "event")  # complains about names that cannot be
            typer.echo(parts.services.enrolment.new_code(SYSTEM, node, site, lasts=timedelta(hours=hours)))

    @app.command()
    def revoke(config: ConfigFile = DEFAULT, *, node: Annotated[str, typer.Option(help="Name of the node.")]) -> None:
        """Believe nothing any longer that is signed with the keys of this node."""
        with explained(), opened(config) as parts:
            count = parts.services.enrolment.revoke(SYSTEM, node)
            typer.echo(f"{count} key(s) of {node} revoked; let a new box in with 'tapal server enrol-code'")

    @app.command("broker-acl")
    def print_acl(
        config: ConfigFile = DEFAULT,
        *,
        server: Annotated[str, typer.Option(help="The server's user at the broker.")] = "tapal-server",
        out: Annotated[Path | None, typer.Option(help="Write to this file instead of the terminal.")] = None,
    ) -> None:
        """Print Mosquitto's ACL file: every enrolled node speaks for itself only; its user bears its name."""
        with explained(), opened(config) as parts:
            text = broker_acl(parts.services.enrolment.all(), server)
            if out is None:
                typer.echo(text, nl=False)
            else:
                out.write_text(text, encoding="utf-8")
