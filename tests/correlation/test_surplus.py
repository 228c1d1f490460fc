"""Planned movements cover as many as they say: more are counted and told, and closed when plan or log explain them."""

from dataclasses import replace

import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Planned, Rates, Record, Settings, Site
from tapal_server.wording import LANGUAGES, closed, innocent, reason

GATE = Gate(line="gate", direction="inbound", delay=Delay(typical_s=10, longest_s=60), rates=Rates(recall=0.98))
POST = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,))
JETTY = Site(id="jetty", kind="unofficial", gates=())
PLAN = Planned(id="P1", site="jetty", start=1000.0, end=9000.0, persons=6, note="joint exercise")
FERRY = Planned(id="P2", site="post", start=1000.0, end=6000.0, direction="inbound", persons=209, note="ferry")


def come(engine, *times, site="jetty", line="path", direction="inbound", first=0):
    for n, time in enumerate(times, first):
        engine.on_crossing(
            Crossing(
                id=f"{line}-{direction}-{n:04d}", site=site, line=line, direction=direction, time=time, received_at=time
            )
        )


def log(engine, *times):
    for time in times:
        engine.on_record(
            Record(id=f"r{time}", checkpoint="GATE", direction="inbound", time=time + 10, received_at=time + 10)
        )


def after(engine, until):
    changes, due = [], engine.next_due()
    while due is not None and due <= until:
        changes += engine.advance(max(due, engine.now))
        due = engine.next_due()
    changes += engine.advance(until)
    return [(type(change).__name__, change.alert) for change in changes]


def jetty(*plans):
    engine = Engine([JETTY], Settings(learn=False))
    for plan in plans:
        engine.plan(plan)
    return engine


def every(step, count, start=2000.0):
    return [start + step * n for n in range(count)]


def test_as_many_as_planned_raise_nothing():
    engine = jetty(PLAN)
    come(engine, *every(30, 6))
    assert after(engine, 20_000.0) == []


def test_who_comes_beyond_the_number_is_told_with_the_pictures_of_those():
    engine = jetty(PLAN)
    come(engine, *every(30, 8))
    (name, alert), *_ = after(engine, 2300.0)
    assert (name, alert.kind, alert.direction) == ("AlertRaised", "count_excess", "inbound")
    assert alert.event_ids == ("path-inbound-0006", "path-inbound-0007")
    assert alert.reason.data["seen"] == 8
    assert alert.reason.data["planned"] == 6
    assert alert.probability > 0.95


def test_the_alert_follows_who_comes_and_closes_when_the_plan_says_so():
    engine = jetty(PLAN)
    come(engine, *every(30, 7))
    (_, first), *_ = after(engine, 2300.0)
    come(engine, 2500.0, first=7)
    (name, grown), *_ = after(engine, 2600.0)
    assert (name, grown.id, len(grown.event_ids)) == ("AlertUpdated", first.id, 2)
    engine.plan(replace(PLAN, persons=8))
    ((name, last),) = after(engine, 2700.0)
    assert (name, last.id, last.status) == ("AlertClosed", first.id, "explained")


@pytest.mark.parametrize(
    ("plans", "told"),
    [
        pytest.param([replace(PLAN, persons=None)], 0, id="a-plan-without-a-number"),
        pytest.param([PLAN, replace(PLAN, id="P9", persons=6)], 0, id="two-plans-share-the-time"),
        pytest.param([PLAN, replace(PLAN, id="P9", persons=None)], 0, id="beside-one-without-a-number"),
        pytest.param([PLAN, replace(PLAN, id="P9", persons=1, start=8000.0)], 1, id="both-together-too-few"),
        pytest.param([replace(PLAN, direction="inbound")], 1, id="one-direction"),
        pytest.param([replace(PLAN, line="path")], 1, id="one-line"),
    ],
)
def test_plans_that_share_their_time_explain_together(plans, told):
    engine = jetty(*plans)
    come(engine, *every(30, 12))
    found = {alert.id for _, alert in after(engine, 20_000.0) if alert.kind == "count_excess"}
    assert len(found) >= told
    assert bool(found) == bool(told)


def test_a_path_with_two_lines_counts_nobody_twice():
    engine = jetty(PLAN)
    come(engine, *every(30, 6))
    come(engine, *every(30, 6, start=2010.0), line="beach")
    come(engine, *every(30, 6, start=5000.0), direction="outbound")
    assert after(engine, 20_000.0) == []


def test_a_plan_entered_late_counts_who_came_before_it():
    engine = jetty()
    come(engine, *every(30, 8))
    assert {alert.kind for _, alert in after(engine, 2300.0)} == {"presence"}
    engine.plan(PLAN)
    told = {(name, alert.kind) for name, alert in after(engine, 2400.0)}
    assert told >= {("AlertClosed", "presence"), ("AlertRaised", "count_excess")}


def ferry(seen, logged=(), step=15):
    engine = Engine([POST], Settings(learn=False))
    engine.plan(FERRY)
    times = sorted([*every(step, seen), *(time + 5 for time in logged)])
    for time in times:
        come(engine, time, site="post", line="gate", first=round(time))
    log(engine, *(time + 5 for time in logged))
    return engine


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param(209, False, id="as-many"),
        pytest.param(211, False, id="two-doubles"),
        pytest.param(235, True, id="many-more"),
    ],
)
def test_a_landing_at_a_gate_is_judged_by_what_chance_explains(seen, told):
    found = [alert for _, alert in after(ferry(seen), 30_000.0) if alert.kind == "count_excess"]
    assert bool(found) == told


def test_lawful_travellers_beside_a_landing_are_explained_by_the_log():
    engine = ferry(209, logged=every(100, 30, start=2050.0))
    assert after(engine, 30_000.0) == []


def test_records_that_come_late_close_it():
    engine = ferry(209)
    extra = every(100, 30, start=2053.0)
    come(engine, *extra, site="post", line="gate", first=9000)
    raised = [alert for _, alert in after(engine, 12_000.0) if alert.kind == "count_excess"]
    assert raised
    log(engine, *extra)
    ended = [(name, alert.id) for name, alert in after(engine, 13_000.0) if alert.kind == "count_excess"]
    assert ended[-1] == ("AlertClosed", raised[0].id)


def test_it_is_told_while_people_are_still_passing():
    engine = ferry(300, step=10)
    found = [alert for _, alert in after(engine, 5900.0) if alert.kind == "count_excess"]
    assert found
    assert found[0].raised_at < FERRY.end


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_is_said_in_words(language):
    engine = jetty(PLAN)
    come(engine, *every(30, 8))
    (_, alert), *_ = after(engine, 2300.0)
    (sentence,) = reason("count_excess", alert.reason.code, alert.reason.data, language)
    assert "joint exercise" in sentence
    assert "8" in sentence
    assert "6" in closed("plan_covers", alert.reason.data, language)
    assert all(innocent(one.code, one.probability, language) for one in alert.innocent)
