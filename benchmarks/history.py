"""How long pages and reports take over a month of a large country: 500 gates, 300 crossings a day at each, and a log.

python -m benchmarks.history [--rows N] [--days N] [--database sqlite|postgresql] [--json]

The database makes the rows itself, in bulk: crossings, a record for each, and an alert of one crossing in 300.
The seconds are of the services that the console's pages and the API call, the slowest of three; the first of them
reads what the machine holds in memory only if it fits there.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tapal_contract.events import dump
from tapal_server.alerts.states import State
from tapal_server.alerts.views import AlertFilter
from tapal_server.cli import load_settings
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.observations import EventFilter
from tapal_server.paging import Paging
from tapal_server.parts import Parts, build_parts
from tapal_server.passages.query import PassageFilter
from tapal_server.people.actor import SYSTEM
from tests.server.edges import Edge
from tests.support.services.postgres import postgres

SITES, GATES = 50, 500
RECORDED_AFTER_MS = 45_000
ALERT_OF = 300
NUMBERS = {
    "sqlite": "WITH RECURSIVE made(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM made WHERE i + 1 < :rows)",
    "postgresql": "WITH made AS (SELECT generate_series(0, CAST(:rows AS BIGINT) - 1) AS i)",
}
IDS = {
    "sqlite": "printf('%08x-0000-7000-8000-%012x', i, i)",
    "postgresql": "lpad(to_hex(i), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0')",
}
AT = "CAST(:start + i * :apart AS BIGINT)"
SITE = f"'site-' || (i % {GATES} / {GATES // SITES})"
DIRECTION = "CASE WHEN i / 500 % 2 = 0 THEN 'inbound' ELSE 'outbound' END"
EVENTS = f"""
INSERT INTO events (id, node, epoch, seq, type, site, camera, line, direction, label, time, received_at, body)
{{numbers}}
SELECT {{id}}, 'n-' || (i % {GATES}), 1, i / {GATES} + 1, CASE WHEN i % 1000 = 999 THEN 'camera' ELSE 'crossing' END,
  {SITE}, 'c-' || (i % {GATES}), 'gate-' || (i % 10), {DIRECTION}, 'person', {AT}, {AT}, {{body}} FROM made
"""
PASSAGES = f"""
INSERT INTO passages (change, source, record_id, recorded_at, stored_at, direction, checkpoint, persons, version)
{{numbers}}
SELECT i + 1, 'log', 'r-' || i, {AT} + {RECORDED_AFTER_MS}, {AT} + {RECORDED_AFTER_MS}, {DIRECTION},
  'C' || (i % {GATES} / {GATES // SITES}), 1, 1 FROM made
"""
ALERTS = f"""
INSERT INTO alerts (id, kind, site, line, direction, status, probability, time, raised_at, closed_at, reason, evidence,
  state, outcome, severity, welfare, escalation, version, changed_at, acknowledged_at, resolved_at)
{{numbers}}
SELECT {{id}}, 'unlogged_crossing', {SITE}, 'gate-' || (i % 10), {DIRECTION}, 'open', 0.8, {AT}, {AT}, NULL,
  '{{{{"code": "unlogged", "data": {{{{}}}}}}}}', '{{{{}}}}', CASE WHEN i % 50 = 0 THEN 'new' ELSE 'resolved' END,
  CASE WHEN i % 50 = 0 THEN NULL WHEN i % 3 = 0 THEN 'false_alarm' ELSE 'confirmed' END, 'medium', {{no}}, 0, 1,
  {AT}, {AT} + 60000, {AT} + 600000 FROM made
"""


def write_office(folder: Path, database: str) -> Path:
    """Fifty checkpoints of ten gates, each with two directions."""
    gates = [{"line": f"gate-{line}", "direction": way} for line in range(10) for way in ("inbound", "outbound")]
    sites = [
        {"id": f"site-{place}", "kind": "checkpoint", "checkpoint": f"C{place}", "gates": gates}
        for place in range(SITES)
    ]
    (folder / "sites.yaml").write_text(json.dumps({"sites": sites}), encoding="utf-8")
    config = folder / "server.yaml"
    config.write_text(json.dumps({"database": database, "data_dir": "data", "mqtt": None}), encoding="utf-8")
    return config


def fill(database: Database, rows: int, days: int) -> None:
    """The month, made by the database; then the newest migration, which counts it by the hour."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    start = (datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000
    body = "CAST(:body AS JSON)" if kind == "postgresql" else ":body"
    given = {"numbers": NUMBERS[kind], "id": IDS[kind], "body": body, "no": "false" if kind == "postgresql" else "0"}
    for statement, count in ((EVENTS, rows), (PASSAGES, rows), (ALERTS, rows // ALERT_OF)):
        values: dict[str, Any] = {"rows": count, "start": start, "apart": days * 86_400_000 / count}
        if statement is EVENTS:
            values["body"] = dump(Edge().crossing()).decode()
        with database.write() as session:
            session.execute(text(statement.format(**given)), values)
        _say(f"{kind}: {count:,} rows")
    migrate.upgrade(database)
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))
    _say(f"{kind}: counted and analysed")


def calls(parts: Parts, now: datetime, days: int) -> dict[str, Callable[[], object]]:
    """What pages and reports ask for."""
    services, page = parts.services, Paging(1, 50)
    hour, day, month = now - timedelta(hours=1), now - timedelta(days=1), now - timedelta(days=days)
    events = services.observations.page
    last = events(SYSTEM, Paging(200, 50), EventFilter()).items[-1].id
    alert = services.alerts.page(SYSTEM, page).items[0].id
    waiting = AlertFilter(states=frozenset({State.NEW}))
    return {
        "events, first page": lambda: events(SYSTEM, page, EventFilter()),
        "events, page 200": lambda: events(SYSTEM, Paging(200, 50), EventFilter()),
        "events behind those": lambda: events(SYSTEM, page, EventFilter(after=last)),
        "events, oldest first": lambda: events(SYSTEM, page, EventFilter(), newest_first=False),
        "events of a site": lambda: events(SYSTEM, page, EventFilter(site="site-7")),
        "events of a camera": lambda: events(SYSTEM, page, EventFilter(camera="c-77")),
        "events of an hour": lambda: events(SYSTEM, page, EventFilter(since=hour)),
        "records, first page": lambda: services.passage_log.page(SYSTEM, page, PassageFilter()),
        "records of a checkpoint": lambda: services.passage_log.page(SYSTEM, page, PassageFilter(checkpoint="C7")),
        "alerts, first page": lambda: services.alerts.page(SYSTEM, page),
        "alerts that wait": lambda: services.alerts.page(SYSTEM, Paging(1, 500), waiting),
        "one alert with its evidence": lambda: services.alerts.detail(SYSTEM, alert),
        "nodes": lambda: services.nodes.all(SYSTEM),
        "report of a day": lambda: services.reports.period(SYSTEM, day, now),
        "report of a month": lambda: services.reports.period(SYSTEM, month, now),
        "report of a month of one site": lambda: services.reports.period(SYSTEM, month, now, site="site-7"),
    }


def measure(folder: Path, url: str, rows: int, days: int) -> dict[str, Any]:
    """Seconds of each call over so much history."""
    config = write_office(folder, url)
    parts = build_parts(load_settings(config))
    try:
        migrate.upgrade(parts.database, "0019")
        begun = time.perf_counter()
        fill(parts.database, rows, days)
        filled = round(time.perf_counter() - begun)
        took = {name: _slowest(call) for name, call in calls(parts, datetime.now(UTC), days).items()}
        report = parts.services.reports.period(SYSTEM, datetime.now(UTC) - timedelta(days=days), datetime.now(UTC))
        counted = sum(one.seen for one in report.traffic), sum(one.logged for one in report.traffic)
        return {"filled_in_s": filled, "seen_and_logged": counted, "slowest_s": max(took.values()), **took}
    finally:
        parts.database.close()


def _slowest(call: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return round(max(seconds), 3)


def _say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of that kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tapal.sqlite3'}"
        return
    with postgres() as running:
        yield running.new_database()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=45_000, help="4,500,000 is 30 days x 300 crossings x 500 gates")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="default: one after the other")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    kinds = [given.database] if given.database else ["sqlite", "postgresql"]
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="tapal-history-") as name, opened(kind, Path(name)) as url:
            figures: dict[str, Any] = {"database": kind, "rows": given.rows, "cores": os.cpu_count()}
            figures["load_before"] = round(os.getloadavg()[0], 1)
            figures |= measure(Path(name), url, given.rows, given.days)
            print(json.dumps(figures, indent=None if given.json else 2), flush=True)


if __name__ == "__main__":
    main()
