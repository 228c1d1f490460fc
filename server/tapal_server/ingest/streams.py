"""Each node's stream of messages: stored once, acknowledged only as far as it is held without a gap.

A node numbers its messages. Three things may go wrong beside plain loss, and none may lose a message or stop the node:

- the node was restored from an old backup, so its numbers go back and are used again for other messages: the server
  opens a new *epoch* of the node and counts afresh, both messages are kept, the conflict is reported;
- this server was restored from a backup and never gets what the node has long deleted: `oldest_seq`, which the node
  tells at birth and with its health, closes the hole, and the loss is counted;
- two nodes run under one name: only messages of the newer start move the acknowledgement.

Several servers may take parts of one node's stream, in any order: docs/scale.md says why that is safe.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tapal_contract.node import Ack
from tapal_server.db.tables import EventRow, NodeRow
from tapal_server.ingest.rows import Told, count_crossings, insert_all, insert_rows

__all__ = ["Gaps", "acknowledge", "behind_a_gap", "close_hole", "keep_order", "meet_nodes", "store_all"]

_STEP = 5000
_IN_TURN = text(f"SELECT pg_advisory_xact_lock({0x7A9A4})")
_MOST = 2**31 - 1  # what the column holds
# Made once: with a few messages a batch, making a statement took longer than the database did to answer it.
# Always in the same order, so that two servers cannot lock each other out.
_MEET = (
    select(NodeRow).order_by(NodeRow.node).with_for_update().where(NodeRow.node.in_(bindparam("nodes", expanding=True)))
)
_BEYOND = exists().where(EventRow.node == NodeRow.node, EventRow.epoch == NodeRow.epoch, EventRow.seq > NodeRow.through)
_BEHIND = select(NodeRow.node).where(NodeRow.node.in_(bindparam("nodes", expanding=True)), _BEYOND)


def keep_order(session: Session) -> None:
    """Let `arrival` be the order of commits: whoever takes numbers holds other servers until its commit.

    Who reads on from the highest number it saw would else pass over a lower one that is committed later.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_IN_TURN)


class Gaps:
    """Asks a node for what is missing, but not before another server has had time to commit it."""

    def __init__(self, wait: timedelta) -> None:
        self._wait = wait
        self._stuck: dict[str, tuple[int, datetime]] = {}

    def patient(self, node: str, ack: Ack, now: datetime) -> Ack:
        """The same answer, its request left out while the gap is young."""
        if not self._wait:
            return ack
        if ack.resend_from is None:
            self._stuck.pop(node, None)
            return ack
        at, since = self._stuck.get(node, (0, now))
        if at != ack.resend_from:
            self._stuck[node] = (ack.resend_from, now)
            since = now
        return ack if now - since >= self._wait else ack.model_copy(update={"resend_from": None})


def meet_nodes(session: Session, heard: Mapping[str, tuple[str, str | None]], now: datetime) -> dict[str, NodeRow]:
    """The rows of these nodes, locked for this transaction, made at first sight; `heard` gives site and newest start.

    One statement for all: a batch of a large country holds messages of hundreds of nodes.
    """
    found = {row.node: row for row in session.scalars(_MEET, {"nodes": list(heard)})}
    new = sorted(heard.keys() - found.keys())
    if new:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        values = {"status": "unknown", "version": "", "epoch": 1}
        counts = dict.fromkeys(("through", "boot_highest", "conflicts", "repeats", "lost"), 0)
        rows = [{"node": node, "site": heard[node][0], **values, **counts} for node in new]
        session.execute(insert(NodeRow).on_conflict_do_nothing(), rows)
        found |= {row.node: row for row in session.scalars(_MEET, {"nodes": new})}
    for node, (site, boot) in heard.items():
        row = found[node]
        if boot is not None and (row.boot is None or boot > row.boot):
            row.boot, row.boot_highest, row.boot_oldest = boot, 0, None
        if boot is None or boot == row.boot:
            row.site, row.last_seen = site, now
    return found


def store_all(
    session: Session, told: Sequence[tuple[NodeRow, Sequence[Told]]], now: datetime, *, deleted_before: datetime | None
) -> int:
    """Store what is new of each node, in the order it came; return how many were.

    What was stored and deleted when its time ended is not new: it is as old as that, and its number was acknowledged.
    """
    plain = [(node, of_node) for node, of_node in told if _is_plain(node, of_node)]
    rest = list(told)
    if insert_all(session, plain, now):
        for node, of_node in plain:
            node.boot_highest = node.through = of_node[-1].seq
        done = {node.node for node, _ in plain}
        rest = [(node, of_node) for node, of_node in told if node.node not in done]
    count = sum(len(of_node) for _, of_node in told) - sum(len(of_node) for _, of_node in rest)
    return count + sum(_store(session, node, of_node, now, deleted_before) for node, of_node in rest if of_node)


def _store(
    session: Session, node: NodeRow, told: Sequence[Told], now: datetime, deleted_before: datetime | None
) -> int:
    if _is_plain(node, told) and insert_all(session, [(node, told)], now):
        node.boot_highest = node.through = told[-1].seq
        return len(told)
    stored = dict(
        session.execute(select(EventRow.id, EventRow.epoch).where(EventRow.id.in_([one.id for one in told]))).all()
    )
    taken = _taken(session, node, told)
    fresh: dict[str, Told] = {}
    aside: dict[str, Told] = {}
    new = 0
    for one in told:
        if one.boot == node.boot:
            node.boot_highest = max(node.boot_highest, one.seq)
        if one.id in stored or one.id in fresh or one.id in aside:
            node.repeats += 1
            if stored.get(one.id, node.epoch) < node.epoch and one.boot == node.boot:
                _bring_along(session, node, one, taken)
            continue
        if (
            deleted_before is not None
            and one.time < deleted_before
            and one.seq <= node.through
            and one.seq not in taken
        ):
            node.repeats += 1  # played again by somebody, or never acknowledged in an answer that arrived
            continue
        if one.seq in taken and one.boot != node.boot:
            # A straggler of a start that is over, or a second node of this name: kept, but out of the sequence.
            node.conflicts += 1
            aside[one.id] = one
            new += 1
            continue
        if one.seq in taken:
            _insert(session, node, fresh, now)
            _open_epoch(node, one)
            stored |= dict.fromkeys(fresh, node.epoch - 1)
            fresh, taken = {}, _taken(session, node, told)
        fresh[one.id] = one
        taken.add(one.seq)
        new += 1
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


def behind_a_gap(session: Session, nodes: Iterable[str]) -> set[str]:
    """Which of these nodes have messages beyond where they are held without a gap."""
    return set(session.scalars(_BEHIND, {"nodes": list(nodes)}))


def acknowledge(session: Session, node: NodeRow, media: tuple[str, ...], *, beyond: bool) -> Ack:
    """Move `through` as far as there is no gap, and say so to the node; never beyond what its present start sent."""
    gap = False
    while beyond and not gap:
        query = select(EventRow.seq).where(EventRow.node == node.node, EventRow.epoch == node.epoch)
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
    insert_rows(session, [(node, list(fresh.values()))], now, in_sequence=in_sequence)
    count_crossings(session, fresh.values())
