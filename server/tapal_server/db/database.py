"""Opening the database: SQLite by default, PostgreSQL by URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from tapal_contract.errors import ConfigError
from tapal_server.db.turns import Turns

__all__ = ["Database"]

_WRITES = "tapal_writes"
_PATIENCE_S = 30
_LONG_LOG, _LONGEST_LOG = 4_000, 8_000
"""Pages of SQLite's write-ahead log, 16 and 32 MB, at which writers wait until it is in the file, and at which one of
them brings it there himself, because nobody else does."""


class Database:
    """One database. Sessions are synchronous: call them in a thread, never in the event loop."""

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        # SQLite takes its write lock at BEGIN, so a transaction never fails half-way because another wrote first.
        self._writing = sessionmaker(self.engine.execution_options(**{_WRITES: True}), expire_on_commit=False)
        self._turns = Turns()
        self.commits = 0
        """How often it was written to by this process: a measure of how much there is to bring into the file."""

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session committed when the block ends, rolled back when it raises."""
        turn = self._turns.one(_PATIENCE_S) if self.is_sqlite else nullcontext()
        with turn:
            with self._writing.begin() as session:
                yield session
            self.commits += 1

    def checkpoint(self) -> None:
        """Bring SQLite's write-ahead log into the file, beside whoever reads and writes.

        Where that never comes to the log's end, because somebody always writes, those wait for it once the log is long:
        only then does the next begin it anew.

        Raises:
            sqlite3.OperationalError: the disk does not take it; nothing is lost, for the log stays as it is.
        """
        if not self.is_sqlite:
            return
        pages, brought = self._checkpoint()
        if brought < pages and pages >= _LONG_LOG:
            with self._turns.one(_PATIENCE_S):
                self._checkpoint()

    def _checkpoint(self) -> tuple[int, int]:
        """Pages in the log, and how many of them are in the file."""
        connection = self.engine.raw_connection()
        try:
            _, pages, brought = connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return int(pages), int(brought)
        finally:
            connection.close()

    def check(self) -> None:
        """Raise a sentence where the database cannot be reached, or would mix up letters."""
        try:
            with self.engine.connect() as connection:
                ask = "SELECT 'UTF8'" if self.is_sqlite else "SHOW server_encoding"
                encoding = connection.scalar(text(ask))
        except OperationalError as error:
            where = self.url.render_as_string(hide_password=True)
            raise ConfigError(f"database {where}: cannot be opened; check the URL and that it runs") from error
        if encoding != "UTF8":
            name = self.url.database
            raise ConfigError(f"database {name!r} keeps text as {encoding}; make it anew with ENCODING 'UTF8'")

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("database: not a URL; write sqlite:///FILE or postgresql://USER@HOST/NAME") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigError(f"database {parsed.drivername!r} is not known; use sqlite:///FILE or postgresql://...")
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError("database sqlite: needs a file; write sqlite:///FILE")
    return parsed


def _sqlite(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _PATIENCE_S, "check_same_thread": False}, pool_size=10)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={1000 * _PATIENCE_S}",
            f"wal_autocheckpoint={_LONGEST_LOG}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        isolation_level="READ COMMITTED",
        connect_args={"client_encoding": "UTF8"},  # else text of a database without an encoding comes as bytes
    )
