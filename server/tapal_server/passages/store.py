"""The passage log in the database: each (source, record id) once, corrected and withdrawn with its history."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.base import Moment
from tapal_server.db.database import Database
from tapal_server.db.tables import ImportRow, PassageRow, PassageVersionRow
from tapal_server.errors import InvalidError
from tapal_server.events import Bus, PassagesStored
from tapal_server.passages import bulk
from tapal_server.passages.model import BadRow, Record, Report
from tapal_server.passages.rejected import keep
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.tallies import Tally, hour_of, tally

__all__ = ["ImportView", "PassageService"]

_TOGETHER = 5000
_PROBLEMS_SHOWN = 100
_LOCK = 0x7A9A2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """What became of one file or push; `problems` are the first bad rows, `rejected.csv` lists the others too."""

    id: str
    source: str
    name: str
    at: datetime
    by: str
    added: int
    unchanged: int
    corrected: int
    withdrawn: int
    rejected: int
    problems: tuple[BadRow, ...]
    ignored_columns: tuple[str, ...] = ()


class PassageService:
    """Takes records in."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._bus = bus

    def take(
        self,
        actor: Actor,
        source: str,
        report: Report,
        records: Iterable[Record],
        *,
        tick: Callable[[int], object] = lambda _: None,
    ) -> ImportView:
        """Store the good rows in batches, each committed whole; a repeat changes nothing, a difference corrects."""
        actor.require(Permission.PASSAGES)
        if not 1 <= len(source) <= 64 or not source.isprintable() or "/" in source:
            raise InvalidError(f"source {source[:70]!r}: use 1 to 64 printable characters without /", field="source")
        done: Counter[str] = Counter()
        stream = iter(records)
        while batch := list(islice(stream, _TOGETHER)):
            with self._database.write() as session:
                counts, places = self._store(session, source, batch)
            done.update(counts)
            changed = counts["added"] + counts["corrected"]
            if changed:
                self._bus.publish(PassagesStored(source=source, count=changed, checkpoints=places))
            tick(len(batch))
        return self._conclude(actor, source, report, done)

    def withdraw(self, actor: Actor, source: str, record_ids: Iterable[str]) -> int:
        """Take records back; return how many there were."""
        actor.require(Permission.PASSAGES)
        stream, count = iter(record_ids), 0
        while batch := list(islice(stream, _TOGETHER)):
            with self._database.write() as session:
                gone, places = self._take_back(session, source, batch)
                if gone:
                    self._audit.append(session, actor, "passages.withdraw", f"source:{source}", {"count": gone})
            if gone:
                self._bus.publish(PassagesStored(source=source, count=gone, checkpoints=places))
            count += gone
        return count

    def _take_back(self, session: Session, source: str, ids: list[str]) -> tuple[int, tuple[str, ...]]:
        change, now = self._next_change(session), self._clock.now()
        query = select(PassageRow).where(
            PassageRow.source == source, PassageRow.record_id.in_(ids), PassageRow.withdrawn_at.is_(None)
        )
        rows = session.scalars(query).all()
        fewer: Tally = Counter()
        for place, row in enumerate(rows):
            columns = {name: getattr(row, name) for name in bulk.COMPARED}
            session.add(PassageVersionRow(**_version(source, row.record_id, row.version, columns, now)))
            row.withdrawn_at = now
            row.version, row.change = row.version + 1, change + place
            fewer[row.checkpoint, hour_of(row.recorded_at), row.direction] -= row.persons
        tally(session, "logged", fewer)
        return len(rows), _places(fewer)

    def _next_change(self, session: Session) -> int:
        # Numbers must become visible in their order, so whoever takes one holds the others until the commit.
        if not self._database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return (session.scalar(select(func.max(PassageRow.change))) or 0) + 1

    def _store(self, session: Session, source: str, batch: list[Record]) -> tuple[Counter[str], tuple[str, ...]]:
        latest = {record.id: record for record in batch}
        change, now = self._next_change(session), self._clock.now()
        stored_at = Moment.stored(now)
        known = bulk.find(session, source, latest)
        fresh: list[bulk.Values] = []
        corrected: list[dict[str, Any]] = []
        versions: list[dict[str, Any]] = []
        more: Tally = Counter()
        for record in latest.values():
            values, kept = bulk.values_of(record), known.get(record.id)
            if kept is None:
                fresh.append((*values, source, record.id, stored_at, 1, change))
            elif kept.withdrawn or kept.values != values:
                versions.append(_replaced(source, record.id, kept, now))
                corrected.append({**_columns(values), **_mended(kept), "change": change})
                if not kept.withdrawn:
                    more[bulk.gate_of(kept.values)] -= bulk.persons_of(kept.values)
            else:
                continue
            more[bulk.gate_of(values)] += record.persons
            change += 1
        if fresh:
            bulk.add(session, fresh)
        if corrected:
            session.execute(insert(PassageVersionRow), versions)
            session.execute(update(PassageRow), corrected)
        tally(session, "logged", more)
        unchanged = len(batch) - len(fresh) - len(corrected)
        return Counter(added=len(fresh), corrected=len(corrected), unchanged=unchanged), _places(more)

    def _conclude(self, actor: Actor, source: str, report: Report, done: Counter[str]) -> ImportView:
        view = ImportView(
            id=new_id(),
            source=source,
            name=report.name[-255:],
            at=self._clock.now(),
            by=actor.name,
            added=done["added"],
            unchanged=done["unchanged"],
            corrected=done["corrected"],
            withdrawn=0,
            rejected=report.bad_count,
            problems=tuple(report.bad[:_PROBLEMS_SHOWN]),
            ignored_columns=report.ignored_columns,
        )
        counts = {"added": view.added, "corrected": view.corrected, "rejected": view.rejected}
        with self._database.write() as session:
            session.add(
                ImportRow(
                    id=view.id,
                    source=source,
                    name=view.name,
                    at=view.at,
                    by=view.by,
                    unchanged=view.unchanged,
                    withdrawn=0,
                    problems=[asdict(one) for one in view.problems],
                    **counts,
                )
            )
            session.flush()
            keep(session, view.id, report.bad)
            self._audit.append(session, actor, "passages.import", f"source:{source}", {"import": view.id, **counts})
        return view


def _places(changed: Tally) -> tuple[str, ...]:
    """The checkpoints of which something changed."""
    return tuple(sorted({checkpoint for checkpoint, _, _ in changed}))


def _columns(values: bulk.Values) -> dict[str, Any]:
    """As the session takes them, for rows of which only few change."""
    columns = dict(zip(bulk.COMPARED, values, strict=True))
    return columns | {name: Moment.read(columns[name]) for name in ("recorded_at", "received_at")}


def _mended(kept: bulk.Kept) -> dict[str, Any]:
    return {"number": kept.number, "version": kept.version + 1, "withdrawn_at": None}


_KEPT = (
    "direction", "checkpoint", "lane", "voyage_id", "traveller_class", "persons", "result", "document_type",
)  # fmt: skip


def _replaced(source: str, record_id: str, kept: bulk.Kept, now: datetime) -> dict[str, Any]:
    return _version(source, record_id, kept.version, _columns(kept.values), now)


def _version(source: str, record_id: str, version: int, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    body = {name: columns[name] for name in _KEPT}
    body["recorded_at"] = columns["recorded_at"].isoformat(timespec="milliseconds")
    return {"source": source, "record_id": record_id, "version": version, "replaced_at": now, "body": body}
