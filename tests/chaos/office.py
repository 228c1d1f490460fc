"""The server of a storm: its settings, its gates, its passage log, and the alerts it ends with."""

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_server.cli import load_settings
from tapal_server.db import migrate
from tapal_server.db.tables import AlertEventRow, AlertRow
from tapal_server.ingest.sorting import Incoming
from tapal_server.parts import Parts, build_parts
from tapal_server.passages.reader import read_file
from tapal_server.people.actor import SYSTEM
from tests.chaos.story import Story
from tests.support.services import free_port

Alerts = dict[tuple[str, ...], float]


class Office:
    """One server; `write` first."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self._stories = stories
        self._folder = Path()
        self._config = Path()

    def write(self, folder: Path, database: str, broker: str, *, replicas: int = 1) -> list[Path]:
        """Write the files the servers read; return the paths of their settings. Of several, each has some sites."""
        delay = {"typical_s": 30, "longest_s": 300, "first": "crossing"}
        # Nothing is learned: the log of a storm comes in one piece, hours after its people passed, which would teach
        # every gate to wait for hours; and what a gate has learned when it is asked depends on the order of arrival.
        rates = {"unlogged_share": 0.05, "late_share": 0.0}
        gate = {"line": "gate", "direction": "inbound", "delay": delay, "rates": rates, "learn": False}
        sites = [
            {"id": story.site, "name": story.site, "kind": "checkpoint", "checkpoint": story.node, "gates": [gate]}
            | {"timezone": "Asia/Makassar", "hours": "00:00-24:00"}
            | ({"share": story.site} if replicas > 1 else {})
            for story in self._stories
        ]
        (folder / "sites.yaml").write_text(json.dumps({"sites": sites}), encoding="utf-8")
        rows = [
            "record_id,recorded_at,received_at,direction,checkpoint",
            *(row for s in self._stories for row in s.records()),
        ]
        (folder / "passages.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        self._folder = folder
        configs = [folder / f"server-{number}.yaml" for number in range(replicas)]
        for config in configs:
            settings = {
                "database": database,
                "data_dir": "data",
                "mqtt": {
                    "url": broker,
                    "reconnect_longest_s": 0.5,
                    "client_id": config.stem,
                    "share": "office" if replicas > 1 else None,
                },
                "http": {"port": free_port()},
            }
            config.write_text(json.dumps(settings), encoding="utf-8")
        self._config = configs[0]
        return configs

    def import_passages(self) -> None:
        parts = build_parts(load_settings(self._config))
        try:
            self._take_passages(parts)
        finally:
            parts.database.close()

    def alerts(self) -> Alerts:
        """Resume where the server ended, decide what is due, and return the alerts that are open."""
        parts = build_parts(load_settings(self._config))
        try:
            parts.correlator.step()
            return _open_alerts(parts)
        finally:
            parts.database.close()

    def undisturbed_alerts(self) -> Alerts:
        """The same events, each delivered once and in order, to a server that nobody disturbs."""
        settings = load_settings(self._config)
        database = f"sqlite:///{self._folder / 'undisturbed.sqlite3'}"
        parts = build_parts(settings.model_copy(update={"database": database}))
        try:
            migrate.upgrade(parts.database)
            self._take_passages(parts)
            for story in self._stories:
                boot, topic = new_id(), f"tapal/1/{story.site}/{story.node}/event"
                events = [dump(story.crossing(number, number, boot)) for number in range(1, story.count + 1)]
                for start in range(0, len(events), 500):
                    parts.intake.take([Incoming(topic, event) for event in events[start : start + 500]])
            parts.correlator.step()
            return _open_alerts(parts)
        finally:
            parts.database.close()

    def _take_passages(self, parts: Parts) -> None:
        report, records = read_file(self._folder / "passages.csv", key=parts.keys.get("documents"))
        parts.services.passages.take(SYSTEM, "log", report, records)


def _open_alerts(parts: Parts) -> Alerts:
    with parts.database.read() as session:
        events: dict[str, list[str]] = {}
        for alert_id, event_id in session.execute(select(AlertEventRow.alert_id, AlertEventRow.event_id)):
            events.setdefault(alert_id, []).append(event_id)
        # A node that lies dead is a blind alert, and rightly so; what the engine says must not depend on the storm.
        rows = session.scalars(select(AlertRow).where(AlertRow.status == "open", AlertRow.kind != "blind")).all()
        return {
            (row.kind, row.site, str(row.line), str(row.direction), *sorted(events.get(row.id, []))): row.probability
            or 0.0
            for row in rows
        }
