"""An edge node as the server sees it: its messages, without a camera."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tapal_contract.events import Crossing, dump
from tapal_contract.ids import new_id
from tapal_contract.media import wrap
from tapal_contract.node import Health, State
from tapal_contract.topics import Topic
from tapal_server.ingest.sorting import Incoming

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xd9"


@dataclass
class Edge:
    """Makes messages of one node; `seq` counts up as a real one does."""

    node: str = "nunukan-01"
    site: str = "tunon-taka"
    line: str = "gate"
    boot: str = field(default_factory=new_id)
    seq: int = 0

    def restarted(self) -> "Edge":
        return Edge(self.node, self.site, self.line, new_id(), self.seq)

    def crossing(self, at_s: float = 0.0, **changes) -> Crossing:
        self.seq += 1
        at = START + timedelta(seconds=at_s)
        values = {
            "id": new_id(),
            "node": self.node,
            "boot": self.boot,
            "seq": self.seq,
            "site": self.site,
            "camera": "gate-1",
            "time": at,
            "sent_at": at,
            "model": "default@1",
            "line": self.line,
            "direction": "inbound",
            "label": "person",
            "track": self.seq,
            "confidence": 0.9,
            "box": (0.1, 0.2, 0.3, 0.9),
        }
        return Crossing(**(values | changes))

    def crossings(self, count: int) -> list[Crossing]:
        return [self.crossing(number) for number in range(count)]

    def on(self, leaf, payload: bytes) -> Incoming:
        return Incoming(Topic(self.site, self.node, leaf).path, payload)

    def sent(self, *events: Crossing) -> list[Incoming]:
        return [self.on("event", dump(event)) for event in events]

    def picture(self, event: Crossing) -> Incoming:
        return self.on("media", wrap(JPEG, event.id))

    def state(self, state="online", oldest_seq: int | None = None) -> Incoming:
        said = State(node=self.node, site=self.site, boot=self.boot, state=state, time=START, oldest_seq=oldest_seq)
        return self.on("state", dump(said))

    def health(self, oldest_seq: int | None = None, **changes) -> Incoming:
        said = Health(
            node=self.node, site=self.site, boot=self.boot, time=START, queue=0, oldest_seq=oldest_seq, **changes
        )
        return self.on("health", dump(said))
