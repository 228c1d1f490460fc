"""When a lonely crossing says more about the log, its clock or the delay law than about a person."""

import numpy as np

from tapal_server.correlation.rows import Rows
from tapal_server.correlation.seen import Crossings, Records
from tapal_server.correlation.types import Record

OUTAGE_LEAST, OUTAGE_SHARE, OUTAGE_S = 6, 0.25, 1800.0
FILLING, REST_S = 3, 600.0  # moments at which rows came long after: the log is being filled in, until it rests so long
ASTRAY = 8  # crossings on either side that tell whether the law still holds


def log_out(crossings: Crossings, records: Rows[Record], time: float, width: float, middle: float) -> bool:
    """Whether the log was silent around a moment while people passed for long: nobody there is a suspect.

    `width` and `middle` are of the delay law.
    """
    far = max(OUTAGE_S, 3.0 * width)
    first, last = crossings.span(time - far, time + far)
    if last - first < OUTAGE_LEAST or crossings.time_at(last - 1) - crossings.time_at(first) < far / 2:
        return False
    start, end = records.span(time - far + middle, time + far + middle)
    return end - start < OUTAGE_SHARE * (last - first)


def log_filling(records: Records, span: tuple[float, float], now: float) -> bool:
    """Whether rows written between two times are coming in now, long after: those that lack may be the next.

    A log that is handed over at one moment is whole.
    """
    first, last = records.span(*span)
    received = records.received[first:last]
    late = (received > now - REST_S) & (received - records.times(first, last) > OUTAGE_S)
    return len(np.unique(np.floor(received[late]))) >= FILLING


def astray(crossings: Crossings, records: Rows[Record], time: float, early: float, late: float) -> bool:
    """Whether most of the latest crossings have no record though the log writes: the law no longer holds."""
    place = crossings.place(time)
    near = crossings.table[max(place - ASTRAY, crossings.first) : min(place + ASTRAY, crossings.end)]
    near = near[near["decided"]]
    lonely = int((near["unmatched"] > 0.5).sum())
    if len(near) < ASTRAY or lonely < 0.5 * len(near):
        return False
    start, end = records.span(float(near[0]["time"]) + early, float(near[-1]["time"]) + late)
    return end - start > 0.6 * len(near)
