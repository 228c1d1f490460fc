"""Rows that were not taken, all of them up to a bound, to be mended where they came from."""

import csv
import io
from collections.abc import Iterator, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tapal_server.db.database import Database
from tapal_server.db.tables import ImportProblemRow
from tapal_server.exports import defused
from tapal_server.passages.model import LISTED, BadRow

__all__ = ["csv_of", "keep"]

_AT_ONCE = 5000


def keep(session: Session, import_id: str, rows: Sequence[BadRow]) -> None:
    """Keep the bad rows of an import; its own row must be there."""
    for first in range(0, len(rows), _AT_ONCE):
        batch = enumerate(rows[first : first + _AT_ONCE], first)
        values = [
            {"import_id": import_id, "place": place, "line": bad.line, "reason": _kept(bad.reason)}
            for place, bad in batch
        ]
        session.execute(insert(ImportProblemRow), values)


def csv_of(database: Database, import_id: str, rejected: int) -> Iterator[str]:
    """The lines of `line,reason`, read as they are asked for; the last says how many more there were."""
    yield _lines([("line", "reason")])
    place = listed = 0
    while True:
        query = (
            select(ImportProblemRow.place, ImportProblemRow.line, ImportProblemRow.reason)
            .where(ImportProblemRow.import_id == import_id, ImportProblemRow.place >= place)
            .order_by(ImportProblemRow.place)
            .limit(_AT_ONCE)
        )
        with database.read() as session:
            rows = session.execute(query).all()
        if rows:
            yield _lines([(row.line, defused(row.reason)) for row in rows])
            place, listed = rows[-1].place + 1, listed + len(rows)
        if len(rows) < _AT_ONCE:
            break
    if rejected > listed:
        yield _lines([("", f"{rejected - listed} more are not listed; {LISTED:,} of a file are")])


def _lines(rows: Sequence[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _kept(reason: str) -> str:
    """What PostgreSQL takes: no NUL, no half of a pair."""
    return reason.replace("\x00", "").encode("utf-8", "replace").decode()[:500]
