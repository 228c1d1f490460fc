"""Messages into the table of events, many at a time.

This is the one statement that runs for every message there is, so it goes to the driver as it is: no object for each
row, and the message is stored as it came instead of being written anew.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tapal_server.db.base import Moment
from tapal_server.db.tables import NodeRow
from tapal_server.tallies import Tally, hour_of, tally

__all__ = ["Told", "count_crossings", "insert_all", "insert_rows"]

_COLUMNS = "node, epoch, received_at, id, seq, type, site, camera, time, body, line, direction, label"
_SQLITE = f"INSERT INTO events ({_COLUMNS}) VALUES ({', '.join('?' * 13)}) ON CONFLICT DO NOTHING"  # noqa: S608 - all constant
_POSTGRESQL = (
    f"INSERT INTO events ({_COLUMNS}) "  # noqa: S608 - all constant
    "SELECT node, epoch, received_at, id, seq, type, site, camera, time, body::json, line, direction, label "
    "FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], "
    # As text, each quote of the JSON would be escaped by itself, which took longer than everything else together.
    "%s::bigint[], %b::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY "
    f"AS told({_COLUMNS}, number) ORDER BY number ON CONFLICT DO NOTHING"
)
_MOMENT = Moment()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message of a node with its place in the node's sequence; `body` is its JSON."""

    id: str
    boot: str
    seq: int
    type: str
    site: str
    camera: str
    time: datetime
    body: str
    line: str | None = None
    direction: str | None = None
    label: str | None = None


def insert_all(session: Session, told: Sequence[tuple[NodeRow, Sequence[Told]]], now: datetime) -> bool:
    """Insert them, of all nodes, if every one of them is new; else insert none and say so."""
    if not told:
        return True
    # Of the connection: that of a session would write every node down first, which are written once at the end.
    savepoint = session.connection().begin_nested()
    if insert_rows(session, told, now) == sum(len(of_node) for _, of_node in told):
        savepoint.commit()
        count_crossings(session, (one for _, of_node in told for one in of_node))
        return True
    savepoint.rollback()
    return False


def insert_rows(
    session: Session, told: Sequence[tuple[NodeRow, Sequence[Told]]], now: datetime, *, in_sequence: bool = True
) -> int:
    """Insert what is new, in this order; return how many were. Out of sequence they have no number."""
    connection = session.connection()
    received_at = _milliseconds(now, connection)
    rows = [
        (
            node.node,
            node.epoch,
            received_at,
            one.id,
            one.seq if in_sequence else None,
            one.type,
            one.site,
            one.camera,
            _milliseconds(one.time, connection),
            one.body,
            one.line,
            one.direction,
            one.label,
        )
        for node, of_node in told
        for one in of_node
    ]
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(_SQLITE, rows).rowcount
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return connection.exec_driver_sql(_POSTGRESQL, columns).rowcount


def count_crossings(session: Session, told: Iterable[Told]) -> None:
    """Note that these, which are new, were seen."""
    seen: Tally = Counter(
        (one.site, hour_of(one.time), one.direction)
        for one in told
        if one.type == "crossing" and one.direction is not None
    )
    tally(session, "seen", seen)


def _milliseconds(value: datetime, connection: Connection) -> Any:
    return _MOMENT.process_bind_param(value, connection.dialect)
