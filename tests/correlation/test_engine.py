"""The engine as a colleague uses it: things go in, alerts come out."""

import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Planned, Rates, Record, Settings, Site

GATE = Gate(
    line="gate",
    direction="inbound",
    delay=Delay(typical_s=10, longest_s=60),
    rates=Rates(unlogged_share=0.2, late_share=0.0001),
)
SITE = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,))
PATH = Site(id="path", kind="unofficial", gates=(Gate(line="trail", direction="inbound"),))


def crossing(n, time, site="post", line="gate", **more):
    return Crossing(id=f"c{n}", site=site, line=line, direction="inbound", time=time, received_at=time, **more)


def record(n, time, received=None, **more):
    return Record(id=f"r{n}", checkpoint="GATE", direction="inbound", time=time, received_at=received or time, **more)


def run(engine, *items, until=100_000.0):
    changes = []
    for item in sorted(items, key=lambda item: item.received_at):
        due = engine.next_due()
        while due is not None and due < item.received_at:
            changes += engine.advance(due)
            due = engine.next_due()
        engine.on_crossing(item) if isinstance(item, Crossing) else engine.on_record(item)
        changes += engine.advance(item.received_at)
    due = engine.next_due()
    while due is not None and due < until:
        changes += engine.advance(due)
        due = engine.next_due()
    return changes + engine.advance(until)


def test_a_crossing_without_record_is_raised_and_its_late_record_closes_it():
    engine = Engine([SITE])
    changes = run(engine, crossing(1, 1000.0), crossing(2, 5000.0), record(1, 1012.0))
    assert [type(c).__name__ for c in changes] == ["AlertRaised", *["AlertUpdated"] * (len(changes) - 1)]
    assert {(c.alert.kind, c.alert.event_ids) for c in changes} == {("unlogged_crossing", ("c2",))}
    assert changes[-1].alert.probability > 0.5
    engine.on_record(record(2, 5010.0, received=200_000.0))
    (closed,) = engine.advance(200_000.0)
    assert (type(closed).__name__, closed.alert.status, closed.alert.closed_at) == (
        "AlertClosed",
        "explained",
        200_000.0,
    )
    assert engine.posterior("c2").unlogged < 0.1


def test_what_falls_due_only_at_the_end_of_a_recording_is_told_too():
    engine = Engine([SITE])
    engine.on_crossing(crossing(1, 1000.0))
    assert [change.alert.event_ids for change in engine.finish(100_000.0)] == [("c1",)]


def test_a_withdrawn_record_reopens_what_it_explained():
    engine = Engine([SITE])
    assert run(engine, crossing(1, 1000.0), record(1, 1012.0)) == []
    engine.withdraw("r1")
    (raised,) = engine.advance(100_001.0)
    assert raised.alert.event_ids == ("c1",)


def test_a_repeat_changes_nothing():
    engine = Engine([SITE])
    run(engine, crossing(1, 1000.0), crossing(1, 1000.0), record(1, 1012.0), record(1, 1012.0))
    assert len(list(engine.settled())) == 1


def test_presence_on_an_unofficial_path_groups_people_and_a_plan_explains_them():
    engine = Engine([PATH])
    changes = run(
        engine, *(crossing(n, 1000.0 + n, "path", "trail") for n in range(3)), crossing(9, 9000.0, "path", "trail")
    )
    alerts = {c.alert.id: c.alert for c in changes}
    assert sorted(len(a.event_ids) for a in alerts.values()) == [1, 3]
    assert {a.kind for a in alerts.values()} == {"presence"}
    engine = Engine([PATH])
    engine.plan(Planned(id="exercise", site="path", start=0.0, end=2000.0))
    assert run(engine, crossing(1, 1000.0, "path", "trail")) == []


def test_a_flood_becomes_one_surge_alert():
    engine = Engine([PATH], Settings(alerts_per_hour=2, group_gap_s=1.0))
    changes = run(engine, *(crossing(n, 1000.0 + 60 * n, "path", "trail") for n in range(6)))
    alerts = {c.alert.id: c.alert for c in changes}
    surge = next(a for a in alerts.values() if a.kind == "surge")
    assert len(surge.members) == 4
    assert sum(a.kind == "presence" and a.surge is None for a in alerts.values()) == 2


@pytest.mark.parametrize("shift", [0.0, 86_400.0, -7.0e8])
def test_shifting_all_times_shifts_all_results(shift):
    items = [crossing(1, 1e9 + 1000.0), crossing(2, 1e9 + 5000.0), record(1, 1e9 + 1012.0)]
    engine = Engine([SITE])
    from dataclasses import replace

    moved = [replace(i, time=i.time + shift, received_at=i.received_at + shift) for i in items]
    raised = run(engine, *moved, until=1e9 + 100_000.0 + shift)[-1]
    assert raised.alert.time == pytest.approx(1e9 + 5000.0 + shift)
    believed = engine.posterior("c2")
    assert believed is not None
    assert believed.unlogged == pytest.approx(0.786, abs=0.001)
    assert raised.alert.probability == pytest.approx(believed.unlogged, abs=0.05)  # smaller moves are no news
