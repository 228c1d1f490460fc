"""A table read by a profile: records, the rows that are none, and those that take a record back."""

from array import array
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO

from tapal_server.feeds.profile import Profile
from tapal_server.feeds.tables import read_table
from tapal_server.passages.model import Record, Report
from tapal_server.passages.rows import read_mapped

__all__ = ["Reading", "read_feed"]


@dataclass(slots=True)
class Reading:
    """Filled while `records` is used; its bad rows are complete when that has ended or was closed."""

    report: Report
    records: Generator[Record]
    withdrawn: list[str] = field(default_factory=list)


def read_feed(profile: Profile, file: IO[bytes], *, name: str, key: bytes) -> Reading:
    """Read a file; rows are read as `records` is used."""
    reading = Reading(Report(name), _nothing())
    lines = array("Q")

    def mapped() -> Iterator[dict[str, str]]:
        for line, row, problem in read_table(profile, file, name=name):
            if row is None:
                reading.report.refuse(line, problem)
                continue
            try:
                fields = profile.apply(row)
            except ValueError as error:
                reading.report.refuse(line, str(error))
                continue
            if profile.takes_back(row):
                reading.withdrawn.append(fields["record_id"])
                continue
            lines.append(line)
            yield fields

    inner, records = read_mapped(mapped(), name=name, key=key)

    def checked() -> Generator[Record]:
        try:
            for record in records:
                reading.report.good += 1
                yield record
        finally:  # whoever looks at the first rows only wants to know of those what is wrong, too
            for bad in inner.bad:
                reading.report.refuse(lines[bad.line - 2], bad.reason)
            reading.report.bad_count += inner.bad_count - len(inner.bad)
            reading.report.bad.sort(key=lambda bad: bad.line)

    reading.records = checked()
    return reading


def _nothing() -> Generator[Record]:
    yield from ()
