"""NMEA sentences of AIS receivers as what a vessel says of itself: pure, bounded, and gentle with noise."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from pyais import decode
from pyais.exceptions import AISBaseException

__all__ = ["Report", "Sentences"]

LONGEST = 160  # NMEA allows 82 signs; tag blocks come on top
MOST_HALVES = 64
_NO_IMO = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One AIS message: a position, or who the vessel is; what it does not say is None."""

    mmsi: int
    latitude: float | None = None
    longitude: float | None = None
    speed_knots: float | None = None
    course: float | None = None
    imo: int | None = None
    name: str | None = None
    call_sign: str | None = None
    ship_type: int | None = None


class Sentences:
    """Puts the parts of longer messages together; `refused` counts what was no AIS message."""

    def __init__(self) -> None:
        self._halves: OrderedDict[tuple[str, str, str], dict[int, bytes]] = OrderedDict()
        self.refused = 0

    def take(self, line: bytes) -> Report | None:
        """One line of a receiver; None where it says nothing (yet) of a vessel."""
        line = line.strip()
        if line.startswith(b"\\"):  # a tag block stands before the sentence
            line = line.rpartition(b"\\")[2]
        if not line:
            return None
        fields = line.split(b",")
        if (
            len(line) > LONGEST
            or line[:1] != b"!"
            or len(fields) < 7
            or not fields[1].isdigit()
            or not fields[2].isdigit()
        ):
            self.refused += 1
            return None
        total, place = int(fields[1]), int(fields[2])
        if not 1 <= place <= total <= 9:
            self.refused += 1
            return None
        if total == 1:
            return self._decoded([line])
        key = (fields[1].decode("ascii"), fields[3].decode("ascii", "replace"), fields[4].decode("ascii", "replace"))
        parts = self._halves.setdefault(key, {})
        parts[place] = line
        while len(self._halves) > MOST_HALVES:
            self._halves.popitem(last=False)
        if len(parts) < total:
            return None
        del self._halves[key]
        return self._decoded([parts[number] for number in sorted(parts)])

    def _decoded(self, lines: list[bytes]) -> Report | None:
        try:
            said = decode(*lines, error_if_checksum_invalid=True).asdict(enum_as_int=True)
        except (AISBaseException, ValueError, IndexError, TypeError):
            # The library trips over some broken payloads; a receiver at sea sends many.
            self.refused += 1
            return None
        return _report(said)


def _report(said: dict[str, Any]) -> Report | None:
    mmsi = int(said.get("mmsi") or 0)
    if not 100_000_000 <= mmsi <= 999_999_999:
        return None
    latitude, longitude = said.get("lat"), said.get("lon")
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        latitude = longitude = None  # 91 and 181 say that the vessel does not know
    speed, course = said.get("speed"), said.get("course")
    return Report(
        mmsi=mmsi,
        latitude=latitude,
        longitude=longitude,
        speed_knots=speed if speed is not None and speed < 102.3 else None,
        course=course if course is not None and course < 360 else None,
        imo=_imo(said.get("imo")),
        name=_text(said.get("shipname"), 32),
        call_sign=_text(said.get("callsign"), 16),
        ship_type=int(said["ship_type"]) if said.get("ship_type") is not None else None,
    )


def _imo(value: Any) -> int | None:
    return int(value) if value and 1_000_000 <= int(value) <= 9_999_999 else None


def _text(value: Any, most: int) -> str | None:
    text = "".join(sign for sign in str(value or "") if sign.isprintable()).strip(" @")
    return text[:most] or None
