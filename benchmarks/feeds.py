"""How long `tapal server import-passages` takes for a large log, on SQLite and on PostgreSQL.

python -m benchmarks.feeds [--rows N] [--json]

Each row has a time, a lane, a class and a document number (hashed on the way in). The same file is taken in twice: the
second time every row is known already. The clock covers the whole command, from its start to its exit; seconds of
processor time stand beside it, because a busy machine slows the clock but not those.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.server import write_office
from tests.support.services.postgres import postgres

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def write_log(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("record_id,recorded_at,direction,checkpoint,lane,traveller_class,persons,document_number\n")
        for number in range(rows):
            at = (START + timedelta(seconds=number * 7)).isoformat(timespec="milliseconds")
            way = "masuk" if number % 2 else "keluar"
            file.write(f"r{number},{at},{way},TTK,lane-{number % 4},passenger,1,X{number:08d}\n")


def take_in(log: Path, config: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tapal", "server", "import-passages", str(log), "--config", str(config), "--json"]
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    took, after = time.perf_counter() - begun, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    found = json.loads(done.stdout)
    return {
        "seconds": round(took, 1),
        "cpu_seconds": round(used, 1),
        **{name: found[name] for name in ("added", "unchanged", "rejected")},
    }


def measure(database: str, rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = write_office(folder, database or f"sqlite:///{folder / 'tapal.sqlite3'}", "mqtt://127.0.0.1:1")
        write_log(folder / "log.csv", rows)
        migrate = [sys.executable, "-m", "tapal", "server", "migrate", "--config", str(config)]
        subprocess.run(migrate, check=True, capture_output=True)
        return {"first": take_in(folder / "log.csv", config), "again": take_in(folder / "log.csv", config)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    found = {"rows": chosen.rows, "sqlite": measure("", chosen.rows)}
    with postgres() as server:
        found["postgresql"] = measure(server.new_database(), chosen.rows)
    if chosen.json:
        print(json.dumps(found))
        return
    for name in ("sqlite", "postgresql"):
        for which, run in found[name].items():
            print(f"{name:10} {which:5} {chosen.rows} rows in {run['seconds']} s ({run['cpu_seconds']} s of processor)")


if __name__ == "__main__":
    main()
