"""Ties between alerts that belong together: one boat at two jetties, one group seen twice."""

from tapal_server.alerts.casebook import Casebook
from tapal_server.alerts.evidence import linked_view
from tapal_server.alerts.query import find_alert
from tapal_server.alerts.views import LinkedView
from tapal_server.db.tables import AlertLinkRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["TieService"]


class TieService:
    """Ties alerts together and unties them."""

    def __init__(self, casebook: Casebook) -> None:
        self._casebook = casebook

    def tie(self, actor: Actor, alert_id: str, to: str, why: str = "") -> LinkedView:
        """Say that two alerts belong together; again changes nothing."""
        actor.require(Permission.JUDGE)
        if alert_id == to:
            raise InvalidError("an alert is not tied to itself; name another one", field="to")
        with self._casebook.database.read() as session:
            other = find_alert(session, actor, to)
            row = session.get(AlertLinkRow, _pair(alert_id, to))
            find_alert(session, actor, alert_id)
            if row is not None:
                return linked_view(row, other)
        with self._casebook.change(actor, alert_id, "tie", {"to": to}, note=why or None) as (session, _):
            first, second = _pair(alert_id, to)
            row = AlertLinkRow(first=first, second=second, why=why[:1000], by=actor.name, at=self._casebook.clock.now())
            session.add(row)
            return linked_view(row, other)

    def untie(self, actor: Actor, alert_id: str, other: str) -> None:
        """Say that they do not belong together after all."""
        actor.require(Permission.JUDGE)
        with self._casebook.change(actor, alert_id, "untie", {"from": other}) as (session, _):
            row = session.get(AlertLinkRow, _pair(alert_id, other))
            if row is None:
                raise NotFoundError(f"alert {alert_id!r} is not tied to {other[:64]!r}")
            session.delete(row)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
