"""People without a record who pass together are one alert, but a stream of them is not one group."""

import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Alert, Crossing, Delay, Gate, Rates, Record, Settings, Site

GATE = Gate(
    line="gate",
    direction="inbound",
    delay=Delay(typical_s=5, longest_s=20),
    rates=Rates(unlogged_share=0.3),
    learn=False,
)
SITE = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,))


def alerts(times: list[float], *, late_first: bool) -> list[Alert]:
    engine = Engine([SITE], Settings(alerts_per_hour=100))
    for number, time in enumerate(times):
        received = 50_000.0 - number if late_first else time
        engine.on_crossing(
            Crossing(id=f"c{number}", site="post", line="gate", direction="inbound", time=time, received_at=received)
        )
        for step in (1, 2):  # others pass lawfully, so the log is neither silent nor astray
            name, lawful = f"l{number}-{step}", time + 35.0 * step
            engine.on_crossing(
                Crossing(id=name, site="post", line="gate", direction="inbound", time=lawful, received_at=lawful)
            )
            written = lawful + 5.0
            engine.on_record(Record(id=name, checkpoint="GATE", direction="inbound", time=written, received_at=written))
    found: dict[str, Alert] = {}
    for change in engine.advance(100_000.0):
        if change.alert.kind == "unlogged_crossing":
            found[change.alert.id] = change.alert
    return list(found.values())


@pytest.mark.parametrize("late_first", [False, True])
def test_a_chain_of_people_is_cut_after_ten_minutes(late_first: bool) -> None:
    times = [1000.0 + 110.0 * step for step in range(20)]
    found = alerts(times, late_first=late_first)
    assert sum(len(alert.event_ids) for alert in found) == len(times)
    for alert in found:
        members = [times[int(event[1:])] for event in alert.event_ids]
        assert max(members) - min(members) <= 600.0
    assert 3 <= len(found) <= 7


def test_a_small_group_is_one_alert() -> None:
    (alert,) = alerts([1000.0, 1110.0, 1220.0, 1330.0], late_first=False)
    assert len(alert.event_ids) == 4
