"""Each node's stream of messages: stored once, acknowledged only as far as it is held without a gap.

A node numbers its messages. Three things may go wrong beside plain loss, and none may lose a message or stop the node:

- the node was restored from an old backup, so its numbers go back and are used again for other messages: the server
  opens a new *epoch* of the node and counts afresh, both messages are kept, the conflict is reported;
- this server was restored from a backup and never gets what the node has long deleted: `oldest_seq`, which the node
  tells at birth and with its health, closes the hole, and the loss is counted;
- two nodes run under one name: only messages of the newer start move the acknowledgement.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tapal_contract.node import Ack
from tapal_server.db.tables import EventRow, NodeRow
from tapal_server.ingest.rows import Told, insert_all, insert_rows

__all__ = ["acknowledge", "close_hole", "meet_node", "store_told"]

_STEP = 5000
_MOST = 2**31 - 1  # what the column holds


def meet_node(session: Session, node: str, site: str, boot: str | None, now: datetime) -> NodeRow:
    """The node's row, locked for this transaction; made at first sight."""
    row = session.scalar(select(NodeRow).where(NodeRow.node == node).with_for_update())
    if row is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(
            insert(NodeRow)
            .values(
                node=node,
                site=site,
                status="unknown",
                version="",
                epoch=1,
                through=0,
                boot_highest=0,
                conflicts=0,
                repeats=0,
                lost=0,
            )
            .on_conflict_do_nothing()
        )
        row = session.scalars(select(NodeRow).where(NodeRow.node == node).with_for_update()).one()
    if boot is not None and (row.boot is None or boot > row.boot):
        row.boot, row.boot_highest, row.boot_oldest = boot, 0, None
    if boot is None or boot == row.boot:
        row.site, row.last_seen = site, now
    return row


def store_told(session: Session, node: NodeRow, told: Sequence[Told], now: datetime) -> list[str]:
    """Store what is new, in the order it came; return the ids of what was new."""
    if _is_plain(node, told) and insert_all(session, node, told, now):
        node.boot_highest = node.through = told[-1].seq
        return [one.id for one in told]
    stored = dict(
        session.execute(select(EventRow.id, EventRow.epoch).where(EventRow.id.in_([one.id for one in told]))).all()
    )
    taken = _taken(session, node, told)
    fresh: dict[str, Told] = {}
    aside: dict[str, Told] = {}
    new: list[str] = []
    for one in told:
        if one.boot == node.boot:
            node.boot_highest = max(node.boot_highest, one.seq)
        if one.id in stored or one.id in fresh or one.id in aside:
            node.repeats += 1
            if stored.get(one.id, node.epoch) < node.epoch and one.boot == node.boot:
                _bring_along(session, node, one, taken)
            continue
        if one.seq in taken and one.boot != node.boot:
            # A straggler of a start that is over, or a second node of this name: kept, but out of the sequence.
            node.conflicts += 1
            aside[one.id] = one
            new.append(one.id)
            continue
        if one.seq in taken:
            _insert(session, node, fresh, now)
            _open_epoch(node, one)
            stored |= dict.fromkeys(fresh, node.epoch - 1)
            fresh, taken = {}, _taken(session, node, told)
        fresh[one.id] = one
        taken.add(one.seq)
        new.append(one.id)
    _insert(session, node, fresh, now)
    _insert(session, node, aside, now, in_sequence=False)
    return new


def close_hole(session: Session, node: NodeRow, boot: str, oldest_seq: int | None) -> None:
    """Learn from the node what it can no longer send, and count what nobody has as lost."""
    if boot != node.boot or oldest_seq is None:
        return
    node.boot_oldest = oldest_seq
    if oldest_seq - 1 <= node.through:
        return
    held = session.scalar(
        select(func.count()).where(
            EventRow.node == node.node,
            EventRow.epoch == node.epoch,
            EventRow.seq > node.through,
            EventRow.seq < oldest_seq,
        )
    )
    if node.through > 0:  # else this server meets the node for the first time and has lost nothing of it
        node.lost = min(_MOST, node.lost + oldest_seq - 1 - node.through - (held or 0))
    node.through = oldest_seq - 1


def acknowledge(session: Session, node: NodeRow, media: tuple[str, ...]) -> Ack:
    """Move `through` as far as there is no gap, and say so to the node; never beyond what its present start sent."""
    query = select(EventRow.seq).where(EventRow.node == node.node, EventRow.epoch == node.epoch)
    gap = False
    while not gap:
        seqs = session.scalars(query.where(EventRow.seq > node.through).order_by(EventRow.seq).limit(_STEP)).all()
        for seq in seqs:
            if seq != node.through + 1:
                gap = True
                break
            node.through = seq
        if len(seqs) < _STEP:
            break
    through = min(node.through, node.boot_highest)
    return Ack(boot=node.boot, through=through, media=media, resend_from=node.through + 1 if gap else None)


def _taken(session: Session, node: NodeRow, told: Sequence[Told]) -> set[int]:
    return set(
        session.scalars(
            select(EventRow.seq).where(
                EventRow.node == node.node,
                EventRow.epoch == node.epoch,
                EventRow.seq.in_({one.seq for one in told}),
            )
        )
    )


def _open_epoch(node: NodeRow, first: Told) -> None:
    node.conflicts += 1
    node.epoch += 1
    # What the node still holds begins at its oldest; where it did not say so, at the message that gave it away.
    oldest = node.boot_oldest if first.boot == node.boot and node.boot_oldest else first.seq
    node.through = min(oldest, first.seq) - 1


def _bring_along(session: Session, node: NodeRow, one: Told, taken: set[int]) -> None:
    """A message stored in an earlier epoch also fills its place in this one."""
    if one.seq not in taken:
        session.execute(update(EventRow).where(EventRow.id == one.id).values(epoch=node.epoch, seq=one.seq))
        taken.add(one.seq)


def _is_plain(node: NodeRow, told: Sequence[Told]) -> bool:
    """Whether these are just the next messages of a node's present start, as nearly always."""
    following = enumerate(told, node.through + 1)
    return (
        bool(told)
        and all(one.seq == seq and one.boot == node.boot for seq, one in following)
        and node.boot_highest <= node.through
        and len({one.id for one in told}) == len(told)
    )


def _insert(
    session: Session, node: NodeRow, fresh: dict[str, Told], now: datetime, *, in_sequence: bool = True
) -> None:
    if not fresh:
        return
    insert_rows(session, node, list(fresh.values()), now, in_sequence=in_sequence)
