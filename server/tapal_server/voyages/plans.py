"""Planned movements: entered beforehand (or late, and then marked so), changed, cancelled; every change is audited."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import PlanRow
from tapal_server.errors import NotFoundError
from tapal_server.events import Bus, ScheduleChanged
from tapal_server.paging import Page, Paging, load, order_of
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.voyages.changes import check_version, keep_version, next_change, versions_of, where_status
from tapal_server.voyages.covered import covered
from tapal_server.voyages.entries import PlanEntry, checked_plan
from tapal_server.voyages.views import PlanView, Status, VersionView, plan_view

__all__ = ["PlanFilter", "PlanService"]

SORTS = {"starts_at": PlanRow.starts_at, "ends_at": PlanRow.ends_at, "entered_at": PlanRow.entered_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFilter:
    """Which plans; None does not limit. `since` and `until` bound when they run."""

    site: str | None = None
    status: Status | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class PlanService:
    """Keeps planned movements; the correlator reads them from the table."""

    def __init__(self, database: Database, sites: Iterable[Site], *, audit: AuditLog, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._sites = {site.id: site for site in sites}
        self._audit = audit
        self._clock = clock
        self._bus = bus

    def page(
        self, actor: Actor, paging: Paging, wanted: PlanFilter | None = None, *, sort: str = "-starts_at"
    ) -> Page[PlanView]:
        """Plans of the sites one sees."""
        actor.require(Permission.SEE)
        wanted, now = wanted or PlanFilter(), self._clock.now()
        query = select(PlanRow)
        if actor.sites:
            query = query.where(PlanRow.site.in_(actor.sites))
        if wanted.site is not None:
            query = query.where(PlanRow.site == wanted.site)
        if wanted.kind is not None:
            query = query.where(PlanRow.kind == wanted.kind)
        if wanted.status is not None:
            query = query.where(where_status(PlanRow, wanted.status, now))
        if wanted.since is not None:
            query = query.where(PlanRow.ends_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(PlanRow.starts_at < wanted.until)
        with self._database.read() as session:
            found = load(session, query, paging, lambda row: row, order_of(sort, SORTS), PlanRow.id.asc())
            return replace(found, items=self._views(session, found.items))

    def get(self, actor: Actor, plan_id: str) -> PlanView:
        """One plan."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return self._views(session, [_find(session, actor, plan_id)])[0]

    def versions(self, actor: Actor, plan_id: str) -> tuple[VersionView, ...]:
        """What a plan said before, oldest first."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            _find(session, actor, plan_id)
            return versions_of(session, "plan", plan_id)

    def enter(self, actor: Actor, entry: PlanEntry) -> PlanView:
        """Enter a movement; open alerts it covers close as explained."""
        actor.require(Permission.PLAN)
        actor.require_site(entry.site)
        entry, now = checked_plan(entry, self._sites), self._clock.now()
        with self._database.write() as session:
            row = PlanRow(
                id=new_id(),
                change=next_change(session, now),
                entered_at=now,
                entered_by=actor.name,
                changed_at=now,
                changed_by=actor.name,
                version=1,
                **asdict(entry),
            )
            session.add(row)
            self._tell(session, actor, row, "plan.enter")
            view = self._views(session, [row])[0]
        self._bus.publish(ScheduleChanged(site=view.site))
        return view

    def change(self, actor: Actor, plan_id: str, entry: PlanEntry, *, expected_version: int | None = None) -> PlanView:
        """Let a plan say something else; what it said is kept."""
        actor.require(Permission.PLAN)
        actor.require_site(entry.site)
        entry, now = checked_plan(entry, self._sites), self._clock.now()
        with self._database.write() as session:
            row = _find(session, actor, plan_id)
            check_version(session, row, expected_version)
            keep_version(session, row, actor.name, now)
            for name, value in asdict(entry).items():
                setattr(row, name, value)
            self._touch(session, actor, row, now)
            self._tell(session, actor, row, "plan.change")
            view = self._views(session, [row])[0]
        self._bus.publish(ScheduleChanged(site=view.site))
        return view

    def cancel(self, actor: Actor, plan_id: str, *, expected_version: int | None = None) -> PlanView:
        """Take a plan back: it explains nothing from now on; alerts it explained stay explained."""
        actor.require(Permission.PLAN)
        now = self._clock.now()
        with self._database.write() as session:
            row = _find(session, actor, plan_id)
            check_version(session, row, expected_version)
            keep_version(session, row, actor.name, now)
            row.cancelled_at = now
            self._touch(session, actor, row, now)
            self._tell(session, actor, row, "plan.cancel")
            view = self._views(session, [row])[0]
        self._bus.publish(ScheduleChanged(site=view.site))
        return view

    def _views(self, session: Session, rows: Sequence[PlanRow]) -> tuple[PlanView, ...]:
        now, figures = self._clock.now(), covered(session, rows, self._sites)
        return tuple(plan_view(row, figures[row.id], now) for row in rows)

    @staticmethod
    def _touch(session: Session, actor: Actor, row: PlanRow, now: datetime) -> None:
        row.change, row.version = next_change(session, now), row.version + 1
        row.changed_at, row.changed_by = now, actor.name

    def _tell(self, session: Session, actor: Actor, row: PlanRow, action: str) -> None:
        detail = {
            "site": row.site,
            "line": row.line,
            "direction": row.direction,
            "starts_at": row.starts_at.isoformat(timespec="milliseconds"),
            "ends_at": row.ends_at.isoformat(timespec="milliseconds"),
            "kind": row.kind,
            "persons": row.persons,
            "note": row.note,
            "version": row.version,
        }
        self._audit.append(session, actor, action, f"plan:{row.id}", detail)


def _find(session: Session, actor: Actor, plan_id: str) -> PlanRow:
    row = session.get(PlanRow, plan_id)
    if row is None or not actor.sees(row.site):
        raise NotFoundError(f"planned movement {plan_id[:64]!r} is not known")
    return row
