"""A command of the contract as it is written down for the dispatcher."""

from datetime import timedelta

from tapal_contract.node import Command
from tapal_server.db.tables import CommandRow

__all__ = ["written"]


def written(command: Command, node: str, site: str, lasts: timedelta) -> CommandRow:
    """The row of a command that waits to be sent to a node, for so long."""
    return CommandRow(
        id=command.id,
        node=node,
        site=site,
        camera=command.camera or "",
        name=command.name,
        body=command.model_dump(mode="json", by_alias=True, exclude_none=True),
        state="waiting",
        reason="",
        issued_at=command.issued_at,
        issued_by=command.issued_by,
        expires_at=command.issued_at + lasts,
    )
