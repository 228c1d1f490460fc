"""Table of vessels heard over AIS near a site: the latest of each, and since when it is there."""

from datetime import datetime

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["VesselRow"]


class VesselRow(Base):
    """What a vessel last said of itself; `site` is the nearest, if it is near one."""

    __tablename__ = "vessels"

    mmsi: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    imo: Mapped[int | None]
    name: Mapped[str | None] = mapped_column(String(32))
    call_sign: Mapped[str | None] = mapped_column(String(16))
    ship_type: Mapped[int | None]
    site: Mapped[str] = mapped_column(String(64), index=True)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    distance_km: Mapped[float] = mapped_column(Float)
    speed_knots: Mapped[float | None] = mapped_column(Float)
    course: Mapped[float | None] = mapped_column(Float)
    near_since: Mapped[datetime]
    heard_at: Mapped[datetime] = mapped_column(index=True)
