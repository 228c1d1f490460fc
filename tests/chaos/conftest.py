"""A database of each kind, with its tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tapal_server.clock import SystemClock
from tapal_server.db.database import Database
from tapal_server.events import Bus
from tapal_server.ingest.intake import Intake
from tapal_server.media import MediaStore
from tests.chaos.storm import prepare
from tests.support.services.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres(in_memory=True) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database(request, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'tapal.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    prepare(url)
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def intake(database: Database, tmp_path: Path) -> Intake:
    return Intake(database, MediaStore(tmp_path / "media"), bus=Bus(), clock=SystemClock(), largest_picture=2**16)
