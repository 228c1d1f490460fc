"""What people are shown of commands and cameras."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tapal_server.db.tables import CommandRow

__all__ = ["CameraPicture", "CommandView", "GeometryView", "ReferenceView", "view"]

State = Literal["waiting", "done", "refused", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandView:
    """A request to a node, and what became of it."""

    id: str
    node: str
    site: str
    camera: str
    name: str
    state: State
    reason: str
    issued_at: datetime
    issued_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryView:
    """The lines and zones in force at a camera, as its node last said, and the last request to change them."""

    node: str
    camera: str
    lines: tuple[dict[str, Any], ...] | None
    zones: tuple[dict[str, Any], ...] | None
    reported_at: datetime | None
    last: CommandView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPicture:
    """The newest look through a camera, heads blurred."""

    jpeg: bytes
    taken_at: datetime
    command_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """What a camera's view is compared with: when and by whom it was taken, and the last request to take it anew."""

    node: str
    camera: str
    taken_at: datetime | None
    taken_by: str | None
    last: CommandView | None


def view(row: CommandRow, now: datetime) -> CommandView:
    """What is shown of a command; one that nobody answered in time is shown as expired."""
    state: State = "waiting" if row.expires_at > now else "expired"
    if row.state == "done":
        state = "done"
    elif row.state == "refused":
        state = "refused"
    return CommandView(
        id=row.id,
        node=row.node,
        site=row.site,
        camera=row.camera,
        name=row.name,
        state=state,
        reason=row.reason,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        answered_at=row.answered_at,
    )
