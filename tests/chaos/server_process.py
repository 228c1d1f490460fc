"""The server's ingest as a process of its own: database, intake, subscriber, nothing else."""

import argparse
import asyncio
import logging
from pathlib import Path

from tapal_server.clock import SystemClock
from tapal_server.db.database import Database
from tapal_server.events import Bus
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.subscriber import Subscriber
from tapal_server.media import MediaStore
from tapal_server.settings import MqttSettings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--media", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    database = Database(given.database)
    intake = Intake(database, MediaStore(given.media), bus=Bus(), clock=SystemClock(), largest_picture=2**21)
    settings = MqttSettings(url=given.broker, reconnect_longest_s=0.5)
    asyncio.run(Subscriber(settings, intake).run())


if __name__ == "__main__":
    main()
