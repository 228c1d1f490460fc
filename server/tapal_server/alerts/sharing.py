"""Showing an alert to a partner agency, and taking that back. A partner sees nothing else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.alerts.casebook import Casebook
from tapal_server.alerts.evidence import shares_of
from tapal_server.alerts.query import find_alert
from tapal_server.alerts.views import ShareView
from tapal_server.db.tables import AlertShareRow, UserRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission, Role
from tapal_server.viewing import seen

__all__ = ["SharingService"]


class SharingService:
    """Shares alerts with agencies."""

    def __init__(self, casebook: Casebook) -> None:
        self._casebook = casebook

    def agencies(self, actor: Actor) -> tuple[str, ...]:
        """Agencies with somebody who can sign in as a partner."""
        actor.require(Permission.SHARE)
        with self._casebook.database.read() as session:
            return _agencies(session)

    def share(self, actor: Actor, alert_id: str, agency: str, why: str) -> ShareView:
        """Show an alert and its pictures to an agency; again changes nothing."""
        actor.require(Permission.SHARE)
        if len(why.strip()) < 3:
            raise InvalidError("sharing needs a reason; say why", field="why")
        with self._casebook.database.read() as session:
            find_alert(session, actor, alert_id)
            if agency not in _agencies(session):
                raise InvalidError(f"agency {agency[:64]!r} has no partner who could see it", field="agency")
            known = next((one for one in shares_of(session, alert_id) if one.agency == agency), None)
        if known is not None:
            return known
        detail = {"agency": agency, "why": why[:1000]}
        with self._casebook.change(actor, alert_id, "share", detail) as (session, _):
            row = AlertShareRow(
                id=new_id(),
                alert_id=alert_id,
                agency=agency,
                why=why[:1000],
                by=actor.name,
                at=self._casebook.clock.now(),
            )
            session.add(row)
            return seen(ShareView, row)

    def end(self, actor: Actor, alert_id: str, share_id: str) -> None:
        """Take it back: from now on the agency sees nothing of the alert."""
        actor.require(Permission.SHARE)
        detail = {"share": share_id}
        with self._casebook.change(actor, alert_id, "unshare", detail) as (session, _):
            row = session.get(AlertShareRow, share_id)
            if row is None or row.alert_id != alert_id or row.ended_at is not None:
                raise NotFoundError(f"share {share_id[:40]!r} is not known")
            row.ended_at, row.ended_by = self._casebook.clock.now(), actor.name
            detail["agency"] = row.agency


def _agencies(session: Session) -> tuple[str, ...]:
    query = select(UserRow.agency).where(
        UserRow.role == Role.PARTNER.value, UserRow.disabled.is_(False), UserRow.agency.is_not(None)
    )
    return tuple(agency for agency in session.scalars(query.distinct().order_by(UserRow.agency)) if agency)
