"""The live correlator on both databases: what it says, says once, and takes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tapal_contract.times import from_seconds
from tapal_server.alerts.states import Outcome, State
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Settings
from tapal_server.db.tables import EventRow
from tapal_server.events import AlertChanged, AlertRaised
from tapal_server.live import correlator
from tapal_server.live.inbox import read_arrivals
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.passages.model import Record, Report
from tapal_server.people.actor import SYSTEM
from tests.server.edges import START, Edge

JETTY = {"site": "bambangan", "line": "jetty"}


def alerts(parts):
    return parts.services.alerts.page(SYSTEM, Paging(size=500), sort="time").items


def record(number: int, at_s: float, **changes) -> Record:
    time = (START + timedelta(seconds=at_s)).timestamp()
    return replace(
        Record(id=str(number), checkpoint="TTK", direction="inbound", time=time, received_at=time), **changes
    )


def log(parts, *records: Record) -> None:
    parts.services.passages.take(SYSTEM, "simkim", Report("test"), records)


def pass_gate(parts, edge: Edge, *at_s: float):
    events = [edge.crossing(at) for at in at_s]
    parts.intake.take(edge.sent(*events))
    return events


def test_a_landing_is_said_once_and_told(parts, heard):
    edge = Edge(**JETTY)
    (event,) = pass_gate(parts, edge, 0)
    parts.correlator.step()
    parts.correlator.step()
    (alert,) = alerts(parts)
    assert (alert.kind, alert.event_ids, alert.state) == ("presence", (event.id,), State.NEW)
    assert [told for told in heard if isinstance(told, AlertRaised)] == [
        AlertRaised(alert_id=alert.id, site="bambangan", kind="presence")
    ]
    history = parts.services.alerts.detail(SYSTEM, alert.id).history
    assert [entry.action for entry in history] == ["raised"]


def test_a_restart_repeats_nothing_and_skips_nothing(settings, parts, clock, heard):
    edge = Edge(**JETTY)
    pass_gate(parts, edge, 0)
    parts.correlator.step()
    before = alerts(parts)
    clock.move(3600)
    pass_gate(parts, edge, 3600)  # committed, and then the process is killed before the correlator looks
    again = build_parts(settings, clock=clock)
    again.correlator.step()
    after = alerts(again)
    assert after[0] == before[0]
    assert len(after) == 2
    again.correlator.step()
    third = build_parts(settings, clock=clock)
    third.correlator.step()
    assert alerts(third) == after
    again.database.close()
    third.database.close()


def missing_record(parts, clock):
    """Twelve people pass, eleven have a record; the alert about the other one, and who it was."""
    edge = Edge()
    times = [600.0 * number for number in range(12)]
    clock.move(times[-1] + 60)
    events = pass_gate(parts, edge, *times)
    log(parts, *(record(number, at + 30) for number, at in enumerate(times) if number != 6))
    parts.correlator.step()
    clock.move(3600)
    parts.correlator.step()
    (alert,) = [one for one in alerts(parts) if one.kind == "unlogged_crossing"]
    return alert, events[6]


def test_somebody_without_a_record_is_found_among_those_with_one(parts, clock):
    alert, event = missing_record(parts, clock)
    assert alert.event_ids == (event.id,)
    crossings = parts.services.alerts.detail(SYSTEM, alert.id).crossings
    assert max(crossings, key=lambda one: one.unlogged or 0).event_id == event.id


def test_a_late_record_explains_the_alert_with_its_reason(parts, clock, heard):
    alert, _ = missing_record(parts, clock)
    late = clock.now().timestamp()
    log(parts, record(6, 6 * 600 + 30, received_at=late))
    parts.correlator.step()
    after = parts.services.alerts.detail(SYSTEM, alert.id)
    assert (after.alert.status, after.alert.state, after.alert.outcome) == (
        "explained",
        State.RESOLVED,
        Outcome.EXPLAINED,
    )
    assert after.alert.closed_because is not None
    assert after.history[-1].action == "explained"
    assert any(isinstance(told, AlertChanged) and told.action == "explained" for told in heard)


def test_the_verdict_of_a_person_stands(parts, clock, people):
    alert, _ = missing_record(parts, clock)
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.CONFIRMED, "found without stamp")
    log(parts, record(6, 6 * 600 + 30, received_at=clock.now().timestamp()))
    parts.correlator.step()
    after = parts.services.alerts.detail(SYSTEM, alert.id)
    assert (after.alert.status, after.alert.outcome) == ("explained", Outcome.CONFIRMED)
    assert after.history[-1].action == "explained", "what the engine found later is written down all the same"


def test_a_node_clock_far_off_does_not_stop_the_watch(parts, clock):
    edge = Edge(**JETTY)
    late = edge.crossing(0, time=from_seconds(START.timestamp() - 90 * 86400))
    early = edge.crossing(0, time=from_seconds(START.timestamp() + 86400))
    parts.intake.take(edge.sent(late, early))
    pass_gate(parts, edge, 10)
    parts.correlator.step()
    assert alerts(parts)


@pytest.mark.parametrize("at_once", [pytest.param(500, id="in-one-go"), pytest.param(3, id="a-few-at-a-time")])
def test_what_is_stored_of_each_crossing_is_what_the_engine_says_of_it(parts, clock, monkeypatch, at_once):
    monkeypatch.setattr(correlator, "_BELIEFS_AT_ONCE", at_once)
    edge = Edge()
    times = [600.0 * number for number in range(12)]
    clock.move(times[-1] + 60)
    committed = clock.now().timestamp()
    events = pass_gate(parts, edge, *times)
    records = [record(number, at + 30) for number, at in enumerate(times) if number not in {3, 8}]
    log(parts, *records)
    for _ in range(20):
        parts.correlator.step()
        clock.move(300)
    crossings = [
        Crossing(
            id=event.id, site=event.site, line=event.line, direction="inbound", time=event.time.timestamp(),
            received_at=committed,
        )
        for event in events
    ]  # fmt: skip
    known = [replace(one, received_at=committed) for one in records]
    engine = Engine(parts.sites, Settings())
    for crossing in crossings:
        engine.on_crossing(crossing)
    for one in known:
        engine.on_record(one)
    for tick in range(20):
        engine.advance(committed + 300 * tick)
    told = {one.crossing.id: one.unlogged for one in engine.settled()}
    with parts.database.read() as session:
        stored = dict(session.execute(select(EventRow.id, EventRow.unlogged)).all())
    assert stored == pytest.approx(told, abs=0.02)
    assert {id_ for id_, share in stored.items() if share > 0.5} == {events[3].id, events[8].id}


def test_a_long_backlog_after_a_restart_is_not_held_against_a_log_that_is_no_longer_read(settings, parts, clock):
    people = [600.0 * number for number in range(12)]
    clock.move(people[-1] + 60)
    log(parts, *(record(number, at + 30) for number, at in enumerate(people)))
    parts.correlator.step()
    clock.move(11 * 86400)
    again = build_parts(settings, clock=clock)
    pass_gate(again, Edge(), *people)  # the node was cut off for eleven days
    for _ in range(3):
        again.correlator.step()
        clock.move(3600)
    assert not alerts(again)
    again.database.close()


def test_a_restart_after_a_long_backlog_finds_the_records_of_those_who_passed_long_ago(settings, parts, clock):
    people = [600.0 * number for number in range(12)]
    clock.move(people[-1] + 60)
    log(parts, *(record(number, at + 30) for number, at in enumerate(people)))
    clock.move(9.99 * 86400)
    events = pass_gate(parts, Edge(), *people)
    parts.correlator.step()
    clock.move(86400)
    again = build_parts(settings, clock=clock)
    for _ in range(3):
        again.correlator.step()
        clock.move(3600)
    assert not alerts(again)
    with again.database.read() as session:
        stored = dict(session.execute(select(EventRow.id, EventRow.unlogged)).all())
    assert max(stored[event.id] or 0.0 for event in events) < 0.1
    again.database.close()


def test_a_rebuilt_correlator_hears_crossings_and_records_in_the_order_in_which_they_came(parts, clock, monkeypatch):
    monkeypatch.setattr("tapal_server.live.inbox._MOST", 3)
    clock.move(60)
    edge = Edge()
    for number in range(8):
        pass_gate(parts, edge, 600.0 * number)
        log(parts, record(number, 600.0 * number + 30))
        clock.move(600)
    heard, events, passages = [], 0, 0
    while True:
        with parts.database.read() as session:
            page = read_arrivals(session, events, passages)
        if not page.items:
            break
        heard += [item.received_at for item in page.items]
        events, passages = page.events_through, page.passages_through
    assert len(heard) == 16
    assert heard == sorted(heard)
