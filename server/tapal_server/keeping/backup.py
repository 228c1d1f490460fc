"""One file with everything a server must not lose: database, secrets, pictures."""

import json
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select

from tapal_contract.errors import TapalError
from tapal_server.db import migrate
from tapal_server.db.base import Base
from tapal_server.db.database import Database
from tapal_server.settings import Settings

__all__ = ["BackupError", "back_up", "restore"]

_TOGETHER = 1000
_FOLDERS = ("keys", "media")


class BackupError(TapalError):
    """A backup that cannot be made or used."""


def back_up(settings: Settings, target: Path) -> int:
    """Write a backup while the server runs; return how many rows it holds.

    The database is read in one transaction, so the backup shows one moment; rows are stored as JSON Lines, so that
    a backup of one kind of database can be restored into the other.
    """
    if target.exists():
        raise BackupError(f"{target}: is there already; choose another name")
    database = Database(settings.database_url)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, tarfile.open(target, "x:gz") as archive:
            target.chmod(0o600)
            version = Path(folder) / "version.json"
            version.write_text(json.dumps({"tables": migrate.current(database)}), encoding="utf-8")
            archive.add(version, "version.json")
            count = _dump(database, Path(folder), archive)
            for name in _FOLDERS:
                source = settings.media_folder if name == "media" else settings.data_dir / name
                if source.is_dir():
                    archive.add(source, name)
    finally:
        database.close()
    return count


def restore(settings: Settings, source: Path) -> int:
    """Read a backup into an empty server; return how many rows it held.

    Raises:
        BackupError: the server is not empty, or the file is no backup of these tables.
    """
    database = Database(settings.database_url)
    try:
        if inspect(database.engine).get_table_names():
            raise BackupError("the database is not empty; restore into a new one, and keep the old")
        with tempfile.TemporaryDirectory() as folder:
            with _opened(source) as archive:
                archive.extractall(folder, filter="data")
            base = Path(folder)
            version = json.loads((base / "version.json").read_text(encoding="utf-8"))["tables"]
            migrate.upgrade(database, version)
            count = _load(database, base)
            migrate.upgrade(database)
            for name in _FOLDERS:
                target = settings.media_folder if name == "media" else settings.data_dir / name
                _copy(base / name, target)
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise BackupError(f"{source}: is no backup of a Tapal server; check the file") from error
    finally:
        database.close()
    return count


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:gz")
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source}: is no backup of a Tapal server; check the file") from error


def _dump(database: Database, folder: Path, archive: tarfile.TarFile) -> int:
    count = 0
    engine = database.engine if database.is_sqlite else database.engine.execution_options(
        isolation_level="REPEATABLE READ"
    )  # fmt: skip
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            path = folder / f"{table.name}.jsonl"
            with path.open("w", encoding="utf-8") as out:
                for row in connection.execute(table.select()).mappings():
                    out.write(json.dumps({key: _plain(value) for key, value in row.items()}) + "\n")
                    count += 1
            archive.add(path, str(PurePosixPath("tables", path.name)))
            path.unlink()
    return count


def _load(database: Database, base: Path) -> int:
    count = 0
    with database.engine.execution_options(tapal_writes=True).begin() as connection:
        for table in Base.metadata.sorted_tables:
            rows: list[dict[str, Any]] = []
            for row in _rows(base / "tables" / f"{table.name}.jsonl", table):
                rows.append(row)
                if len(rows) == _TOGETHER:
                    connection.execute(table.insert(), rows)
                    rows = []
                count += 1
            if rows:
                connection.execute(table.insert(), rows)
            if not database.is_sqlite:
                _count_on(connection, table)
    return count


def _rows(path: Path, table: Table) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for column in table.columns:
                if column.type.python_type is datetime and row.get(column.name) is not None:
                    row[column.name] = datetime.fromisoformat(row[column.name])
            yield row


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows by a sequence, which must go on after the highest number restored."""
    key = next(iter(table.primary_key.columns))
    if key.autoincrement is True:
        newest = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        connection.execute(select(func.setval(sequence, newest, False)))  # noqa: FBT003 - SQL's own argument


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _copy(source: Path, target: Path) -> None:
    if not source.is_dir():
        return
    for file in source.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy.write_bytes(file.read_bytes())
            copy.chmod(0o600)
