"""Messages to people: written into a table with what caused them, sent from there until they are delivered."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tapal_server.alerts.service import write_history
from tapal_server.alerts.states import State, rank
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, AlertRow, DeliveryRow
from tapal_server.desk.shelves import shelf_of
from tapal_server.errors import NotFoundError
from tapal_server.events import AlertChanged, Bus
from tapal_server.notify.book import RuleBook
from tapal_server.notify.outlets import Outlets
from tapal_server.notify.rules import Channel, NotifySettings, Occasion, Rule, Webhook, limit_message, message_of
from tapal_server.people.actor import SYSTEM

__all__ = ["Notifier"]

log = logging.getLogger(__name__)

EVERY_S = 3.0
_LOOK_BACK = timedelta(hours=2)
_TRIED_FOR = timedelta(days=7)  # at last once an hour; the office sees what nobody took


class Notifier:
    """One task: finds occasions, writes messages, sends them.

    Occasions are found in the alerts table, not heard on the bus, so a crash between alert and message loses none; the
    unique (channel, occasion) makes that nobody is told twice.
    """

    def __init__(
        self,
        database: Database,
        book: RuleBook,
        sites: Sequence[Site],
        outlets: Outlets,
        *,
        bus: Bus,
        clock: Clock,
        public_url: str | None = None,
    ) -> None:
        self._database = database
        self._book = book
        self._outlets = outlets
        self._channels = outlets.channels
        self._sites = {site.id: site for site in sites}
        self._bus = bus
        self._clock = clock
        self._url = public_url
        self._use(book.of_file)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.work)
            except SQLAlchemyError:
                log.exception("notifications could not use the database; trying again")
            await asyncio.sleep(EVERY_S)

    def work(self) -> None:
        """Escalate what nobody took, write what is to be told, send what waits, by the rules in force now."""
        self._use(self._book.current())
        self._escalate()
        self._write()
        self._deliver()

    def _use(self, settings: NotifySettings) -> None:
        self._settings = settings
        push = settings.push.model_dump(exclude={"at_most_per_hour", "contact"})
        self._push = Rule.model_validate({"channel": "push", **push})

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the ways to people."""
        return tuple(self._channels)

    def test(self, channel: str) -> bool:
        """Send a test message now.

        Raises:
            NotFoundError: there is no such channel.
        """
        found = self._channels.get(channel)
        if found is None:
            raise NotFoundError(f"channel {channel!r} is not in the settings")
        return self._outlets.test(found) is None

    def _escalate(self) -> None:
        now, told = self._clock.now(), list[AlertChanged]()
        with self._database.write() as session:
            _take_from_shelves(session, now)
            query = select(AlertRow).where(
                AlertRow.state.in_([State.NEW.value, State.REOPENED.value]),
                AlertRow.shelf_id.is_(None),
                AlertRow.escalation < len(self._settings.escalation),
            )
            for row in session.scalars(query).all():
                step = self._settings.escalation[row.escalation]
                waited = now - _pressing_since(row)
                if waited < timedelta(minutes=step.after_minutes):
                    continue
                if rank(row.severity) < rank(step.least_severity):
                    continue
                row.escalation += 1
                write_history(session, row, SYSTEM, "escalated", {"level": row.escalation}, clock=self._clock)
                told.append(AlertChanged(alert_id=row.id, site=row.site, action="escalated"))
        self._bus.publish(*told)

    def _write(self) -> None:
        now = self._clock.now()
        with self._database.read() as session:  # nearly always there is nothing to write, and nobody waits for it
            due = self._due(session, now)
        if not due:
            return
        with self._database.write() as session:
            for channel, occasion, alert_id in due:
                row = session.get(AlertRow, alert_id)
                if row is not None:
                    self._add(session, channel, occasion, row, now)

    def _due(self, session: Session, now: datetime) -> list[tuple[Channel, Occasion, str]]:
        """What is to be told of which alert and was not yet."""
        lately = AlertRow.changed_at >= now - _LOOK_BACK, AlertRow.shelf_id.is_(None)
        of_alert = DeliveryRow.alert_id == AlertRow.id
        told = set(
            session.execute(select(DeliveryRow.channel, DeliveryRow.occasion).join(AlertRow, of_alert).where(*lately))
        )
        shared, browsers = self._outlets.agencies_told(session, *lately), self._outlets.browsers(session)
        due: list[tuple[Channel, Occasion, str]] = []
        for row in session.scalars(select(AlertRow).where(*lately)).all():
            agencies = shared.get(row.id, frozenset())
            for occasion in _occasions(row, now, shared=bool(agencies)):
                channels = self._told(occasion, agencies, now)
                if self._push.wants(occasion, now):
                    channels += [channel for channel, sites in browsers if not sites or row.site in sites]
                due += [(one, occasion, row.id) for one in channels if (one.name, occasion.key) not in told]
        return due

    def _told(self, occasion: Occasion, agencies: frozenset[str], now: datetime) -> list[Channel]:
        """By the rules; a partner's webhook only what is shared with its agency, whatever the rules say."""
        names = {rule.channel for rule in self._settings.rules if rule.wants(occasion, now)}
        found = []
        for name, channel in sorted(self._channels.items()):
            agency = channel.agency if isinstance(channel, Webhook) else None
            if (agency in agencies and occasion.action == "shared") if agency is not None else name in names:
                found.append(channel)
        return found

    def _add(self, session: Session, channel: Channel, occasion: Occasion, row: AlertRow, now: datetime) -> None:
        told = select(DeliveryRow.number).where(
            DeliveryRow.channel == channel.name, DeliveryRow.occasion == occasion.key
        )
        if session.scalar(told) is not None:
            return
        recent = select(func.count()).where(
            DeliveryRow.channel == channel.name,
            DeliveryRow.made_at > now - timedelta(hours=1),
            DeliveryRow.state != "held_back",
        )
        full = (session.scalar(recent) or 0) >= channel.at_most_per_hour
        held_back = full and occasion.severity != "high"
        title, body = self._message(occasion, channel.language, row)
        if isinstance(channel, Webhook):
            body = self._outlets.webhook_body(session, channel, occasion, row)
        session.add(
            DeliveryRow(
                channel=channel.name,
                occasion=occasion.key,
                alert_id=row.id,
                title=title[:255],
                body=body[:4000],
                made_at=now,
                next_try_at=now,
                tries=0,
                # Written down all the same, so that the office sees what its limit held back.
                state="held_back" if held_back else "waiting",
            )
        )
        session.flush()
        if held_back and channel.name in self._channels and not isinstance(channel, Webhook):
            self._say_that_more_wait(session, channel, now)

    def _say_that_more_wait(self, session: Session, channel: Channel, now: datetime) -> None:
        """One message an hour in place of all that its limit holds back."""
        key = f"limit:{now:%Y-%m-%dT%H}"
        if session.scalar(
            select(DeliveryRow.number).where(DeliveryRow.channel == channel.name, DeliveryRow.occasion == key)
        ):
            return
        title, body = limit_message(channel, url=self._url)
        session.add(
            DeliveryRow(
                channel=channel.name, occasion=key, title=title, body=body, made_at=now, next_try_at=now, tries=0,
                state="waiting",
            )
        )  # fmt: skip
        session.flush()

    def _message(self, occasion: Occasion, language: str, row: AlertRow) -> tuple[str, str]:
        site = self._sites.get(row.site)
        return message_of(
            occasion,
            language,
            site_name=site.name if site else row.site,
            at=row.time.astimezone(ZoneInfo(site.timezone if site else "UTC")),
            probability=row.probability if row.kind != "blind" else None,
            url=self._url,
        )

    def _deliver(self) -> None:
        with self._database.read() as session:
            query = select(DeliveryRow).where(
                DeliveryRow.state == "waiting", DeliveryRow.next_try_at <= self._clock.now()
            )
            waiting = session.scalars(query.order_by(DeliveryRow.number).limit(50)).all()
        for row in waiting:
            self._note(row.number, self._outlets.deliver(row))

    def _note(self, number: int, problem: str | None) -> None:
        now = self._clock.now()
        with self._database.write() as session:
            row = session.get_one(DeliveryRow, number)
            row.tries += 1
            row.problem = problem
            if problem is None:
                row.state, row.sent_at = "sent", now
            elif now - row.made_at > _TRIED_FOR:
                row.state = "given_up"
                log.error("a message to channel %s was given up after %d tries", row.channel, row.tries)
            else:
                row.next_try_at = now + timedelta(seconds=min(10 * 2**row.tries, 3600))


def _take_from_shelves(session: Session, now: datetime) -> None:
    """Alerts whose shelf is over wait no longer."""
    shelved = select(AlertRow).where(AlertRow.shelf_id.is_not(None), AlertRow.state != State.RESOLVED.value)
    for row in session.scalars(shelved).all():
        events = session.scalars(select(AlertEventRow.event_id).where(AlertEventRow.alert_id == row.id)).all()
        row.shelf_id = shelf_of(session, (row.site, row.line), now, reason=row.reason["data"], events=events)
        if row.shelf_id is None:
            row.changed_at = row.pressing_since = now


def _pressing_since(row: AlertRow) -> datetime:
    """Since when it is as severe as it is, and on no shelf: until then its rules may have told nobody."""
    return row.pressing_since or row.raised_at


def _occasions(row: AlertRow, now: datetime, *, shared: bool) -> list[Occasion]:
    found: list[Occasion] = []

    def add(action: str, level: int = 0) -> None:
        values = {
            "alert_id": row.id,
            "action": action,
            "site": row.site,
            "kind": row.kind,
            "severity": row.severity,
            "level": level,
        }
        found.append(Occasion.model_validate(values))

    if row.welfare:
        add("welfare")
    if shared:
        add("shared")
    if row.state != State.RESOLVED.value and now - _pressing_since(row) <= _LOOK_BACK:
        add("raised")
    for level in range(1, row.escalation + 1):
        add("escalated", level)
    return found
