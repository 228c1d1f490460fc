"""The full storm, on PostgreSQL: ``python -m tests.chaos`` prints figures as JSON, exits 1 where anything is lost."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm import Plan, Storm, prepare
from tests.support.services.postgres import postgres

FULL = Plan(edges=5, events_each=4000, seconds=240.0, kills=50, faults=50, give_up_s=900.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=FULL.seed)
    parser.add_argument("--replicas", type=int, default=1, help="servers that share the work")
    parser.add_argument("--keep", type=Path, help="keep logs and files here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tapal-chaos-") as folder, postgres() as server:
        home = given.keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        url = server.new_database()
        prepare(url)
        plan = Plan(**{**vars(FULL), "seed": given.seed, "replicas": given.replicas})
        storm = Storm(plan, home, url, postgres=server)
        outcome = asyncio.run(storm.run())
    sys.stdout.write(json.dumps({"complaints": storm.complaints(), **outcome.figures()}, indent=2) + "\n")
    sys.exit(1 if storm.complaints() else 0)


if __name__ == "__main__":
    main()
