"""Raises and closes `blind` alerts: a node, a camera or a feed that watches a gate says nothing or sees nothing."""

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tapal_contract.times import from_seconds
from tapal_server.clock import Clock
from tapal_server.correlation.types import Alert, AlertClosed, AlertRaised, Change, Data, Reason, Site
from tapal_server.db.base import Moment
from tapal_server.db.database import Database
from tapal_server.db.observed import newest_of_cameras
from tapal_server.db.tables import AlertRow, EventRow, FeedRow, NodeRow, RefusalRow
from tapal_server.events import Bus
from tapal_server.feeds.profile import Profile
from tapal_server.ingest.proof import FLAWS
from tapal_server.live.ledger import Ledger

__all__ = ["Watchdog"]

log = logging.getLogger(__name__)

EVERY_S = 15.0
NODE_SILENT = timedelta(minutes=2)
FORGED_LATELY = timedelta(minutes=10)  # after so long a quiet time the alarm ends
_BLINDING = {"offline", "dark", "covered", "defocused", "moved"}


@dataclass(frozen=True, slots=True)
class _Blindness:
    source: str
    name: str
    site: str
    state: str
    since: float

    @property
    def alert_id(self) -> str:
        digest = hashlib.sha256(f"{self.source}\n{self.site}\n{self.name}\n{self.since:.3f}".encode()).hexdigest()
        return f"blind-{digest[:24]}"


class Watchdog:
    """One task that looks at nodes, cameras and feeds."""

    def __init__(self, database: Database, ledger: Ledger, sites: Sequence[Site], *, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._ledger = ledger
        self._sites = sites
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except SQLAlchemyError:
                log.exception("the watchdog could not use the database; trying again")
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Raise what is blind now, close what sees again."""
        with self._database.read() as session:
            blind = {one.alert_id: one for one in self._blind(session)}
            query = select(AlertRow).where(AlertRow.kind == "blind", AlertRow.status == "open")
            known = {row.id: row for row in session.scalars(query)}
        now = self._clock.now().timestamp()
        changes: list[Change] = [
            AlertRaised(_alert(one, now)) for alert_id, one in blind.items() if alert_id not in known
        ]
        changes += [_closed(row, now) for alert_id, row in known.items() if alert_id not in blind]
        if changes:
            with self._database.write() as session:
                told = self._ledger.write(session, changes)
            self._bus.publish(*told)

    def _blind(self, session: Session) -> Iterator[_Blindness]:
        now = self._clock.now()
        dead: set[str] = set()
        for node in session.scalars(select(NodeRow).where(NodeRow.last_seen.is_not(None))):
            assert node.last_seen is not None
            if node.status == "offline":
                dead.add(node.node)
                yield _Blindness("node", node.node, node.site, "offline", (node.since or node.last_seen).timestamp())
            elif now - node.last_seen > NODE_SILENT:
                dead.add(node.node)
                yield _Blindness("node", node.node, node.site, "silent", node.last_seen.timestamp())
        yield from self._forged(session)
        for event in session.scalars(select(EventRow).where(EventRow.arrival.in_(newest_of_cameras()))):
            state = str(event.body.get("event"))
            if state in _BLINDING and event.node not in dead:  # a dead node is one alert, not one per camera
                name = f"{event.node}/{event.camera}"
                yield _Blindness("camera", name, event.site, state, event.time.timestamp())
        yield from self._silent_feeds(session)

    def _forged(self, session: Session) -> Iterator[_Blindness]:
        """Nodes in whose name somebody else speaks, or who can no longer prove who they are: none to rely on."""
        recently = RefusalRow.last_at > self._clock.now() - FORGED_LATELY
        began = func.min(RefusalRow.since, type_=Moment())
        query = select(NodeRow.node, NodeRow.site, began).join(RefusalRow, RefusalRow.node == NodeRow.node)
        query = query.where(recently, RefusalRow.reason.in_(FLAWS)).group_by(NodeRow.node, NodeRow.site)
        for node, site, since in session.execute(query):
            if since is not None:
                yield _Blindness("node", node, site, "forged", since.timestamp())

    def _silent_feeds(self, session: Session) -> Iterator[_Blindness]:
        now = self._clock.now()
        for feed in session.scalars(select(FeedRow)):
            profile, seen = Profile.model_validate(feed.profile), feed.last_row_at or feed.changed_at
            limit = profile.silent_after_minutes
            if limit is None or (now - seen).total_seconds() <= limit * 60:
                continue
            checkpoint = profile.constants.get("checkpoint")
            for site in self._sites:
                if site.checkpoint is not None and checkpoint in {None, site.checkpoint}:
                    yield _Blindness("feed", feed.name, site.id, "silent", seen.timestamp())


def _alert(one: _Blindness, now: float) -> Alert:
    data: dict[str, Data] = {"source": one.source, "name": one.name, "state": one.state, "since": one.since}
    return Alert(
        id=one.alert_id,
        kind="blind",
        site=one.site,
        line=None,
        direction=None,
        status="open",
        probability=1.0,
        time=one.since,
        raised_at=now,
        reason=Reason(code="blind", data=data),
    )


def _closed(row: AlertRow, now: float) -> AlertClosed:
    alert = Alert(
        id=row.id,
        kind="blind",
        site=row.site,
        line=None,
        direction=None,
        status="open",
        probability=1.0,
        time=row.time.timestamp(),
        raised_at=row.raised_at.timestamp(),
        reason=Reason(code=row.reason["code"], data=row.reason["data"]),
    )
    at = from_seconds(now).timestamp()
    return AlertClosed(replace(alert, status="explained", closed_at=at), Reason(code="sees_again", data={"at": at}))
