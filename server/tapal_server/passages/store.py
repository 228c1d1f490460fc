"""The passage log in the database: each (source, record id) once, corrected and withdrawn with its history."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_contract.times import from_seconds
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import ImportRow, PassageRow, PassageVersionRow
from tapal_server.errors import InvalidError
from tapal_server.events import Bus, PassagesStored
from tapal_server.passages.model import BadRow, Record, Report
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["ImportView", "PassageService"]

_TOGETHER = 2000
_PROBLEMS_KEPT = 1000
_LOCK = 0x7A9A2
_TABLE = cast("Table", PassageRow.__table__)
_COMPARED = (
    "recorded_at", "received_at", "direction", "checkpoint", "lane", "voyage_id", "traveller_class", "persons",
    "result", "document_type", "document_hash", "check_digit_ok",
)  # fmt: skip
_OTHERS = ("source", "record_id", "number", "version", "withdrawn_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """What became of one file or push; `problems` are the first bad rows."""

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
                counts = self._store(session, source, batch)
            done.update(counts)
            changed = counts["added"] + counts["corrected"]
            if changed:
                self._bus.publish(PassagesStored(source=source, count=changed))
            tick(len(batch))
        return self._conclude(actor, source, report, done)

    def withdraw(self, actor: Actor, source: str, record_ids: Iterable[str]) -> int:
        """Take records back; return how many there were."""
        actor.require(Permission.PASSAGES)
        now, count = self._clock.now(), 0
        with self._database.write() as session:
            change = self._next_change(session)
            query = select(PassageRow).where(
                PassageRow.source == source,
                PassageRow.record_id.in_(list(record_ids)),
                PassageRow.withdrawn_at.is_(None),
            )
            for row in session.scalars(query).all():
                session.add(_version(row, now))
                row.withdrawn_at = now
                row.version, row.change = row.version + 1, change + count
                count += 1
            if count:
                self._audit.append(session, actor, "passages.withdraw", f"source:{source}", {"count": count})
        if count:
            self._bus.publish(PassagesStored(source=source, count=count))
        return count

    def _next_change(self, session: Session) -> int:
        # Numbers must become visible in their order, so whoever takes one holds the others until the commit.
        if not self._database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return (session.scalar(select(func.max(PassageRow.change))) or 0) + 1

    def _store(self, session: Session, source: str, batch: list[Record]) -> Counter[str]:
        counts: Counter[str] = Counter(unchanged=len(batch))
        latest = {record.id: record for record in batch}
        change, now = self._next_change(session), self._clock.now()
        # Plain rows both ways: objects of the session would take most of the time of a large file.
        wanted = (_TABLE.c[name] for name in (*_COMPARED, *_OTHERS))
        query = select(*wanted).where(_TABLE.c.source == source, _TABLE.c.record_id.in_(latest))
        known = {row.record_id: row for row in session.execute(query)}
        fresh: list[dict[str, Any]] = []
        corrected: list[dict[str, Any]] = []
        versions: list[dict[str, Any]] = []
        for record in latest.values():
            columns, row = _columns(record), known.get(record.id)
            if row is None:
                head = {"source": source, "record_id": record.id, "stored_at": now, "version": 1}
                fresh.append({**columns, **head, "change": change + len(fresh) + len(corrected)})
            elif row.withdrawn_at is not None or row[: len(_COMPARED)] != tuple(columns.values()):
                versions.append(_version_columns(row, now))
                corrected.append(
                    {
                        **columns,
                        "number": row.number,
                        "version": row.version + 1,
                        "withdrawn_at": None,
                        "change": change + len(fresh) + len(corrected),
                    }
                )
        if fresh:
            session.execute(insert(_TABLE), fresh)
        if corrected:
            session.execute(insert(PassageVersionRow), versions)
            session.execute(update(PassageRow), corrected)
        counts.update(added=len(fresh), corrected=len(corrected), unchanged=-len(fresh) - len(corrected))
        return counts

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
            problems=tuple(report.bad[:_PROBLEMS_KEPT]),
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
            self._audit.append(session, actor, "passages.import", f"source:{source}", {"import": view.id, **counts})
        return view


def _columns(record: Record) -> dict[str, Any]:
    received = None if record.received_at == record.time else from_seconds(record.received_at)
    return {
        "recorded_at": from_seconds(record.time),
        "received_at": received,
        "direction": record.direction,
        "checkpoint": record.checkpoint,
        "lane": record.lane,
        "voyage_id": record.voyage_id,
        "traveller_class": record.traveller_class,
        "persons": record.persons,
        "result": record.result,
        "document_type": record.document_type,
        "document_hash": record.document_hash,
        "check_digit_ok": record.check_digit_ok,
    }


_KEPT = (
    "direction", "checkpoint", "lane", "voyage_id", "traveller_class", "persons", "result", "document_type",
)  # fmt: skip


def _version_columns(row: Any, now: datetime) -> dict[str, Any]:
    body = {name: getattr(row, name) for name in _KEPT}
    body["recorded_at"] = row.recorded_at.isoformat(timespec="milliseconds")
    return {
        "source": row.source,
        "record_id": row.record_id,
        "version": row.version,
        "replaced_at": now,
        "body": body,
    }


def _version(row: PassageRow, now: datetime) -> PassageVersionRow:
    return PassageVersionRow(**_version_columns(row, now))
