"""What the arrival of records teaches about how late they come."""

import numpy as np
import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.late import lags_of
from tapal_server.correlation.types import AlertRaised, Crossing, Delay, Gate, Rates, Record, Settings, Site

DAY = 86400.0
SITE = Site(
    id="post",
    kind="checkpoint",
    checkpoint="P",
    gates=(
        Gate(
            line="gate",
            direction="inbound",
            delay=Delay(typical_s=30, longest_s=300),
            rates=Rates(unlogged_share=0.05, late_share=0.001),
        ),
    ),
)


@pytest.mark.parametrize(
    ("time", "received", "taught"),
    [
        pytest.param([0, 60, 120], [2, 61, 125], [2, 1, 5], id="row-by-row"),
        pytest.param([0, 3600, 7200], [9000] * 3, [9000, 5400, 1800], id="a-post-that-was-offline-for-hours"),
        pytest.param([0, DAY, 90 * DAY], [91 * DAY] * 3, [], id="a-log-of-months-taken-over"),
        pytest.param([0, 90 * DAY, 91 * DAY], [91 * DAY, 91 * DAY, 91 * DAY + 5], [5], id="and-rows-after-it"),
    ],
)
def test_a_report_teaches_how_late_records_come_and_a_back_fill_does_not(time, received, taught):
    assert lags_of(np.array(time, float), np.array(received, float)).tolist() == taught


def test_a_gate_with_a_log_taken_over_still_raises_somebody_without_a_record_the_same_hour():
    engine = Engine([SITE], Settings())
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.exponential(300.0, 600))
    for n, time in enumerate(times):
        engine.on_crossing(_crossing(f"old{n}", float(time)))
    for n, time in enumerate(times):
        if n % 20 == 7:
            continue
        engine.on_record(
            _record(f"old{n}", float(time) + 30.0 * float(rng.lognormal(0.0, 0.3)), float(times[-1]) + 60.0)
        )
    engine.advance(float(times[-1]) + 60.0)
    passes = float(times[-1]) + 900.0
    engine.on_crossing(_crossing("lonely", passes))
    raised = [change.alert for change in engine.advance(passes + 3600.0) if isinstance(change, AlertRaised)]
    assert [alert.event_ids for alert in raised] == [("lonely",)]


def _crossing(name, time):
    return Crossing(id=name, site="post", line="gate", direction="inbound", time=time, received_at=time)


def _record(name, time, received):
    return Record(id=name, checkpoint="P", direction="inbound", time=time, received_at=received)
