import psycopg
import pytest
from sqlalchemy import inspect, text

from tapal_server.db import migrate
from tapal_server.db.base import Base
from tapal_server.db.database import Database
from tapal_server.passages.model import Report
from tapal_server.people.actor import SYSTEM
from tests.server.edges import START, Edge
from tests.server.test_correlator import record as row
from tests.server.test_voyages import HOUR, plan, voyage

OLDER = (
    "events", "nodes", "passages", "imports", "alerts", "alert_history", "planned_movements", "voyages", "handovers",
    "users", "audit",
)  # fmt: skip


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


@pytest.mark.services
def test_a_database_without_an_encoding_gets_a_sentence(postgres_server):
    """Its text would come as bytes."""
    from tapal_contract.errors import ConfigError

    url = postgres_server.new_database()
    name = f"{url.rpartition('/')[2]}_ascii"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    opened = Database(f"{url}_ascii")
    with pytest.raises(ConfigError, match="keeps text as SQL_ASCII; make it anew with ENCODING 'UTF8'"):
        opened.check()
    opened.close()


def test_one_step_down_at_a_time_and_up_again_loses_nothing_of_the_older_tables(parts, people, database):
    edge = Edge(site="bambangan", line="jetty")
    parts.intake.take(edge.sent(*(edge.crossing(at) for at in (0.0, 900.0))))
    report = Report("log.csv")
    report.refuse(3, "direction 'up' is none of inbound, outbound")
    done = parts.services.passages.take(SYSTEM, "simkim", report, [row(1, 30), row(2, 60)])
    parts.correlator.step()
    parts.services.plans.enter(people.officer, plan(starts_at=START + HOUR, ends_at=START + 2 * HOUR, persons=6))
    parts.services.voyages.enter(people.officer, voyage())
    parts.services.desk.hand_over(people.officer, people.supervisor.name, "ferry is late")
    before = _counts(database)
    assert min(before.values()) > 0
    while migrate.current(database) != "0009":
        migrate.downgrade(database, "-1")
    migrate.upgrade(database)
    assert _counts(database) == before
    assert "".join(parts.services.passage_log.rejected_csv(people.admin, done.id)).count("direction 'up'") == 1
    assert parts.services.audit.verify() is None


def _counts(database):
    with database.engine.connect() as connection:
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in OLDER}
