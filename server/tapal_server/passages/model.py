"""One row of the passage log and what became of a file of them."""

from dataclasses import dataclass, field

from tapal_server.correlation.types import Record

LISTED = 100_000  # bad rows of one file that can be listed; the others are counted


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, by its line in the file, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """What a reader took, refused and passed over. `bad` is capped, `bad_count` is not."""

    name: str
    good: int = 0
    bad_count: int = 0
    bad: list[BadRow] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    cap: int = LISTED

    def refuse(self, line: int, reason: str) -> None:
        """Note a bad row."""
        self.bad_count += 1
        if len(self.bad) < self.cap:
            self.bad.append(BadRow(line, reason))


__all__ = ["LISTED", "BadRow", "Record", "Report"]
