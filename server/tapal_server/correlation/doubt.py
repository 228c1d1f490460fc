"""When a lonely crossing says more about the log, its clock or the delay law than about a person."""

import numpy as np

from tapal_server.correlation.rows import Rows
from tapal_server.correlation.seen import Crossings, Records
from tapal_server.correlation.types import Record
from tapal_server.correlation.windows import lost, silent

OUTAGE_LEAST, OUTAGE_SHARE, OUTAGE_S = 6, 0.25, 1800.0
FILLING, REST_S = 3, 600.0  # moments at which rows came long after: the log is being filled in, until it rests so long
ASTRAY = 8  # crossings on either side that tell whether the law still holds


def log_out(crossings: Crossings, records: Rows[Record], time: float, width: float, middle: float) -> bool:
    """Whether the log was silent around a moment while people passed for long: nobody there is a suspect.

    `width` and `middle` are of the delay law.
    """
    far = max(OUTAGE_S, 3.0 * width)
    x, y = crossings.table, records.table
    span = time - far, time + far
    found: bool = silent(x, crossings.span_of_all, y, records.span_of_all, span, middle, OUTAGE_LEAST, OUTAGE_SHARE)
    return found


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
    spans = crossings.span_of_all, records.span_of_all
    found: bool = lost(crossings.table, spans[0], records.table, spans[1], time, (float(early), float(late)), ASTRAY)
    return found
