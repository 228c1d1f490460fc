"""SQLite's write-ahead log, brought into the file by a task of its own.

SQLite leaves that to whoever commits the thousandth page: he waits until some thousand places of the file are on the
disk, and everybody who wants to write waits with him.
"""

import asyncio
import logging
import sqlite3

from tapal_server.db.database import Database

__all__ = ["WriteAhead"]

log = logging.getLogger(__name__)

_LOOK_S = 0.25
_COMMITS = 50
"""After so many the log is brought into the file: some 800 pages where cameras are busy, once a second."""


class WriteAhead:
    """One task of a server on SQLite; whatever else writes to the file does without."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Look after the log until cancelled."""
        done = self._database.commits
        while True:
            await asyncio.sleep(_LOOK_S)
            commits = self._database.commits
            if commits - done < _COMMITS:
                continue
            try:
                await asyncio.to_thread(self._database.checkpoint)
            except sqlite3.OperationalError as error:
                log.warning("the write-ahead log cannot be brought into the database, and grows meanwhile: %s", error)
            done = commits
