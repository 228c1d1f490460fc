"""Tables of the keys of nodes, and of the codes with which they come."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["EnrolCodeRow", "NodeKeyRow"]


class EnrolCodeRow(Base):
    """A code that lets one box in, once; of the code itself only what proves it is kept."""

    __tablename__ = "enrol_codes"

    name: Mapped[str] = mapped_column(String(8), primary_key=True, doc="the beginning of the code")
    proof: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the code")
    node: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)


class NodeKeyRow(Base):
    """A node's public key."""

    __tablename__ = "node_keys"

    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    node: Mapped[str] = mapped_column(String(64), index=True)
    site: Mapped[str] = mapped_column(String(64))
    public: Mapped[str] = mapped_column(String(64), doc="32 bytes in hexadecimal")
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
