"""What an office sees and does about its messages: channels, a test, what was sent, alerts for partner systems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tapal_server.alerts.query import find_alert, views_for
from tapal_server.audit.log import AuditLog
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import DeliveryRow
from tapal_server.errors import NotFoundError
from tapal_server.notify.cap import to_cap
from tapal_server.notify.outlets import Outlets
from tapal_server.notify.rules import NotifySettings, Webhook
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission, Role
from tapal_server.viewing import seen

__all__ = ["ChannelView", "DeliveryView", "NotifyService", "Tested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A way to people or systems; never its address, which holds secrets."""

    name: str
    kind: str
    language: str
    at_most_per_hour: int
    agency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Whether a test message was taken; else what was wrong."""

    taken: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A message and what became of it."""

    number: int
    channel: str
    occasion: str
    alert_id: str | None
    title: str
    state: str
    tries: int
    made_at: datetime
    sent_at: datetime | None
    problem: str | None


class NotifyService:
    """Shows and tests channels, and exports alerts."""

    def __init__(
        self,
        database: Database,
        outlets: Outlets,
        settings: NotifySettings,
        sites: Sequence[Site],
        *,
        audit: AuditLog,
        public_url: str | None,
    ) -> None:
        self._database = database
        self._outlets = outlets
        self._settings = settings
        self._sites = {site.id: site for site in sites}
        self._audit = audit
        self._url = public_url

    def channels(self, actor: Actor) -> tuple[ChannelView, ...]:
        """Channels by name."""
        actor.require(Permission.SETTINGS)
        return tuple(
            ChannelView(
                name=name,
                kind="webhook" if isinstance(channel, Webhook) else "apprise",
                language=channel.language,
                at_most_per_hour=channel.at_most_per_hour,
                agency=channel.agency if isinstance(channel, Webhook) else None,
            )
            for name, channel in sorted(self._outlets.channels.items())
        )

    def test(self, actor: Actor, name: str) -> Tested:
        """Send a test message now; audited."""
        actor.require(Permission.SETTINGS)
        channel = self._outlets.channels.get(name)
        if channel is None:
            raise NotFoundError(f"channel {name[:64]!r} is not in the settings")
        problem = self._outlets.test(channel)
        self._audit.record(actor, "channel.test", f"channel:{name}", taken=problem is None)
        return Tested(taken=problem is None, problem=problem)

    def deliveries(
        self,
        actor: Actor,
        paging: Paging,
        *,
        state: str | None = None,
        channel: str | None = None,
        alert_id: str | None = None,
        newest_first: bool = True,
    ) -> Page[DeliveryView]:
        """Messages in the order they were made, or the newest first."""
        actor.require(Permission.SETTINGS)
        query = select(DeliveryRow)
        wanted = ((DeliveryRow.state, state), (DeliveryRow.channel, channel), (DeliveryRow.alert_id, alert_id))
        for column, value in wanted:
            if value is not None:
                query = query.where(column == value)
        order = DeliveryRow.number.desc() if newest_first else DeliveryRow.number.asc()
        with self._database.read() as session:
            return load(session, query, paging, lambda row: seen(DeliveryView, row), order)

    def cap(self, actor: Actor, alert_id: str, *, language: str) -> bytes:
        """An alert as a CAP document: for who may export, and for a partner of what is shared with it; audited."""
        actor.require(Permission.SEE if actor.role is Role.PARTNER else Permission.EXPORT)
        with self._database.write() as session:
            row = find_alert(session, actor, alert_id)
            (alert,) = views_for(session, actor, [row])
            self._audit.append(session, actor, "alert.export", f"alert:{alert_id}", {"format": "cap"})
        site = self._sites.get(alert.site)
        return to_cap(alert, site, sender=self._settings.sender, language=language, url=self._url)
