import pytest
from sqlalchemy import inspect, text

from tapal_server.db import migrate
from tapal_server.db.base import Base
from tapal_server.db.database import Database


def test_the_migrations_make_the_tables_the_program_knows(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert migrate.current(database) == migrate.newest()


def test_down_and_up_again(database):
    migrate.downgrade(database, "base")
    left = set(inspect(database.engine).get_table_names())
    assert left <= {"alembic_version"}
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()


def test_a_database_of_a_newer_program_is_left_alone(database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.MigrationError, match="which this program does not know; update tapal"):
        migrate.upgrade(database)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("mysql://x/y", "'mysql' is not known", id="another-database"),
        pytest.param("not a url", "not a URL", id="no-url"),
        pytest.param("sqlite://", "needs a file", id="memory"),
    ],
)
def test_a_wrong_database_url_gets_a_sentence(url, words):
    from tapal_contract.errors import ConfigError

    with pytest.raises(ConfigError, match=words):
        Database(url)
