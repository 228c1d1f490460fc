"""Where messages go: Apprise addresses, signed webhooks, browsers. One way to send for all."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tapal_server.alerts.query import views_of
from tapal_server.alerts.states import Severity
from tapal_server.alerts.views import AlertView
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow, AlertShareRow, DeliveryRow, PushRow, UserRow
from tapal_server.notify.cap import MEDIA_TYPE, to_cap
from tapal_server.notify.outward import OutwardError, Post
from tapal_server.notify.rules import Channel, NotifySettings, Occasion, Webhook
from tapal_server.notify.signing import signed_headers
from tapal_server.notify.webpush import Pusher
from tapal_server.people.roles import Role

__all__ = ["Outlets", "Send"]

log = logging.getLogger(__name__)

Send = Callable[[str, str, str], bool]
_PUSH = "push:"
_GONE = (404, 410)


class Outlets:
    """Knows every channel by name, and how to give it a message."""

    def __init__(
        self,
        database: Database,
        settings: NotifySettings,
        sites: Sequence[Site],
        *,
        send: Send,
        post: Post,
        pusher: Pusher,
        clock: Clock,
        public_url: str | None,
    ) -> None:
        named = (*settings.channels, *settings.webhooks)
        self.channels: Mapping[str, Channel] = {channel.name: channel for channel in named}
        self._database = database
        self._settings = settings
        self._sites = {site.id: site for site in sites}
        self._send = send
        self._post = post
        self._pusher = pusher
        self._clock = clock
        self._url = public_url

    def webhook_body(self, session: Session, webhook: Webhook, occasion: Occasion, row: AlertRow) -> str:
        """What a partner system is sent: the lead, as JSON or CAP; never a picture, a note or a person's name."""
        (alert,) = views_of(session, [row])
        if webhook.format == "cap":
            site = self._sites.get(row.site)
            return to_cap(alert, site, sender=self._settings.sender, language=webhook.language, url=self._url).decode()
        return json.dumps(_lead(alert, occasion, self._url), ensure_ascii=False)

    def agencies_told(self, session: Session, *of: ColumnElement[bool]) -> Mapping[str, frozenset[str]]:
        """By alert, of those that are so: the agencies that it is shared with now."""
        found: dict[str, set[str]] = {}
        query = select(AlertShareRow.alert_id, AlertShareRow.agency).where(AlertShareRow.ended_at.is_(None))
        for alert_id, agency in session.execute(query.join(AlertRow, AlertRow.id == AlertShareRow.alert_id).where(*of)):
            found.setdefault(alert_id, set()).add(agency)
        return {alert_id: frozenset(agencies) for alert_id, agencies in found.items()}

    def browsers(self, session: Session) -> list[tuple[Channel, frozenset[str]]]:
        """A channel for each browser, and the sites that its owner sees; none named means all."""
        query = select(PushRow, UserRow).join(UserRow, UserRow.id == PushRow.user_id).where(UserRow.disabled.is_(False))
        return [
            (
                Channel.model_construct(
                    name=f"{_PUSH}{push.id}",
                    url=SecretStr(""),
                    language="en" if user.language == "en" else "id",
                    at_most_per_hour=self._settings.push.at_most_per_hour,
                ),
                frozenset(user.sites or ()),
            )
            for push, user in session.execute(query)
            if user.role != Role.PARTNER.value
        ]

    def deliver(self, row: DeliveryRow) -> str | None:
        """Give a message to its channel; the problem, where there was one."""
        try:
            if row.channel.startswith(_PUSH):
                return self._to_browser(row)
            channel = self.channels.get(row.channel)
            if channel is None:
                return "the channel is no longer in the settings"
            if isinstance(channel, Webhook):
                return self._to_webhook(channel, str(row.number), row.body)
        except OutwardError as error:
            return str(error)
        return None if self._send(channel.url.get_secret_value(), row.title, row.body) else _REFUSED

    def test(self, channel: Channel) -> str | None:
        """Send a test message now."""
        if isinstance(channel, Webhook):
            try:
                return self._to_webhook(channel, "test", json.dumps({"action": "test"}))
            except OutwardError as error:
                return str(error)
        return None if self._send(channel.url.get_secret_value(), "Tapal", "Uji coba / test") else _REFUSED

    def _to_webhook(self, webhook: Webhook, number: str, text: str) -> str | None:
        body, now = text.encode(), self._clock.now()
        headers = {
            "Content-Type": MEDIA_TYPE if text.startswith("<?xml") else "application/json",
            "User-Agent": "tapal",
            "X-Tapal-Delivery": number,
            **signed_headers(webhook.secret.get_secret_value(), body, at=now.timestamp()),
        }
        answer = self._post(webhook.url.get_secret_value(), headers, body, webhook.allow_private)
        return None if answer.taken else f"the webhook answered {answer.status}"

    def _to_browser(self, row: DeliveryRow) -> str | None:
        with self._database.read() as session:
            push = session.get(PushRow, row.channel.removeprefix(_PUSH))
        if push is None:
            return None  # the person took the browser back meanwhile
        url = f"{self._url or ''}/alerts/{row.alert_id}"
        try:
            answer = self._pusher.send(push, row.title, row.body, url=url, now=self._clock.now())
        except ValueError as error:  # a key stored before keys were checked: one browser must not end all messages
            return f"the browser's key cannot be used: {error}"
        if answer.status in _GONE:
            with self._database.write() as session:
                gone = session.get(PushRow, push.id)
                if gone is not None:
                    session.delete(gone)
            return None
        return None if answer.taken else f"the push service answered {answer.status}"


_REFUSED = "the channel did not take it"


def _lead(alert: AlertView, occasion: Occasion, url: str | None) -> dict[str, object]:
    def wire(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat(timespec="milliseconds")

    return {
        "action": occasion.action,
        "alert": {
            "id": alert.id,
            "kind": alert.kind,
            "site": alert.site,
            "line": alert.line,
            "direction": alert.direction,
            "time": wire(alert.time),
            "raised_at": wire(alert.raised_at),
            "probability": alert.probability,
            "severity": Severity(alert.severity).value,
            "state": alert.state.value,
            "outcome": alert.outcome.value if alert.outcome else None,
            "welfare": alert.welfare,
            "reason": alert.reason.code,
            "version": alert.version,
        },
        "url": f"{url}/alerts/{alert.id}" if url else None,
    }
