"""What nodes answer to commands: outcomes in their health, and pictures under the id of the command."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.node import CommandAnswer
from tapal_server.clips.taking import note_clip
from tapal_server.db.commands import LookRow
from tapal_server.db.tables import CameraPictureRow, CommandRow, NodeRow, ReferenceViewRow
from tapal_server.events import CameraPictured, CommandAnswered, ServerEvent
from tapal_server.media import MediaStore

__all__ = ["note_answers", "take_snapshots"]

PICTURED: dict[str, type[LookRow]] = {"snapshot": CameraPictureRow, "learn-view": ReferenceViewRow}


def note_answers(
    session: Session, node: NodeRow, answers: tuple[CommandAnswer, ...], now: datetime
) -> list[ServerEvent]:
    """Write down what became of commands that wait; a node repeats its answers, which is harmless."""
    if not answers:
        return []
    told = {answer.id: answer for answer in answers}
    waiting = session.scalars(
        select(CommandRow).where(CommandRow.id.in_(told), CommandRow.node == node.node, CommandRow.state == "waiting")
    ).all()
    hints: list[ServerEvent] = []
    for row in waiting:
        answer = told[row.id]
        row.state, row.reason, row.answered_at = answer.outcome, answer.reason, now
        hints.append(CommandAnswered(command_id=row.id, node=row.node, camera=row.camera, state=row.state))
        if row.name == "clip":
            hints += note_clip(session, answer, now)
    return hints


def take_snapshots(
    session: Session, store: MediaStore, node: NodeRow, pictures: Mapping[str, bytes], now: datetime
) -> tuple[set[str], list[ServerEvent]]:
    """Keep the pictures that were asked for, of each camera the newest only; return the ids of their commands.

    The picture of a view that was learned anew is kept beside the newest look: it says what `moved` is compared with.
    """
    if not pictures:
        return set(), []
    asked = session.scalars(
        select(CommandRow)
        .where(CommandRow.id.in_(pictures), CommandRow.node == node.node, CommandRow.name.in_(PICTURED))
        .order_by(CommandRow.issued_at)
    ).all()
    hints: list[ServerEvent] = []
    for command in asked:
        table = PICTURED[command.name]
        old = session.get(table, (node.node, command.camera))
        if old is not None and old.command_id >= command.id:
            continue  # ids are ordered by time: this one was overtaken, or came twice
        path = store.put(command.id, pictures[command.id])
        if old is not None:
            store.delete(old.path)
        row = old or table(node=node.node, camera=command.camera)
        row.command_id, row.path, row.taken_at = command.id, path, now
        session.add(row)
        if isinstance(row, ReferenceViewRow):  # the picture is the answer: it may come after the word
            row.taken_by = command.issued_by
            hints.append(CommandAnswered(command_id=command.id, node=node.node, camera=command.camera, state="done"))
        else:
            hints.append(CameraPictured(node=node.node, camera=command.camera))
    return {command.id for command in asked}, hints
