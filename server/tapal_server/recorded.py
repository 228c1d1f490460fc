"""Event files as `tapal edge run --events-out` writes them: good crossings are kept, bad lines reported."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from sys import intern
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from tapal_contract.errors import TapalError
from tapal_server.columns import filled, seconds_of
from tapal_server.correlation.types import Crossing, Direction
from tapal_server.passages.fields import seconds
from tapal_server.passages.model import Report

__all__ = ["EventFileError", "EventReport", "parse_crossing", "read_events"]

TOGETHER = 1 << 20  # bytes that are looked at at once
LISTED = 1000
Named = Annotated[str, msgspec.Meta(min_length=1)]


class EventFileError(TapalError):
    """An event file that cannot be read."""


@dataclass(slots=True)
class EventReport(Report):
    """What was taken from an event file and what was not; `other` counts messages that are no crossings."""

    other: int = 0
    cap: int = LISTED


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A crossing as a node writes it, and nothing that would need a second look."""

    id: Named
    site: Named
    line: Named
    direction: Direction
    time: str
    received_at: str | None = None
    label: str = "person"
    confidence: float = 1.0
    camera: str = ""
    visited: dict[str, float] | None = None
    type: Literal["crossing"] = "crossing"
    # what only delivery and pictures need; decoded as well, for only what is decoded is known to be JSON
    node: Any = None
    boot: Any = None
    seq: Any = None
    sent_at: Any = None
    model: Any = None
    track: Any = None
    box: Any = None
    path: Any = None


_ODD = Plain(id="-", site="-", line="-", direction="inbound", time="")
_decode = msgspec.json.Decoder(Plain).decode


def read_events(path: Path) -> tuple[EventReport, Iterator[Crossing]]:
    """Open a file of contract messages; crossings come out, other types are counted, bad lines reported."""
    report = EventReport(str(path))
    return report, _crossings(path, report)


def _crossings(path: Path, report: EventReport) -> Iterator[Crossing]:
    first = 1
    try:
        with path.open("rb") as file:
            while lines := file.readlines(TOGETHER):
                crossings = _taken(lines, first, report)
                report.good += len(crossings)
                first += len(lines)
                yield from crossings
    except OSError as error:
        raise EventFileError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _taken(lines: list[bytes], first: int, report: EventReport) -> list[Crossing]:
    """The crossings of lines that follow upon each other: the plain ones all at once, the others one by one."""
    crossings, odd = _quick(lines)
    if not odd.any():
        return crossings
    kept = []
    for number, (crossing, strange, line) in enumerate(zip(crossings, odd.tolist(), lines, strict=True), first):
        if not strange:
            kept.append(crossing)
        elif line.strip():
            try:
                found = parse_crossing(line)
            except ValueError as error:
                report.refuse(number, str(error))
                continue
            if found is None:
                report.other += 1
            else:
                kept.append(found)
    return kept


def _quick(lines: list[bytes]) -> tuple[list[Crossing], NDArray[np.bool_]]:
    """A crossing for each line, and which lines are not plain: their crossings say nothing."""
    plain = list(map(_plain, lines))
    times = [line.time for line in plain]
    happened, arrived = seconds_of(times), seconds_of([line.received_at or line.time for line in plain])
    made = filled(
        Crossing,
        {
            "id": map(attrgetter("id"), plain),
            "site": map(intern, map(attrgetter("site"), plain)),
            "line": map(intern, map(attrgetter("line"), plain)),
            "direction": map(attrgetter("direction"), plain),
            "time": happened.tolist(),
            "received_at": arrived.tolist(),
            "label": map(intern, map(attrgetter("label"), plain)),
            "confidence": map(attrgetter("confidence"), plain),
            "camera": map(intern, map(attrgetter("camera"), plain)),
            "visited": map(attrgetter("visited"), plain),
        },
        len(plain),
    )
    return made, np.isnan(happened) | np.isnan(arrived)


def _plain(line: bytes) -> Plain:
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _ODD


def parse_crossing(line: bytes) -> Crossing | None:
    """Read one line; None for a message of another type.

    Recorded files may lack what only delivery needs (node, boot, seq), so this asks for less than the contract.

    Raises:
        ValueError: not a crossing; says which field is wrong.
    """
    try:
        data: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(data, dict):
        raise ValueError("not a message: expected an object with 'type'")  # noqa: TRY004 - one kind of error per line
    if data.get("type", "crossing") != "crossing":
        return None
    try:
        direction = data["direction"]
        if direction not in {"inbound", "outbound"}:
            raise ValueError(f"direction {direction!r} is neither inbound nor outbound")
        time = seconds(data["time"])
        received = data.get("received_at")
        return Crossing(
            id=_text(data, "id"),
            site=intern(_text(data, "site")),
            line=intern(_text(data, "line")),
            direction="inbound" if direction == "inbound" else "outbound",
            time=time,
            received_at=seconds(received) if received and received != data["time"] else time,
            label=intern(data.get("label", "person")),
            confidence=float(data.get("confidence", 1.0)),
            camera=intern(str(data.get("camera", ""))),
            visited=data.get("visited"),
        )
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is missing") from error
    except TypeError as error:
        raise ValueError(f"a field has the wrong type ({error})") from error


def _text(data: dict[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key!r} is not a text")
    return value
