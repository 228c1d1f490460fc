"""Tells each node which of its events open alerts rest on, or the review waits for: what is deleted last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from tapal_contract.ids import new_id
from tapal_contract.node import KEPT_AT_MOST, Command
from tapal_contract.topics import Topic
from tapal_server.alerts.states import State
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, AlertRow, ClipRow, EventRow, NodeRow

__all__ = ["Keeper"]

LOOK_EVERY = timedelta(seconds=15)
AGAIN_AFTER = timedelta(minutes=10)
KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a node was told last."""

    events: tuple[str, ...]
    boot: str | None
    at: datetime


class Keeper:
    """Remembers what each node was told, and says it anew when it changed, to a new start, and now and then."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._told: dict[str, _Told] = {}
        self._looked: datetime | None = None

    def due(self) -> list[tuple[str, Command]]:
        """The commands to send now, with their topics."""
        now = self._clock.now()
        if self._looked is not None and now - self._looked < LOOK_EVERY:
            return []
        self._looked = now
        with self._database.read() as session:
            nodes = session.scalars(select(NodeRow).where(NodeRow.status == "online")).all()
            wanted = session.execute(
                select(EventRow.node, EventRow.id)
                .join(AlertEventRow, AlertEventRow.event_id == EventRow.id)
                .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
                .where(AlertRow.state != State.RESOLVED.value)
                .distinct()
            ).all()
            waiting = session.execute(select(ClipRow.node, ClipRow.event_id).where(ClipRow.hold != "")).all()
        of_node: dict[str, list[str]] = {}
        for node, event_id in {*map(tuple, wanted), *map(tuple, waiting)}:
            of_node.setdefault(node, []).append(event_id)
        commands = []
        for node_row in nodes:
            # ids are ordered by time: where there are too many, the newest can still be looked at
            events = tuple(sorted(of_node.get(node_row.node, ()))[-KEPT_AT_MOST:])
            if self._is_due(node_row, events, now):
                self._told[node_row.node] = _Told(events, node_row.boot, now)
                topic = Topic(node_row.site, node_row.node, "command").path
                commands.append((topic, _keep(events, now)))
        return commands

    def _is_due(self, node: NodeRow, events: tuple[str, ...], now: datetime) -> bool:
        told = self._told.get(node.node)
        if told is None or told.boot != node.boot:
            return bool(events) or told is None
        return told.events != events or (bool(events) and now - told.at >= AGAIN_AFTER)


def _keep(events: tuple[str, ...], now: datetime) -> Command:
    return Command(id=new_id(), name="keep", issued_at=now, issued_by="system", events=events, until=now + KEPT_FOR)
