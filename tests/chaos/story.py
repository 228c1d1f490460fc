"""What one node of a storm sees: known beforehand to the last field, so that what arrives can be compared."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from tapal_contract.events import Crossing

JPEG = b"\xff\xd8 no picture of anybody \xff\xd9"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(frozen=True)
class Story:
    """The events of one node, numbered from 1; the outbox gives the same numbers as ``seq``."""

    node: str
    count: int
    first_s: float
    line: str = "gate"
    apart_s: float = 200.0
    picture_every: int = 25
    unlogged_every: int = 15

    @property
    def site(self) -> str:
        """Each node watches a gate of its own, so that the mixing of nodes changes nothing."""
        return f"post-{self.node}"

    def time(self, number: int) -> float:
        return round(self.first_s) + self.apart_s * number

    def records(self) -> list[str]:
        """Rows of the passage log: every crossing but some has one, half a minute later."""
        return [
            f"{self.node}-{number},{_iso(self.time(number) + 30)},{_iso(self.time(number) + 35)},inbound,{self.node}"
            for number in range(1, self.count + 1)
            if number % self.unlogged_every
        ]

    def id_of(self, number: int) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tapal:{self.node}:{number}"))

    @property
    def ids(self) -> list[str]:
        return [self.id_of(number) for number in range(1, self.count + 1)]

    @property
    def pictured(self) -> set[str]:
        return {self.id_of(number) for number in range(1, self.count + 1) if self.picture(number)}

    def picture(self, number: int) -> bytes | None:
        return JPEG if number % self.picture_every == 0 else None

    def crossing(self, number: int, seq: int, boot: str) -> Crossing:
        at = datetime.fromtimestamp(self.time(number), UTC)
        return Crossing(
            id=self.id_of(number),
            node=self.node,
            boot=boot,
            seq=seq,
            site=self.site,
            camera=f"{self.node}-cam",
            time=at,
            sent_at=at,
            model="default@1",
            line=self.line,
            direction="inbound",
            label="person",
            track=number,
            confidence=0.9,
            box=(0.1, 0.2, 0.3, 0.9),
        )
