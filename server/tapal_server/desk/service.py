"""The duty desk: shelving a gate for a time and a reason, and handing a shift over by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from tapal_contract.ids import new_id
from tapal_server.alerts.states import OPEN
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow, HandoverRow, NodeRow, ShelfRow, UserRow
from tapal_server.desk.shelves import active
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["DeskService", "HandoverView", "ShelfView"]

LONGEST_SHELF = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfView:
    """A gate, or a camera (`node/camera`), whose alerts wait."""

    id: str
    site: str
    line: str | None
    camera: str | None
    reason: str
    by: str
    at: datetime
    until: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverView:
    """A shift given over; accepted when the other one says so by name."""

    id: str
    given_by: str
    given_to: str
    at: datetime
    note: str
    open_alerts: tuple[str, ...]
    blind: tuple[str, ...]
    shelved: tuple[str, ...]
    accepted_at: datetime | None


class DeskService:
    """What the officers on duty do beside judging."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock, sites: Iterable[str]) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._sites = frozenset(sites)

    def shelve(
        self,
        actor: Actor,
        site: str,
        line: str | None,
        *,
        minutes: float,
        reason: str,
        camera: str | None = None,
    ) -> ShelfView:
        """Let a gate's or a camera's alerts wait; they are still raised and kept, but tell nobody."""
        actor.require(Permission.SHELVE)
        actor.require_site(site)
        if site not in self._sites:
            raise NotFoundError(f"site {site!r} is not known")
        span = timedelta(minutes=minutes)
        if not timedelta(0) < span <= LONGEST_SHELF:
            raise InvalidError("shelving lasts from 1 minute to 24 hours; choose another time", field="minutes")
        if len(reason.strip()) < 3:
            raise InvalidError("shelving needs a reason; say why", field="reason")
        if camera is not None and line is not None:
            raise InvalidError("shelve a gate's line or a camera, not both in one", field="camera")
        now = self._clock.now()
        row = ShelfRow(
            id=new_id(), site=site, line=line, camera=camera, reason=reason[:1000], by=actor.name, at=now,
            until=now + span,
        )  # fmt: skip
        with self._database.write() as session:
            if camera is not None:
                node = session.get(NodeRow, camera.partition("/")[0])
                if node is None or node.site != site:
                    raise NotFoundError(f"camera {camera[:130]!r} is not known at {site!r}; write it NODE/CAMERA")
            session.add(row)
            detail = {"line": line, "camera": camera, "minutes": minutes, "reason": row.reason}
            self._audit.append(session, actor, "shelf.put", f"site:{site}", detail)
        return _shelf(row)

    def end_shelf(self, actor: Actor, shelf_id: str) -> ShelfView:
        """Watch the gate again before the time is over."""
        actor.require(Permission.SHELVE)
        with self._database.write() as session:
            row = session.get(ShelfRow, shelf_id)
            if row is None or not actor.sees(row.site):
                raise NotFoundError(f"shelf {shelf_id!r} is not known")
            if row.ended_at is None:
                row.ended_at, row.ended_by = self._clock.now(), actor.name
                self._audit.append(session, actor, "shelf.end", f"site:{row.site}", {"shelf": shelf_id})
            return _shelf(row)

    def shelves(self, actor: Actor) -> tuple[ShelfView, ...]:
        """What is shelved now, at the sites one sees."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return tuple(_shelf(row) for row in active(session, self._clock.now()) if actor.sees(row.site))

    def hand_over(self, actor: Actor, to: str, note: str = "") -> HandoverView:
        """Give one's shift to somebody, with every open alert, blind view and shelved gate named."""
        actor.require(Permission.JUDGE)
        if to == actor.name:
            raise InvalidError("a shift is handed over to somebody else", field="to")
        now = self._clock.now()
        with self._database.write() as session:
            if session.scalar(select(UserRow.id).where(UserRow.name == to, UserRow.disabled.is_(False))) is None:
                raise InvalidError(f"user {to!r} is not known; choose somebody from the list", field="to")
            query = select(AlertRow).where(AlertRow.state.in_([state.value for state in OPEN]))
            taker = frozenset(session.scalars(select(UserRow.sites).where(UserRow.name == to)).one())
            rows = [
                row
                for row in session.scalars(query.order_by(AlertRow.raised_at))
                if actor.sees(row.site) and (not taker or row.site in taker)
            ]
            row = HandoverRow(
                id=new_id(),
                given_by=actor.name,
                given_to=to,
                at=now,
                note=note[:4000],
                open_alerts=[alert.id for alert in rows if alert.kind != "blind"],
                blind=[alert.id for alert in rows if alert.kind == "blind"],
                shelved=[shelf.id for shelf in active(session, now) if actor.sees(shelf.site)],
            )
            session.add(row)
            detail = {"to": to, "open": len(row.open_alerts), "blind": len(row.blind)}
            self._audit.append(session, actor, "handover.give", f"handover:{row.id}", detail)
        return _handover(row)

    def accept(self, actor: Actor, handover_id: str) -> HandoverView:
        """Take the shift: what it lists is known to one now, by name."""
        actor.require(Permission.JUDGE)
        with self._database.write() as session:
            row = session.get(HandoverRow, handover_id)
            if row is None or row.given_to != actor.name:
                raise NotFoundError(f"handover {handover_id!r} is not known")
            if row.accepted_at is not None:
                raise ConflictError("this shift was accepted already")
            row.accepted_at = self._clock.now()
            for alert_id in (*row.open_alerts, *row.blind):
                alert = session.get(AlertRow, alert_id)
                if alert is not None and actor.sees(alert.site) and alert.assignee in {None, row.given_by}:
                    alert.assignee = actor.name
            self._audit.append(session, actor, "handover.accept", f"handover:{row.id}", {"from": row.given_by})
            return _handover(row)

    def handovers(
        self, actor: Actor, paging: Paging, *, accepted: bool | None = None, newest_first: bool = True
    ) -> Page[HandoverView]:
        """Shifts given: one's own, or with the right to assign and every site everybody's."""
        actor.require(Permission.SEE)
        query = select(HandoverRow)
        if actor.sites or not actor.may(Permission.ASSIGN):
            query = query.where(or_(HandoverRow.given_by == actor.name, HandoverRow.given_to == actor.name))
        if accepted is not None:
            query = query.where(HandoverRow.accepted_at.is_not(None) if accepted else HandoverRow.accepted_at.is_(None))
        order = HandoverRow.at.desc() if newest_first else HandoverRow.at.asc()
        with self._database.read() as session:
            return load(session, query, paging, _handover, order, HandoverRow.id)


def _shelf(row: ShelfRow) -> ShelfView:
    return seen(ShelfView, row)


def _handover(row: HandoverRow) -> HandoverView:
    lists = {name: tuple(getattr(row, name)) for name in ("open_alerts", "blind", "shelved")}
    return seen(HandoverView, row, **lists)
