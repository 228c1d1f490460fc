"""A shift's traffic on the real services: crossings, their records, a few without one, and verdicts."""

import random
from datetime import timedelta

from tapal_contract.media import wrap
from tapal_server.alerts.states import Outcome
from tapal_server.paging import Paging
from tapal_server.parts import Parts
from tapal_server.passages.model import Record, Report
from tapal_server.people.actor import SYSTEM
from tests.server.edges import START, Edge

GAP_S = 47.0
BOX = (0.356, 0.625, 0.453, 0.936)  # the one who runs in the picture of the documentation
WAY = ((0.62, 0.95), (0.58, 0.94), (0.54, 0.94), (0.5, 0.93), (0.46, 0.93), (0.42, 0.935), (0.405, 0.936))
LINE = {"id": "gate", "from": [0.55, 0.3], "to": [0.5, 0.8], "inbound": "left_to_right"}
ZONE = {"id": "counters", "kind": "counter", "polygon": [[0.1, 0.3], [0.3, 0.3], [0.3, 0.9], [0.1, 0.9]]}


def busy(
    parts: Parts, *, people: int = 240, unlogged: tuple[int, ...] = (60, 130, 200), jpeg: bytes | None = None
) -> None:
    """Let people pass the gate, judge the first of the alerts, and stand at the end of it."""
    chance, edge = random.Random(4), Edge()
    at = [GAP_S * number + chance.uniform(-15, 15) for number in range(people)]
    camera = {"camera": "gate-1", "state": "online", "fps": 6.9, "lines": [LINE], "zones": [ZONE]}
    parts.intake.take([edge.state(), edge.health(temperature_c=51.0, disk_free_bytes=42_000_000_000, cameras=[camera])])
    for start in range(0, people, 60):
        parts.services.clock.move(60 * GAP_S)
        events = [edge.crossing(at_s, box=BOX, path=WAY) for at_s in at[start : start + 60]]
        parts.intake.take(edge.sent(*events))
        if jpeg is not None:
            parts.intake.take([edge.on("media", wrap(jpeg, event.id)) for event in events])
        rows = [
            _record(number, at[number] + 20 + chance.lognormvariate(2.3, 0.5))
            for number in range(start, min(start + 60, people))
            if number not in unlogged
        ]
        parts.services.passages.take(SYSTEM, "simkim", Report("log"), rows)
        parts.correlator.step()
    parts.services.clock.move(900)
    parts.correlator.step()
    verdicts = (Outcome.CONFIRMED, Outcome.EXPLAINED)
    for alert, outcome in zip(parts.services.alerts.page(SYSTEM, Paging(), sort="time").items, verdicts, strict=False):
        parts.services.alerts.resolve(SYSTEM, alert.id, outcome, "looked at the picture")


def _record(number: int, at_s: float) -> Record:
    time = (START + timedelta(seconds=at_s)).timestamp()
    return Record(id=f"b{number}", checkpoint="TTK", direction="inbound", time=time, received_at=time)
