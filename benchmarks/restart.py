"""How long a server takes after a restart until it is correct again, with a year of history in its database.

    python -m benchmarks.restart [--days 365] [--per-day 400] [--gates 1]

Fills an SQLite database with crossings of some gates and their records, as if all had been correlated, and times what a
newly started correlator needs for its first step: where no engine was kept, reading its window, learning the gates
again, comparing beliefs; else taking up the engine that the first one kept. The window is ten days, so a longer history
should cost nothing; the same is timed with a history of just that window.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, insert, select, update

from tapal_server.correlation.warm import warm
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.db.tables import CorrelatorRow, EventRow, PassageRow
from tapal_server.parts import build_parts
from tapal_server.settings import Settings

WINDOW_DAYS = 10
END = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
GATE = {"line": "gate", "direction": "inbound", "delay": {"typical_s": 30, "longest_s": 900}}


class Still:
    """A clock that stands at the end of the history."""

    def now(self) -> datetime:
        """The end of the history."""
        return END


def sites(gates: int) -> str:
    """A checkpoint for each gate."""
    return json.dumps(
        {
            "sites": [
                {"id": f"site-{number}", "kind": "checkpoint", "checkpoint": f"C{number}", "gates": [GATE]}
                for number in range(gates)
            ]
        }
    )


def fill(database: Database, days: int, per_day: int, gates: int, seed: int) -> int:
    """Write crossings and their records; return how many."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(-86400.0 * days, -600.0, days * per_day * gates))
    delays = 45.0 * np.exp(0.5 * rng.normal(size=len(times)))
    places = rng.integers(gates, size=len(times)).tolist()
    with database.write() as session:
        for first in range(0, len(times), 20_000):
            numbers = range(first, min(first + 20_000, len(times)))
            session.execute(
                insert(EventRow), [_event(number, places[number], _at(times[number])) for number in numbers]
            )
            session.execute(
                insert(PassageRow),
                [_passage(number, places[number], _at(times[number] + delays[number])) for number in numbers],
            )
        through = session.scalar(select(func.max(EventRow.arrival))) or 0
        session.add(
            CorrelatorRow(name="all", settings="", events_through=through, passages_through=len(times), saved_at=END)
        )
    return len(times)


def _at(seconds: float) -> datetime:
    return END + timedelta(seconds=float(seconds))


def _event(number: int, place: int, at: datetime) -> dict[str, object]:
    return {
        "id": f"{number:032x}",
        "node": "nunukan-01",
        "epoch": 1,
        "seq": number + 1,
        "type": "crossing",
        "site": f"site-{place}",
        "camera": "gate-1",
        "line": "gate",
        "direction": "inbound",
        "label": "person",
        "time": at,
        "received_at": at,
        "body": {"confidence": 0.9},
        "unlogged": None,
    }


def _passage(number: int, place: int, at: datetime) -> dict[str, object]:
    return {
        "change": number + 1,
        "source": "simkim",
        "record_id": f"r{number}",
        "recorded_at": at,
        "stored_at": at,
        "direction": "inbound",
        "checkpoint": f"C{place}",
        "persons": 1,
        "version": 1,
    }


@dataclass
class Start:
    """What the first step of a started server took."""

    wall_s: float
    used_s: float


def restarts(days: int, per_day: int, gates: int) -> tuple[int, dict[str, Start]]:
    """Return the crossings of the history, and what each kind of start took."""
    starts: dict[str, Start] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sites.yaml").write_text(sites(gates), encoding="utf-8")
        url = f"sqlite:///{folder / 'tapal.sqlite3'}"
        database = Database(url)
        migrate.upgrade(database)
        count = fill(database, days, per_day, gates, seed=5)
        database.close()
        settings = Settings(data_dir=folder / "data", database=url, sites=folder / "sites.yaml", mqtt=None)
        warm()
        for kind in ("first", "rebuilt", "kept"):  # at the first start every belief is written; each start keeps
            parts = build_parts(settings, clock=Still())
            if kind == "rebuilt":
                with parts.database.write() as session:
                    session.execute(update(CorrelatorRow).values(snapshot=None))
            begun, at = time.perf_counter(), time.process_time()
            parts.correlator.step()
            starts[kind] = Start(time.perf_counter() - begun, time.process_time() - at)
            parts.database.close()
        files = [file.stat().st_size for file in (folder / "data").rglob("*.engine")]
    print(f"copies of the engine: {sum(files) / 1e6:.1f} MB")
    return count, starts


def main() -> None:
    """Print the seconds of a restart, with a year of history and with its window alone."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--per-day", type=int, default=400)
    options.add_argument("--gates", type=int, default=1)
    chosen = options.parse_args()
    for days in sorted({WINDOW_DAYS, chosen.days}):
        count, starts = restarts(days, chosen.per_day, chosen.gates)
        print(f"{days} days, {count} crossings; seconds, and of a processor, until correct again:")
        for kind, start in starts.items():
            print(f"  {kind:8} {start.wall_s:8.2f} {start.used_s:8.2f}")


if __name__ == "__main__":
    main()
