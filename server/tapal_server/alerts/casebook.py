"""The one way to add something to an alert: locked, in its history and in the audit chain, told afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from tapal_server.alerts.query import find_alert
from tapal_server.alerts.service import write_history
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow
from tapal_server.events import AlertChanged, Bus
from tapal_server.people.actor import Actor

__all__ = ["Casebook"]


class Casebook:
    """What the services around an alert share."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock, bus: Bus) -> None:
        self.database = database
        self.audit = audit
        self.clock = clock
        self._bus = bus

    @contextmanager
    def change(
        self, actor: Actor, alert_id: str, action: str, detail: dict[str, Any], *, note: str | None = None
    ) -> Iterator[tuple[Session, AlertRow]]:
        """Change within the block; `detail` is written down as it is at its end."""
        with self.database.write() as session:
            row = find_alert(session, actor, alert_id)
            session.refresh(row, with_for_update=True)
            yield session, row
            write_history(session, row, actor, action, detail, note=note, clock=self.clock)
            self.audit.append(session, actor, f"alert.{action}", f"alert:{alert_id}", detail)
            site = row.site
        self._bus.publish(AlertChanged(alert_id=alert_id, site=site, action=action))
