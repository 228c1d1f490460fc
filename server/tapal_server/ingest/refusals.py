"""Messages that were refused: counted by node and reason for ever, the newest few kept to look at."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tapal_server.db.tables import NodeRow, RefusalRow, RejectedRow
from tapal_server.ingest.sorting import Refused

__all__ = ["REJECTED_KEPT", "Refusals", "note_refused", "refusals"]

REJECTED_KEPT = 1000
PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused of one node: how many by reason, and when last."""

    by_reason: dict[str, int]
    last_at: datetime


def note_refused(session: Session, refused: Sequence[Refused], now: datetime, *, kept: int = REJECTED_KEPT) -> None:
    """Count all, keep the newest."""
    if refused:
        _count(session, refused, now)
        _keep(session, refused[-kept:], now, kept)


def refusals(session: Session) -> dict[str, Refusals]:
    """Everything counted so far, by node; under the empty name what no node of ours can be blamed for."""
    found: dict[str, Refusals] = {}
    for row in session.scalars(select(RefusalRow).order_by(RefusalRow.node, RefusalRow.reason)):
        before = found.get(row.node)
        counts = before.by_reason if before else {}
        last_at = max(before.last_at, row.last_at) if before else row.last_at
        found[row.node] = Refusals({**counts, row.reason: row.count}, last_at)
    return found


def _count(session: Session, refused: Sequence[Refused], now: datetime) -> None:
    # Whoever may publish may make up names without end, so only names of nodes that exist get a line.
    named = {one.node for one in refused if one.node is not None}
    known = set(session.scalars(select(NodeRow.node).where(NodeRow.node.in_(named))))
    counts = Counter((one.node if one.node in known else "", one.code) for one in refused)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = insert(RefusalRow)
    goes_on = RefusalRow.last_at > now - PAUSE
    more = {
        "count": RefusalRow.count + new.excluded.count,
        "since": case((goes_on, func.coalesce(RefusalRow.since, RefusalRow.last_at)), else_=new.excluded.since),
        "last_at": new.excluded.last_at,
    }
    statement = new.on_conflict_do_update(index_elements=["node", "reason"], set_=more)
    # Always in the same order, so that two servers cannot lock each other out.
    rows = [
        {"node": node, "reason": code, "count": count, "since": now, "last_at": now}
        for (node, code), count in sorted(counts.items())
    ]
    session.execute(statement, rows)


def _keep(session: Session, newest: Sequence[Refused], now: datetime, kept: int) -> None:
    session.add_all(
        RejectedRow(
            at=now,
            topic=one.message.topic[:255].replace("\x00", ""),
            reason=one.reason[:500].replace("\x00", ""),
            bytes=len(one.message.payload),
            head=ascii(one.message.payload[:80])[:400],
        )
        for one in newest
    )
    session.flush()
    last = session.scalar(select(func.max(RejectedRow.number))) or 0
    session.execute(delete(RejectedRow).where(RejectedRow.number <= last - kept))
