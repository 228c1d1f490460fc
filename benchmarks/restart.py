"""How long a server takes after a restart until it is correct again, with a year of history in its database.

    python -m benchmarks.restart [--days 365] [--per-day 400]

Fills an SQLite database with crossings of one gate and their records, as if all had been correlated, and times what a
newly started correlator needs for its first step: reading its window, learning the gate again, comparing beliefs. The
window is ten days, so a longer history should cost nothing; the same is timed with a history of just that window.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, insert, select

from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.db.tables import CorrelatorRow, EventRow, PassageRow
from tapal_server.parts import build_parts
from tapal_server.settings import Settings

WINDOW_DAYS = 10
END = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SITES = """
sites:
  - id: tunon-taka
    name: Tunon Taka
    kind: checkpoint
    checkpoint: TTK
    timezone: Asia/Makassar
    gates: [{line: gate, direction: inbound, delay: {typical_s: 30, longest_s: 900}}]
"""


class Still:
    """A clock that stands at the end of the history."""

    def now(self) -> datetime:
        """The end of the history."""
        return END


def fill(database: Database, days: int, per_day: int, seed: int) -> int:
    """Write crossings and their records; return how many."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(-86400.0 * days, -600.0, days * per_day))
    delays = 45.0 * np.exp(0.5 * rng.normal(size=len(times)))
    with database.write() as session:
        for first in range(0, len(times), 20_000):
            numbers = range(first, min(first + 20_000, len(times)))
            session.execute(insert(EventRow), [_event(number, _at(times[number])) for number in numbers])
            session.execute(
                insert(PassageRow), [_passage(number, _at(times[number] + delays[number])) for number in numbers]
            )
        through = session.scalar(select(func.max(EventRow.arrival))) or 0
        session.add(
            CorrelatorRow(name="all", settings="", events_through=through, passages_through=len(times), saved_at=END)
        )
    return len(times)


def _at(seconds: float) -> datetime:
    return END + timedelta(seconds=float(seconds))


def _event(number: int, at: datetime) -> dict[str, object]:
    return {
        "id": f"{number:032x}",
        "node": "nunukan-01",
        "epoch": 1,
        "seq": number + 1,
        "type": "crossing",
        "site": "tunon-taka",
        "camera": "gate-1",
        "line": "gate",
        "direction": "inbound",
        "label": "person",
        "time": at,
        "received_at": at,
        "body": {"confidence": 0.9},
        "unlogged": None,
    }


def _passage(number: int, at: datetime) -> dict[str, object]:
    return {
        "change": number + 1,
        "source": "simkim",
        "record_id": f"r{number}",
        "recorded_at": at,
        "stored_at": at,
        "direction": "inbound",
        "checkpoint": "TTK",
        "persons": 1,
        "version": 1,
    }


def restarts(days: int, per_day: int) -> tuple[int, list[float], list[float]]:
    """Return the crossings of the history, and wall and processor seconds of a first restart and of another one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
        url = f"sqlite:///{folder / 'tapal.sqlite3'}"
        database = Database(url)
        migrate.upgrade(database)
        count = fill(database, days, per_day, seed=5)
        database.close()
        settings = Settings(data_dir=folder / "data", database=url, sites=folder / "sites.yaml", mqtt=None)
        wall, used = [], []
        for _ in range(2):
            parts = build_parts(settings, clock=Still())
            begun, at = time.perf_counter(), time.process_time()
            parts.correlator.step()
            wall.append(time.perf_counter() - begun)
            used.append(time.process_time() - at)
            parts.database.close()
    return count, wall, used


def main() -> None:
    """Print the seconds of a restart, with a year of history and with its window alone."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--per-day", type=int, default=400)
    chosen = options.parse_args()
    for days in (WINDOW_DAYS, chosen.days):
        count, wall, used = restarts(days, chosen.per_day)
        print(
            f"{days} days, {count} crossings: correct again after {wall[1]:.2f} s, {used[1]:.2f} s of a processor "
            f"({used[0]:.2f} s the first time, when every belief is written)"
        )


if __name__ == "__main__":
    main()
