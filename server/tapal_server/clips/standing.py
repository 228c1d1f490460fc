"""How it stands with a film: asked for or not, on its way, here, or why it cannot be had."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy.orm import Session

from tapal_contract.node import ClipCause
from tapal_server.clips.turns import Hold, Why
from tapal_server.db.tables import ClipRow, CommandRow, NodeRow

__all__ = ["ClipView", "State", "standing", "state_of"]

State = Literal["none", "waiting", "asked", "coming", "here", "failed"]
Cause = ClipCause | Literal["offline", "silent", "stalled", "broken", "late", "twice"]
STALLED = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """How it stands with the film of an event; `reason` is the node's own sentence, in English.

    `why` says after what the review asks for it by itself, `hold` why it is `waiting` to be asked for.
    """

    event_id: str
    state: State
    cause: Cause | None = None
    reason: str = ""
    node_online: bool = False
    asked_at: datetime | None = None
    asked_by: str | None = None
    expires_at: datetime | None = None
    pieces: int = 0
    of: int = 0
    bytes: int = 0
    why: Why | None = None
    hold: Hold | None = None


def standing(session: Session, clip: ClipRow, now: datetime) -> ClipView:
    """What is shown of a film."""
    command, node = session.get(CommandRow, clip.command_id), session.get(NodeRow, clip.node)
    online = node is not None and node.status == "online"
    state, cause = state_of(clip, command, now, online=online)
    return ClipView(
        event_id=clip.event_id,
        state=state,
        cause=cause,
        reason=clip.reason if state == "failed" else "",
        node_online=online,
        asked_at=clip.asked_at,
        asked_by=clip.asked_by,
        expires_at=command.expires_at if command is not None else None,
        pieces=clip.pieces,
        of=clip.expected,
        bytes=clip.bytes,
        why=cast("Why", clip.why) if clip.why else None,
        hold=cast("Hold", clip.hold) if state == "waiting" else None,
    )


def state_of(clip: ClipRow, command: CommandRow | None, now: datetime, *, online: bool) -> tuple[State, Cause | None]:
    """The state, and of a failure its cause."""
    if clip.path is not None:
        return "here", None
    if clip.hold or clip.problem:
        return ("waiting", None) if clip.hold else ("failed", cast("Cause", clip.problem))  # as it was written down
    if command is None:
        return "none", None
    if clip.pieces or command.state == "done":
        heard = clip.heard_at or clip.asked_at
        return ("failed", "stalled") if now - heard > STALLED else ("coming", None)
    if command.expires_at > now:
        return "asked", None
    return "failed", "silent" if online else "offline"
