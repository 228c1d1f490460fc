"""Bringing a database to the tables this version knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tapal_contract.errors import TapalError
from tapal_server.db.database import Database

__all__ = ["MigrationError", "current", "downgrade", "newest", "upgrade"]

_ONE_AT_A_TIME = text(f"SELECT pg_advisory_xact_lock({0x7A9A7})")


class MigrationError(TapalError):
    """The database is at a version this program does not know."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The version this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(database: Database) -> str | None:
    """The version the database has, or None before the first."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, version: str = "head") -> None:
    """Go up to a version.

    Raises:
        MigrationError: the database was made by a newer program.
    """
    have = current(database)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if have is not None and have not in known:
        raise MigrationError(f"the database is at version {have!r}, which this program does not know; update tapal")
    with database.engine.execution_options(tapal_writes=True).begin() as connection:
        if not database.is_sqlite:  # several servers may start at once; the last ones find it done
            connection.execute(_ONE_AT_A_TIME)
        command.upgrade(_config(connection), version)


def downgrade(database: Database, version: str) -> None:
    """Go down to a version; what only newer versions hold is lost."""
    with database.engine.execution_options(tapal_writes=True).begin() as connection:
        command.downgrade(_config(connection), version)
