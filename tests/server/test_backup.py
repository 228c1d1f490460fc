import pytest
from sqlalchemy import func, select

from tapal_server.db.base import Base
from tapal_server.keeping.backup import BackupError, back_up, restore
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.settings import Settings
from tests.server.edges import Edge


def counts(database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def empty(tmp_path, settings, database_url) -> Settings:
    """A new server elsewhere, on an empty database of the same kind."""
    url = database_url.replace("tapal.sqlite3", "other.sqlite3")
    return settings.model_copy(update={"data_dir": tmp_path / "other", "database": url})


def test_everything_comes_back(parts, settings, empty, tmp_path, clock):
    edge = Edge(site="bambangan", line="jetty")
    event = edge.crossing()
    parts.intake.take([*edge.sent(event), edge.picture(event)])
    parts.correlator.step()
    file = tmp_path / "backup.tar.gz"
    rows = back_up(settings, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(empty, file) == rows
    again = build_parts(empty, clock=clock)
    assert counts(again.database) == counts(parts.database)
    assert again.services.audit.verify() is None
    assert again.services.media.read(SYSTEM, event.id)
    (answer,) = again.intake.take(edge.sent(event, edge.crossing()))
    assert answer.ack.through == 2, "it goes on where the backup was made"
    again.correlator.step()
    again.database.close()


def test_a_server_that_is_not_empty_is_left_alone(parts, settings, tmp_path):
    file = tmp_path / "backup.tar.gz"
    back_up(settings, file)
    with pytest.raises(BackupError, match="not empty"):
        restore(settings, file)
    with pytest.raises(BackupError, match="is there already"):
        back_up(settings, file)


def test_another_file_is_no_backup(empty, tmp_path):
    file = tmp_path / "x.tar.gz"
    file.write_bytes(b"not a tar")
    with pytest.raises(BackupError, match="no backup"):
        restore(empty, file)
