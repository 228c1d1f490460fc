"""Records that cannot all be true: two entries without an exit, two posts too far apart, a wrong check digit."""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile
from math import asin, cos, radians, sin, sqrt

import numpy as np

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.rows import Flags, new_and_once
from tapal_server.correlation.types import Data, Explanation, Reason, Record, Site

REMEMBERED = 100_000
KEEP_S = 7 * 86400.0  # document hashes are kept no longer
FASTEST_KMH = 120.0
NEAR_KM = 2.0


class Conflicts:
    """The last record of each document, and what contradicts it."""

    def __init__(self, sites: dict[str, Site], book: Book) -> None:
        self._places = {site.checkpoint: site for site in sites.values() if site.checkpoint is not None}
        self._book = book
        self._last: OrderedDict[str, Record] = OrderedDict()

    def concern(self, record: Record) -> bool:
        """Whether a record may contradict another, or itself."""
        return record.check_digit_ok is False or record.document_hash in self._last

    def see(self, record: Record, now: float) -> None:
        """Compare a record with what is remembered of its document."""
        if record.check_digit_ok is False:
            self._report((record,), Reason("check_digit", {"checkpoint": record.checkpoint}), 0.9, now)
        if record.document_hash is None:
            return
        last = self._last.pop(record.document_hash, None)
        if last is not None and last.id != record.id and abs(record.time - last.time) <= KEEP_S:
            first, second = sorted((last, record), key=lambda one: (one.time, one.id))
            self._compare(first, second, now)
        newest = record if last is None or record.time >= last.time else last
        self._last[record.document_hash] = newest
        self._forget(now)

    def none_concerns(self, records: Sequence[Record]) -> Flags:
        """Of many records, whether each surely contradicts no other, nor itself."""
        documents = [record.document_hash for record in records]
        named = [document for document in documents if document is not None]
        good = np.array([record.check_digit_ok is not False for record in records], np.bool_)
        good[[document is not None for document in documents]] &= new_and_once(named, self._last)
        return good

    def see_all(self, records: Sequence[Record], now: float) -> None:
        """Remember records of which none concerns another."""
        self._last.update((record.document_hash, record) for record in records if record.document_hash is not None)
        self._forget(now)

    def _forget(self, now: float) -> None:
        last = self._last
        for _ in range(len(last) - REMEMBERED):
            last.popitem(last=False)
        old = list(takewhile(lambda record: record.time < now - KEEP_S, last.values()))
        for _ in old:
            last.popitem(last=False)

    def _compare(self, first: Record, second: Record, now: float) -> None:
        kilometres = self._distance(first.checkpoint, second.checkpoint)
        hours = max(second.time - first.time, 1.0) / 3600.0
        if kilometres is not None and kilometres > NEAR_KM and kilometres / hours > FASTEST_KMH:
            data: dict[str, Data] = {"km": round(kilometres, 1), "minutes": round(hours * 60)}
            self._report((first, second), Reason("too_far_apart", data), 0.9, now)
        elif first.direction == second.direction and first.result in {None, "passed"}:
            data = {"checkpoint": second.checkpoint, "hours": round(hours, 1)}
            self._report((first, second), Reason(f"twice_{first.direction}", data), 0.7, now)

    def _distance(self, first: str, second: str) -> float | None:
        places = [self._places[code].location for code in (first, second) if code in self._places]
        if len(places) < 2 or places[0] is None or places[1] is None:
            return None
        (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (places[0], places[1]))
        half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
        return 2 * 6371.0 * asin(sqrt(half))

    def _report(self, records: tuple[Record, ...], reason: Reason, sure: float, now: float) -> None:
        newest = records[-1]
        site = self._places.get(newest.checkpoint)
        if site is None:
            return
        ids = tuple(record.id for record in records)
        self._book.report(
            Finding(
                kind="record_conflict",
                site=site.id,
                direction=newest.direction,
                cause=f"conflict:{reason.code}:" + ":".join(ids),
                time=newest.time,
                probability=sure,
                reason=reason,
                records=ids,
                innocent=(Explanation("typing_error"), Explanation("exit_not_logged")),
            ),
            now,
        )

    def withdraw(self, record_id: str, now: float) -> None:
        """Close what rested on a record that was taken back."""
        for alert in [alert for alert in self._book.open.values() if record_id in alert.record_ids]:
            self._book.close_alert(alert.id, Reason("record_withdrawn"), now)
