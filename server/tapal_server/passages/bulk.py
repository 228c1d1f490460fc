"""Many records into the database at once, in the way that each database takes them quickest.

SQLAlchemy's types and parameter sets would take more time than the database itself, so rows go as the columns keep
them: times as whole milliseconds (see `tapal_server.db.base.Moment`).
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.orm import Session

from tapal_server.correlation.types import Record
from tapal_server.db.tables import PassageRow

if TYPE_CHECKING:
    import psycopg  # only where PostgreSQL is used

__all__ = ["COMPARED", "Kept", "add", "find", "gate_of", "milliseconds", "persons_of", "values_of"]

Values = tuple[Any, ...]
COMPARED = (
    "recorded_at", "received_at", "direction", "checkpoint", "lane", "voyage_id", "traveller_class", "persons",
    "result", "document_type", "document_hash", "check_digit_ok",
)  # fmt: skip
_HOUR_MS = 3_600_000
_NAME = PassageRow.__tablename__
_ADDED = ", ".join((*COMPARED, "source", "record_id", "stored_at", "version", "change"))
_FOUND = ", ".join(("record_id", "number", "version", "withdrawn_at", *COMPARED))
_SELECT = f"SELECT {_FOUND} FROM {_NAME} WHERE source = "  # noqa: S608 - names of our own columns


class Kept:
    """What the table holds of one record."""

    __slots__ = ("number", "values", "version", "withdrawn")

    def __init__(self, number: int, version: int, withdrawn_at: int | None, *values: Any) -> None:
        self.number = number
        self.version = version
        self.withdrawn = withdrawn_at is not None
        self.values: Values = values


def values_of(record: Record) -> Values:
    """The columns of `COMPARED`, as the table keeps them."""
    time = milliseconds(record.time)
    received = None if record.received_at == record.time else milliseconds(record.received_at)
    return (
        time, received, record.direction, record.checkpoint, record.lane, record.voyage_id, record.traveller_class,
        record.persons, record.result, record.document_type, record.document_hash, record.check_digit_ok,
    )  # fmt: skip


def gate_of(values: Values) -> tuple[str, int, str]:
    """Checkpoint, hour and direction, by which records are counted."""
    return values[3], values[0] // _HOUR_MS, values[2]


def persons_of(values: Values) -> int:
    """How many persons a record is of."""
    return int(values[7])


def milliseconds(seconds: float) -> int:
    """Whole milliseconds; what is finer than a microsecond is rounding of the float, not time."""
    return round(seconds * 1e6) // 1000


def find(session: Session, source: str, ids: Collection[str]) -> dict[str, Kept]:
    """The records of a source that are there already, by their id."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(ids))
        rows = connection.exec_driver_sql(f"{_SELECT}? AND record_id IN ({marks})", (source, *ids))
    else:
        rows = connection.exec_driver_sql(f"{_SELECT}%s AND record_id = ANY(%s)", (source, list(ids)))
    return {row[0]: Kept(*row[1:]) for row in rows.fetchall()}


def add(session: Session, rows: Sequence[Values]) -> None:
    """Add rows of `COMPARED`, source, record id, stored at, version and change."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {_NAME} ({_ADDED}) VALUES ({marks})", list(rows))  # noqa: S608 - names of our own columns
        return
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(f"COPY {_NAME} ({_ADDED}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
