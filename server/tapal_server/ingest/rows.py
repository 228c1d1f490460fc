"""Messages into the table of events, many at a time.

This is the one statement that runs for every message there is, so it goes to the driver as it is: no object for each
row, and the message is stored as it came instead of being written anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tapal_server.db.base import Moment
from tapal_server.db.tables import NodeRow

__all__ = ["Told", "insert_all", "insert_rows"]

_COLUMNS = "node, epoch, received_at, id, seq, type, site, camera, time, body, line, direction, label"
_SQLITE = f"INSERT INTO events ({_COLUMNS}) VALUES ({', '.join('?' * 13)}) ON CONFLICT DO NOTHING"  # noqa: S608 - all constant
_POSTGRESQL = (
    f"INSERT INTO events ({_COLUMNS}) "  # noqa: S608 - all constant
    "SELECT %s, %s, %s, id, seq, type, site, camera, time, body::json, line, direction, label FROM unnest("
    "%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], "
    "%s::text[]) WITH ORDINALITY AS told(id, seq, type, site, camera, time, body, line, direction, label, number) "
    "ORDER BY number ON CONFLICT DO NOTHING"
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


def insert_all(session: Session, node: NodeRow, told: Sequence[Told], now: datetime) -> bool:
    """Insert them if every one of them is new; else insert none and say so."""
    savepoint = session.begin_nested()
    if insert_rows(session, node, told, now) == len(told):
        savepoint.commit()
        return True
    savepoint.rollback()
    return False


def insert_rows(
    session: Session, node: NodeRow, told: Sequence[Told], now: datetime, *, in_sequence: bool = True
) -> int:
    """Insert what is new, in this order; return how many were. Out of sequence they have no number."""
    connection = session.connection()
    head = (node.node, node.epoch, _milliseconds(now, connection))
    rows = [
        (
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
        for one in told
    ]
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(_SQLITE, [head + row for row in rows]).rowcount
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return connection.exec_driver_sql(_POSTGRESQL, head + columns).rowcount


def _milliseconds(value: datetime, connection: Connection) -> Any:
    return _MOMENT.process_bind_param(value, connection.dialect)
