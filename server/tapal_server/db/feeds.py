"""Table of feeds: where passage records come from, and how they are read."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["FeedRow"]


class FeedRow(Base):
    """One feed and its profile."""

    __tablename__ = "feeds"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))
    last_row_at: Mapped[datetime | None] = mapped_column(doc="when the last good row came")
    last_problem: Mapped[str | None] = mapped_column(String(500))
