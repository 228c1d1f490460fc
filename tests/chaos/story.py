"""What one node of a storm sees: known beforehand to the last field, so that what arrives can be compared."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tapal_contract.events import Crossing

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
JPEG = b"\xff\xd8 no picture of anybody \xff\xd9"


@dataclass(frozen=True)
class Story:
    """The events of one node, numbered from 1; the outbox gives the same numbers as ``seq``."""

    node: str
    count: int
    site: str = "tunon-taka"
    line: str = "gate"
    apart_s: float = 20.0
    picture_every: int = 25

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
        at = START + timedelta(seconds=self.apart_s * number)
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
            direction="inbound" if number % 2 else "outbound",
            label="person",
            track=number,
            confidence=0.9,
            box=(0.1, 0.2, 0.3, 0.9),
        )
