"""PostgreSQL's disk fills: what was acknowledged is stored, and when there is room again everything arrives once."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tapal_contract.ids import new_id
from tapal_server.clock import SystemClock
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow
from tapal_server.events import Bus
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.sorting import Incoming
from tapal_server.media import MediaStore
from tests.server.edges import Edge
from tests.support.services.postgres import Postgres, postgres

pytestmark = pytest.mark.services
SMALL, LARGE = "24m", "256m"
TOGETHER = 500


def run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def grow() -> Iterator[tuple[Path, Callable[[], object]]]:
    """A file system of its own with little room, and what gives it more."""
    folder = Path("/tmp") / f"tapal-full-{new_id()}"
    folder.mkdir()
    if shutil.which("mount") is None or not run("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)):
        folder.rmdir()
        pytest.skip("a small file system can only be mounted by root, outside most containers")
    try:
        yield folder, lambda: run("mount", "-o", f"remount,size={LARGE}", str(folder))
    finally:
        run("umount", "-l", str(folder))
        folder.rmdir()


def database_in(server: Postgres, folder: Path) -> Database:
    """A database whose tables lie there; the log of PostgreSQL lies elsewhere."""
    if server.user:
        shutil.chown(folder, server.user)
    url = server.new_database()
    name = url.rpartition("/")[2]
    admin = f"host=127.0.0.1 port={server.port} user=tapal dbname=postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")  # type: ignore[arg-type]  # the folder is ours
        connection.execute(f'ALTER DATABASE "{name}" SET TABLESPACE small')  # type: ignore[arg-type]  # the name is ours
    database = Database(url)
    migrate.upgrade(database)
    return database


def test_a_full_tablespace_acknowledges_nothing_it_did_not_store(grow, tmp_path: Path) -> None:
    folder, give_room = grow
    edge = Edge(boot=new_id())
    with postgres() as server:
        database = database_in(server, folder)
        intake = Intake(database, MediaStore(tmp_path), bus=Bus(), clock=SystemClock(), largest_picture=2**20)
        batches, acknowledged = fill(intake, edge)
        assert acknowledged == TOGETHER * (len(batches) - 1)
        assert stored(database) == acknowledged
        assert give_room()
        (answer,) = intake.take([*batches[-2], *batches[-1]])
        assert answer.ack.through == stored(database) == TOGETHER * len(batches)
        database.close()


def fill(intake: Intake, edge: Edge) -> tuple[list[list[Incoming]], int]:
    """Send until the disk is full; all that was sent, and how much of it was acknowledged."""
    batches, acknowledged = [], 0
    for _ in range(100):
        batches.append(edge.sent(*edge.crossings(TOGETHER)))
        try:
            (answer,) = intake.take(batches[-1])
        except OperationalError as error:
            assert "No space left on device" in str(error)  # noqa: PT017 - nothing else may end it
            return batches, acknowledged
        acknowledged = answer.ack.through
    raise AssertionError("the disk never filled")


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0
