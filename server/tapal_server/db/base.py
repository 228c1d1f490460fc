"""The base of all tables, and the column types both databases share."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

__all__ = ["BIG", "DOCUMENT", "Base", "Moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# SQLite numbers rows by itself only where the key is called INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")
DOCUMENT = JSON(none_as_null=True)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as whole UTC milliseconds so that both databases order and compare it alike."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What the program sees."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the base class names it
        """To milliseconds; a datetime without offset is an error of the caller."""
        return None if value is None else self.stored(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class names it
        """To UTC."""
        return self.read(value)

    @staticmethod
    def stored(value: datetime) -> int:
        """What a column holds."""
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no offset; the database takes aware datetimes only")
        return (value - _EPOCH) // _MILLISECOND

    @staticmethod
    def read(value: int | None) -> datetime | None:
        """What a column means."""
        return None if value is None else _EPOCH + int(value) * _MILLISECOND


class Base(DeclarativeBase):
    """All tables of the server."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment(), dict[str, Any]: DOCUMENT, list[str]: DOCUMENT, list[Any]: DOCUMENT}  # noqa: RUF012 - SQLAlchemy's own way
