"""Voyages: scheduled calls with what was declared, cleared and counted; every change is kept and audited."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import VoyageRow
from tapal_server.errors import ConflictError, NotFoundError
from tapal_server.events import Bus, ScheduleChanged
from tapal_server.paging import Page, Paging, load, order_of
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.voyages.changes import check_version, keep_version, next_change, versions_of, where_status
from tapal_server.voyages.entries import VoyageEntry, checked_voyage
from tapal_server.voyages.figures import figures_of
from tapal_server.voyages.views import Status, VersionView, VoyageView, voyage_view

__all__ = ["TakenView", "VoyageFilter", "VoyageService", "find_voyage"]

SORTS = {"starts_at": VoyageRow.starts_at, "ends_at": VoyageRow.ends_at, "vessel": VoyageRow.vessel, "id": VoyageRow.id}


Done = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenView:
    """What became of the good rows of a file."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoyageFilter:
    """Which voyages; None does not limit. `since` and `until` bound when they call."""

    site: str | None = None
    status: Status | None = None
    direction: str | None = None
    vessel: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class VoyageService:
    """Keeps voyages; the correlator reads them from the table."""

    def __init__(self, database: Database, sites: Iterable[Site], *, audit: AuditLog, clock: Clock, bus: Bus) -> None:
        self._database = database
        self.sites = {site.id: site for site in sites}
        self._audit = audit
        self._clock = clock
        self._bus = bus

    def page(
        self, actor: Actor, paging: Paging, wanted: VoyageFilter | None = None, *, sort: str = "-starts_at"
    ) -> Page[VoyageView]:
        """Voyages of the sites one sees, with their figures."""
        actor.require(Permission.SEE)
        wanted, now = wanted or VoyageFilter(), self._clock.now()
        query = select(VoyageRow)
        if actor.sites:
            query = query.where(VoyageRow.site.in_(actor.sites))
        for column, value in ((VoyageRow.site, wanted.site), (VoyageRow.direction, wanted.direction)):
            if value is not None:
                query = query.where(column == value)
        if wanted.vessel is not None:
            query = query.where(VoyageRow.vessel.icontains(wanted.vessel, autoescape=True))
        if wanted.status is not None:
            query = query.where(where_status(VoyageRow, wanted.status, now))
        if wanted.since is not None:
            query = query.where(VoyageRow.ends_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(VoyageRow.starts_at < wanted.until)
        with self._database.read() as session:
            rows = load(session, query, paging, lambda row: row, order_of(sort, SORTS), VoyageRow.id.asc())
            return replace(rows, items=self._views(session, rows.items))

    def get(self, actor: Actor, voyage_id: str) -> VoyageView:
        """One voyage with its figures."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return self._views(session, [find_voyage(session, actor, voyage_id)])[0]

    def versions(self, actor: Actor, voyage_id: str) -> tuple[VersionView, ...]:
        """What a voyage said before, oldest first."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            find_voyage(session, actor, voyage_id)
            return versions_of(session, "voyage", voyage_id)

    def enter(self, actor: Actor, entry: VoyageEntry) -> VoyageView:
        """Enter a call; its id must be new, or that of a cancelled one."""
        actor.require(Permission.PLAN)
        actor.require_site(entry.site)
        entry = checked_voyage(entry, self.sites)
        with self._database.write() as session:
            known = session.get(VoyageRow, entry.id)
            if known is not None and (known.cancelled_at is None or not actor.sees(known.site)):
                raise ConflictError(f"voyage {entry.id!r} is entered already; change it, or take another id")
            self._store(session, actor, entry, known)
            view = self._views(session, [_row(session, entry.id)])[0]
        self._bus.publish(ScheduleChanged(site=entry.site))
        return view

    def change(
        self, actor: Actor, voyage_id: str, entry: VoyageEntry, *, expected_version: int | None = None
    ) -> VoyageView:
        """Let a voyage say something else; what it said is kept."""
        actor.require(Permission.PLAN)
        actor.require_site(entry.site)
        entry = checked_voyage(replace(entry, id=voyage_id), self.sites)
        with self._database.write() as session:
            row = find_voyage(session, actor, voyage_id)
            check_version(session, row, expected_version)
            self._store(session, actor, entry, row)
            view = self._views(session, [_row(session, entry.id)])[0]
        self._bus.publish(ScheduleChanged(site=entry.site))
        return view

    def cancel(self, actor: Actor, voyage_id: str, *, expected_version: int | None = None) -> VoyageView:
        """Say that the call does not take place; it explains nothing from now on."""
        actor.require(Permission.PLAN)
        now = self._clock.now()
        with self._database.write() as session:
            row = find_voyage(session, actor, voyage_id)
            check_version(session, row, expected_version)
            keep_version(session, row, actor.name, now)
            row.cancelled_at, row.change, row.version = now, next_change(session, now), row.version + 1
            row.changed_at, row.changed_by = now, actor.name
            self._audit.append(session, actor, "voyage.cancel", f"voyage:{row.id}", {"site": row.site})
            view = self._views(session, [row])[0]
        self._bus.publish(ScheduleChanged(site=row.site))
        return view

    def take(self, actor: Actor, entries: Sequence[VoyageEntry], *, name: str, store: bool = True) -> TakenView:
        """Enter or change many in one transaction; without `store` only say what would become of them."""
        actor.require(Permission.PLAN)
        counts: Counter[Done] = Counter()
        changed: dict[str, str] = {}
        with self._database.write() if store else self._database.read() as session:
            for entry in entries:
                row = session.get(VoyageRow, entry.id)
                done = self._store(session, actor, entry, row, audit=False) if store else _what(entry, row)
                counts[done] += 1
                if done != "unchanged":
                    changed[entry.id] = entry.site
            if store:
                detail: dict[str, Any] = {
                    "added": counts["added"],
                    "changed": counts["changed"],
                    "voyages": list(changed)[:200],
                }
                self._audit.append(session, actor, "voyages.import", f"file:{name[-100:]}", detail)
        if store:
            self._bus.publish(*(ScheduleChanged(site=site) for site in sorted(set(changed.values()))))
        return TakenView(added=counts["added"], changed=counts["changed"], unchanged=counts["unchanged"])

    def _store(
        self, session: Session, actor: Actor, entry: VoyageEntry, row: VoyageRow | None, *, audit: bool = True
    ) -> Done:
        now, values, done = self._clock.now(), asdict(entry), _what(entry, row)
        if done == "unchanged":
            return done
        if row is None:
            row = VoyageRow(entered_at=now, entered_by=actor.name, version=0, **values)
            session.add(row)
        else:
            keep_version(session, row, actor.name, now)
            for key, value in values.items():
                setattr(row, key, value)
        with session.no_autoflush:
            row.change = next_change(session, now)
        row.version, row.cancelled_at = row.version + 1, None
        row.changed_at, row.changed_by = now, actor.name
        session.flush()
        if audit:
            detail = {"site": row.site, "vessel": row.vessel, "declared": row.declared, "version": row.version}
            detail |= {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
            self._audit.append(
                session, actor, "voyage.enter" if done == "added" else "voyage.change", f"voyage:{row.id}", detail
            )
        return done

    def _views(self, session: Session, rows: Sequence[VoyageRow]) -> tuple[VoyageView, ...]:
        now, figures = self._clock.now(), figures_of(session, rows, self.sites)
        return tuple(voyage_view(row, figures[row.id], now) for row in rows)


def _what(entry: VoyageEntry, row: VoyageRow | None) -> Done:
    if row is None:
        return "added"
    same = row.cancelled_at is None and all(getattr(row, key) == value for key, value in asdict(entry).items())
    return "unchanged" if same else "changed"


def find_voyage(session: Session, actor: Actor, voyage_id: str) -> VoyageRow:
    """One voyage.

    Raises:
        NotFoundError: there is none, or it is none of this person's sites.
    """
    row = session.get(VoyageRow, voyage_id)
    if row is None or not actor.sees(row.site):
        raise NotFoundError(f"voyage {voyage_id[:64]!r} is not known")
    return row


def _row(session: Session, voyage_id: str) -> VoyageRow:
    return session.get_one(VoyageRow, voyage_id)
