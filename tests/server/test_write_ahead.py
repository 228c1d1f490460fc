"""SQLite's write-ahead log: brought into the file beside whoever writes."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tapal_server.db import write_ahead
from tapal_server.db.database import Database
from tapal_server.db.write_ahead import WriteAhead


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'tapal.sqlite3'}")
    with opened.write() as session:
        session.execute(text("CREATE TABLE seen (number INTEGER PRIMARY KEY)"))
    yield opened
    opened.close()


def write(database: Database, *numbers: int) -> None:
    for number in numbers:
        with database.write() as session:
            session.execute(text("INSERT INTO seen VALUES (:number)"), {"number": number})


def in_the_file(database: Database, folder: Path) -> list[int]:
    """What the file holds without its log."""
    copy = folder / "copy.sqlite3"
    shutil.copy(str(database.url.database), copy)
    with closing(sqlite3.connect(copy)) as opened:
        if not opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'seen'").fetchall():
            return []
        return [number for (number,) in opened.execute("SELECT number FROM seen")]


def test_what_was_committed_is_brought_into_the_file_while_somebody_writes(database, tmp_path):
    write(database, 1, 2, 3)
    assert in_the_file(database, tmp_path) == []
    with database.write() as session:
        session.execute(text("INSERT INTO seen VALUES (4)"))
        database.checkpoint()
        assert in_the_file(database, tmp_path) == [1, 2, 3]
    database.checkpoint()
    assert in_the_file(database, tmp_path) == [1, 2, 3, 4]


def test_the_log_does_not_grow_where_it_is_brought_in(database):
    log = Path(f"{database.url.database}-wal")
    for number in range(0, 300, 10):
        write(database, *range(number, number + 10))
        database.checkpoint()
    assert log.stat().st_size < 40 * (4096 + 24)


async def test_a_server_looks_after_it_and_goes_on_when_the_disk_is_full(database, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(write_ahead, "_LOOK_S", 0.001)
    real, tried, done = database.checkpoint, asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def full() -> None:
        loop.call_soon_threadsafe(tried.set)
        raise sqlite3.OperationalError("database or disk is full")

    def room() -> None:
        real()
        loop.call_soon_threadsafe(done.set)

    monkeypatch.setattr(database, "checkpoint", full)
    task = asyncio.create_task(WriteAhead(database).run())
    await asyncio.sleep(0)
    await asyncio.to_thread(write, database, *range(50))
    async with asyncio.timeout(20):
        await tried.wait()
    monkeypatch.setattr(database, "checkpoint", room)
    await asyncio.to_thread(write, database, *range(50, 110))
    async with asyncio.timeout(20):
        await done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "disk is full" in caplog.text
    assert set(range(50)) <= set(in_the_file(database, tmp_path))
