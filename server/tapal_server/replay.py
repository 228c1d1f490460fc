"""The live engine over files, in order of arrival, with no clock but theirs."""

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Generic, TextIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import (
    Alert,
    AlertClosed,
    AlertRaised,
    AlertUpdated,
    Change,
    Crossing,
    Record,
    Settled,
)

STRIDE = 1000  # arrivals between looks at what is not urgent
Floats = NDArray[np.float64]
Item = TypeVar("Item", Crossing, Record, Crossing | Record)
_arrival = attrgetter("received_at")


@dataclass(slots=True)
class Block(Generic[Item]):
    """What arrived in a row, and when: those who wait for long are not looked at again, which takes longest."""

    items: list[Item]
    at: Floats

    def upto(self, end: int) -> "Block[Item]":
        """Take the first so many away."""
        first = Block(self.items[:end], self.at[:end])
        del self.items[:end]
        self.at = self.at[end:]
        return first

    def sorted(self) -> "Block[Item]":
        """Return them in order of arrival; those of one moment stay as they are."""
        if (self.at[1:] >= self.at[:-1]).all():
            return self
        order = np.argsort(self.at, kind="stable")
        return Block(list(map(self.items.__getitem__, order.tolist())), self.at[order])


def in_order(stream: Iterable[Item], *, horizon: int = 100_000) -> Iterator[Block[Item]]:
    """Sort a nearly sorted file by arrival, whatever is out of place by less than `horizon` rows; memory stays flat."""
    waiting, rows = Block[Item]([], np.zeros(0)), iter(stream)
    while more := _read(rows, horizon):
        waiting = Block(waiting.items + more.items, np.concatenate((waiting.at, more.at))).sorted()
        if len(waiting.items) > horizon:
            yield waiting.upto(len(waiting.items) - horizon)
    if waiting.items:
        yield waiting


def _read(rows: Iterator[Item], count: int) -> Block[Item] | None:
    """Read so many rows, each asked for its time soon after it was made; None at the end."""
    items: list[Item] = []
    times: list[Floats] = []
    while some := list(islice(rows, min(count - len(items), STRIDE))):
        items += some
        times.append(np.fromiter(map(_arrival, some), np.float64, len(some)))
    return Block(items, np.concatenate(times)) if items else None


def arrivals(events: Iterable[Crossing], passages: Iterable[Record]) -> Iterator[Crossing | Record]:
    """Merge both streams by the time they reached the server; a crossing comes before a record of the same moment."""
    seen, logged = in_order(events), in_order(passages)
    crossings, records = next(seen, None), next(logged, None)
    while crossings and records:
        through = min(crossings.at[-1], records.at[-1])
        first = int(crossings.at.searchsorted(through, "right"))
        # the next crossings may be of the very moment at which these end: its records wait for them
        second = int(records.at.searchsorted(through, "left" if first == len(crossings.items) else "right"))
        came, logs = crossings.upto(first), records.upto(second)
        both: list[Crossing | Record] = [*came.items, *logs.items]
        yield from Block(both, np.concatenate((came.at, logs.at))).sorted().items
        crossings = crossings if crossings.items else next(seen, None)
        records = records if records.items else next(logged, None)
    for rest in (crossings, records):
        yield from rest.items if rest else ()
    for blocks in (seen, logged):
        for block in blocks:
            yield from block.items


class Ledger:
    """Alerts in their latest state."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}

    def note(self, changes: Iterable[Change]) -> None:
        """Keep what each change says."""
        for change in changes:
            match change:
                case AlertRaised(alert) | AlertUpdated(alert) | AlertClosed(alert):
                    self.alerts[alert.id] = alert


def replay(
    engine: Engine,
    stream: Iterable[Crossing | Record],
    *,
    tick: Callable[[int], object] | None = None,
    gone: Callable[[list[Settled]], object] | None = None,
) -> Ledger:
    """Drive the engine through the stream and return the alerts in their final state.

    `gone` is handed the crossings that a long recording pushes out of memory, `tick` is told how many have arrived.
    """
    ledger = Ledger()
    now = float("-inf")
    with seldom_collecting():
        items = iter(stream)
        while some := list(islice(items, STRIDE)):
            ledger.note(engine.feed(some, now))
            now = max(now, some[-1].received_at)
            if gone is not None:
                gone(engine.take_gone())
            if tick is not None:
                tick(len(some))
        ledger.note(engine.finish(now))
    return ledger


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles of garbage seldom: a replay makes none, and each look walks through all that is remembered."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def wire_time(value: float | None) -> str | None:
    """Write UTC seconds as RFC 3339 with milliseconds."""
    return None if value is None else datetime.fromtimestamp(value, tz=UTC).isoformat(timespec="milliseconds")


def alert_line(alert: Alert) -> dict[str, Any]:
    """Return an alert as one line of alerts.jsonl."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "site": alert.site,
        "line": alert.line,
        "direction": alert.direction,
        "status": alert.status,
        "probability": round(alert.probability, 6),
        "time": wire_time(alert.time),
        "raised_at": wire_time(alert.raised_at),
        "closed_at": wire_time(alert.closed_at),
        "event_ids": list(alert.event_ids),
        "record_ids": list(alert.record_ids),
        "reason": {"code": alert.reason.code, **alert.reason.data},
        "low": alert.low,
        "high": alert.high,
        "innocent": [{"code": e.code, "probability": e.probability} for e in alert.innocent],
        "surge": alert.surge,
        "members": list(alert.members),
    }


def crossing_line(settled: Settled) -> dict[str, Any]:
    """Return a crossing as one line of alerts.jsonl, matched or not."""
    crossing = settled.crossing
    return {
        "kind": "crossing",
        "site": crossing.site,
        "line": crossing.line,
        "direction": crossing.direction,
        "probability": round(settled.unlogged, 6),
        "unmatched": round(settled.unmatched, 6),
        "time": wire_time(crossing.time),
        "event_ids": [crossing.id],
    }


def write_lines(out: TextIO, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as JSON lines."""
    out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


__all__ = [
    "Ledger",
    "alert_line",
    "arrivals",
    "crossing_line",
    "replay",
    "seldom_collecting",
    "write_lines",
]
