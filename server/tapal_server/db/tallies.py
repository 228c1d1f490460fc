"""The table of counts by the hour."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["TallyRow"]


class TallyRow(Base):
    """How many were seen to cross, or logged, at a place in an hour: what a report would else count row by row."""

    __tablename__ = "tallies"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own way; a sum reads only the key's tree

    what: Mapped[str] = mapped_column(String(8), primary_key=True, doc="seen or logged")
    place: Mapped[str] = mapped_column(String(64), primary_key=True, doc="the site, or the log's checkpoint")
    hour: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, doc="hours since 1970, UTC")
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int] = mapped_column(BIG)
