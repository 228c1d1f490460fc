"""Manifests: how many persons a voyage declares, and keyed hashes of their documents. Names never come in here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.types import REFUSED, Site
from tapal_server.db.database import Database
from tapal_server.db.tables import ManifestDocumentRow, PassageRow, VoyageRow
from tapal_server.errors import InvalidError
from tapal_server.events import Bus, ScheduleChanged
from tapal_server.keys import Keys
from tapal_server.passages.model import BadRow
from tapal_server.passages.mrz import MrzError, number_of, read_mrz
from tapal_server.passages.reader import document_hasher
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.voyages.changes import check_version, keep_version, next_change
from tapal_server.voyages.entries import MOST_PERSONS
from tapal_server.voyages.figures import own_records
from tapal_server.voyages.service import find_voyage

__all__ = ["ManifestService", "ManifestView", "compared", "document_number"]

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestView:
    """A manifest against the log, in counts.

    `both` documents are on the manifest and in the log, `only_listed` have no record, `only_logged` were not listed;
    `logged_without_document` are records that name no document, so nobody can say whose they are.
    """

    voyage_id: str
    persons: int | None
    received_at: datetime | None
    documents: int
    both: int
    only_listed: int
    only_logged: int
    logged_without_document: int
    problems: tuple[BadRow, ...] = ()


class ManifestService:
    """Takes manifests in and compares them."""

    def __init__(
        self, database: Database, sites: Iterable[Site], *, audit: AuditLog, clock: Clock, bus: Bus, keys: Keys
    ) -> None:
        self._database = database
        self._sites = {site.id: site for site in sites}
        self._audit = audit
        self._clock = clock
        self._bus = bus
        self._keys = keys

    def get(self, actor: Actor, voyage_id: str) -> ManifestView:
        """What is known of a voyage's manifest."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return self._view(session, find_voyage(session, actor, voyage_id))

    def require(self, actor: Actor, voyage_id: str) -> None:
        """Let nobody pass who may not give this voyage a manifest, before a file of theirs is read.

        Raises:
            ForbiddenError: the role may not plan.
            NotFoundError: there is no such voyage at a site of the actor.
        """
        actor.require(Permission.PLAN)
        with self._database.read() as session:
            find_voyage(session, actor, voyage_id)

    def take(
        self, actor: Actor, voyage_id: str, persons: int | None, documents: Sequence[str], *, first_line: int = 1
    ) -> ManifestView:
        """Take a manifest, in place of an earlier one: document numbers or machine readable zones, hashed at once.

        Entries that are neither are reported by line, the others kept; `persons` None counts the entries.
        """
        actor.require(Permission.PLAN)
        if persons is not None and not 0 <= persons <= MOST_PERSONS:
            raise InvalidError(f"persons {persons} is not a number from 0 to {MOST_PERSONS}", field="persons")
        if len(documents) > MOST_PERSONS:
            raise InvalidError(f"more than {MOST_PERSONS} documents; check the manifest", field="documents")
        hashes, problems = self._hashed(documents, first_line)
        count, now = len(documents) if persons is None else persons, self._clock.now()
        with self._database.write() as session:
            row = find_voyage(session, actor, voyage_id)
            check_version(session, row, None)
            keep_version(session, row, actor.name, now)
            row.manifest_persons, row.manifest_at, row.version = count, now, row.version + 1
            row.change, row.changed_at, row.changed_by = next_change(session, now), now, actor.name
            session.execute(delete(ManifestDocumentRow).where(ManifestDocumentRow.voyage_id == row.id))
            if hashes:
                rows = [{"voyage_id": row.id, "document_hash": one, "stored_at": now} for one in sorted(hashes)]
                session.execute(insert(ManifestDocumentRow), rows)
            detail = {"persons": count, "documents": len(hashes), "problems": len(problems)}
            self._audit.append(session, actor, "voyage.manifest", f"voyage:{row.id}", detail)
            view = self._view(session, row, tuple(problems))
        self._bus.publish(ScheduleChanged(site=row.site))
        return view

    def _hashed(self, documents: Sequence[str], first_line: int) -> tuple[set[str], list[BadRow]]:
        hasher, problems, hashes = document_hasher(self._keys.get("documents")), list[BadRow](), set[str]()
        for line, text in enumerate(documents, first_line):
            try:
                hashed = hasher(document_number(text))
            except ValueError as error:
                problems.append(BadRow(line, str(error)))
                continue
            if hashed in hashes:
                problems.append(BadRow(line, "the document is on the manifest twice"))
            hashes.add(hashed)
        return hashes, problems

    def _view(self, session: Session, row: VoyageRow, problems: tuple[BadRow, ...] = ()) -> ManifestView:
        query = select(ManifestDocumentRow.document_hash).where(ManifestDocumentRow.voyage_id == row.id)
        listed = set(session.scalars(query))
        records = session.execute(
            select(PassageRow.document_hash, PassageRow.persons, PassageRow.result).where(
                own_records(row, self._sites.get(row.site))
            )
        )
        passed = [(hashed, persons) for hashed, persons, result in records if result not in REFUSED]
        counts = compared(listed, passed)
        return ManifestView(
            voyage_id=row.id,
            persons=row.manifest_persons,
            received_at=row.manifest_at,
            documents=len(listed),
            problems=problems,
            **counts,
        )


def document_number(text: str) -> str:
    """The number of a document, given as number or as machine readable zone.

    Raises:
        ValueError: empty, too long, or a zone whose check digits do not hold.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise ValueError("the document number is empty" if not text else f"is longer than {_LONGEST} characters")
    if len("".join(text.split())) not in {72, 88, 90}:
        return number_of(text)
    try:
        zone = read_mrz(text)
    except MrzError as error:
        raise ValueError(str(error)) from error
    if not zone.check_digits_ok:
        raise ValueError("the check digits of the machine readable zone do not hold; read it again")
    return zone.number


def compared(listed: set[str], records: Iterable[tuple[str | None, int]]) -> Mapping[str, int]:
    """Documents on both sides and on either, and the records that name none."""
    logged, without = set[str](), 0
    for hashed, persons in records:
        if hashed is None:
            without += persons
        else:
            logged.add(hashed)
    return {
        "both": len(listed & logged),
        "only_listed": len(listed - logged),
        "only_logged": len(logged - listed),
        "logged_without_document": without,
    }
