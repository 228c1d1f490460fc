"""Planned movements and voyages on both databases: kept, counted, and what they do to alerts while the server runs."""

from datetime import timedelta

import pytest

from tapal_server.alerts.states import Outcome, State
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.passages.model import Report
from tapal_server.people.actor import SYSTEM
from tapal_server.voyages.entries import PlanEntry, VoyageEntry
from tapal_server.voyages.plans import PlanFilter
from tapal_server.voyages.service import VoyageFilter
from tests.server.edges import START, Edge
from tests.server.test_correlator import JETTY, alerts, log, pass_gate, record

HOUR = timedelta(hours=1)


def plan(**changes) -> PlanEntry:
    values = {
        "site": "bambangan",
        "starts_at": START - HOUR,
        "ends_at": START + HOUR,
        "kind": "exercise",
        "note": "joint exercise, ordered by the head of office",
    }
    return PlanEntry(**(values | changes))


def voyage(**changes) -> VoyageEntry:
    values = {
        "id": "TWU-7",
        "site": "tunon-taka",
        "direction": "inbound",
        "vessel": "KM Labuan Express",
        "starts_at": START,
        "ends_at": START + HOUR,
        "declared": 12,
        "imo": 9074729,
        "mmsi": 525_012_345,
    }
    return VoyageEntry(**(values | changes))


def detail(parts, alert):
    return parts.services.alerts.detail(SYSTEM, alert.id)


def test_a_movement_entered_beforehand_raises_nothing(parts, people):
    parts.services.plans.enter(people.officer, plan())
    pass_gate(parts, Edge(**JETTY), 0)
    parts.correlator.step()
    assert alerts(parts) == ()


def test_a_movement_entered_afterwards_closes_the_alert_and_says_why(parts, people, clock):
    pass_gate(parts, Edge(**JETTY), 0, 20)
    parts.correlator.step()
    (alert,) = alerts(parts)
    clock.move(600)
    entered = parts.services.plans.enter(people.officer, plan())
    assert entered.late
    parts.correlator.step()
    after = detail(parts, alert)
    assert (after.alert.status, after.alert.state, after.alert.outcome) == (
        "explained", State.RESOLVED, Outcome.EXPLAINED,
    )  # fmt: skip
    assert after.alert.closed_because.code == "planned"
    assert after.alert.closed_because.data == {"plan": entered.id, "note": entered.note}
    assert after.history[-1].action == "explained"


def test_a_movement_that_covers_some_of_a_group_leaves_the_others(parts, people, clock):
    _, other = pass_gate(parts, Edge(**JETTY), 0, 20)
    parts.correlator.step()
    parts.services.plans.enter(people.officer, plan(ends_at=START + timedelta(seconds=10)))
    parts.correlator.step()
    (alert,) = alerts(parts)
    assert (alert.status, alert.event_ids) == ("open", (other.id,))


def test_a_movement_entered_while_the_server_was_down_closes_the_alert(settings, parts, people, clock):
    pass_gate(parts, Edge(**JETTY), 0)
    parts.correlator.step()
    parts.services.plans.enter(people.officer, plan())
    again = build_parts(settings, clock=clock)
    again.correlator.step()
    (alert,) = alerts(again)
    assert (alert.status, alert.closed_because.code) == ("explained", "planned")
    again.database.close()


def test_a_restart_knows_the_plans_of_before(settings, parts, people, clock):
    parts.services.plans.enter(people.officer, plan())
    gone = parts.services.plans.enter(people.officer, plan(starts_at=START + HOUR, ends_at=START + 3 * HOUR))
    parts.correlator.step()
    parts.services.plans.cancel(people.officer, gone.id)
    parts.correlator.step()
    again = build_parts(settings, clock=clock)
    pass_gate(again, Edge(**JETTY), 0)
    again.correlator.step()
    assert alerts(again) == ()
    pass_gate(again, Edge(**JETTY), 2 * 3600)
    again.correlator.step()
    (alert,) = alerts(again)
    assert alert.status == "open", "a cancelled plan explains nothing"
    again.database.close()


def test_a_cancelled_movement_explains_nobody_who_comes_later(parts, people, clock):
    entered = parts.services.plans.enter(people.officer, plan())
    pass_gate(parts, Edge(**JETTY), 0)
    parts.correlator.step()
    clock.move(60)
    parts.services.plans.cancel(people.officer, entered.id)
    pass_gate(parts, Edge(**JETTY), 900)
    parts.correlator.step()
    (alert,) = alerts(parts)
    assert alert.time == START + timedelta(seconds=900)


def test_people_without_records_in_a_planned_landing_are_no_alert(parts, people, clock):
    times = [600.0 * number for number in range(12)]
    clock.move(times[-1] + 60)
    pass_gate(parts, Edge(), *times)
    log(parts, *(record(number, at + 30) for number, at in enumerate(times) if number != 6))
    parts.correlator.step()
    clock.move(3600)
    parts.correlator.step()
    (alert,) = [one for one in alerts(parts) if one.kind == "unlogged_crossing"]
    parts.services.plans.enter(
        people.officer,
        plan(site="tunon-taka", line="gate", direction="inbound", kind="deportation", ends_at=START + 2 * HOUR),
    )
    parts.correlator.step()
    after = detail(parts, alert).alert
    assert (after.status, after.closed_because.code) == ("explained", "planned")


def test_more_people_than_planned_are_told_until_the_plan_says_so(settings, parts, people, clock):
    plans = parts.services.plans
    entered = plans.enter(people.officer, plan(persons=2))
    *_, third, fourth = pass_gate(parts, Edge(**JETTY), 0, 20, 40, 60)
    parts.correlator.step()
    (alert,) = alerts(parts)
    assert (alert.kind, alert.status, alert.event_ids) == ("count_excess", "open", (third.id, fourth.id))
    figures = plans.get(people.officer, entered.id).figures
    assert (figures.seen, figures.logged) == (4, 0)
    report = parts.services.reports.period(people.supervisor, START - 2 * HOUR, START + 2 * HOUR)
    (total,) = report.planned
    assert (total.site, total.kind, total.movements, total.persons, total.exceeded) == (
        "bambangan", "exercise", 1, 2, 1,
    )  # fmt: skip
    again = build_parts(settings, clock=clock)
    again.correlator.step()
    assert alerts(again) == (alert,), "a restart says it no second time"
    clock.move(600)
    again.services.plans.change(people.officer, entered.id, plan(persons=4))
    again.correlator.step()
    after = detail(again, alert).alert
    assert (after.status, after.closed_because.code) == ("explained", "plan_covers")
    again.database.close()


def test_a_plan_at_a_gate_shows_who_was_seen_and_who_was_logged(parts, people, clock):
    pass_gate(parts, Edge(), 0, 20, 40)
    log(parts, record(1, 30), record(2, 50, result="refused"))
    parts.services.passages.take(SYSTEM, "ksop", Report("x"), [record(9, 30, persons=2)])
    entered = parts.services.plans.enter(people.officer, plan(site="tunon-taka", persons=2))
    assert (entered.figures.seen, entered.figures.logged) == (3, 2)


def test_a_plan_is_changed_kept_listed_and_cancelled(parts, people, clock):
    plans = parts.services.plans
    entered = plans.enter(people.officer, plan(persons=209))
    clock.move(60)
    changed = plans.change(people.supervisor, entered.id, plan(persons=255), expected_version=1)
    assert (changed.version, changed.persons, changed.entered_by, changed.changed_by) == (2, 255, "sari", "budi")
    (before,) = plans.versions(people.officer, entered.id)
    assert (before.version, before.replaced_by, before.body["persons"]) == (1, "budi", 209)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        plans.change(people.officer, entered.id, plan(), expected_version=1)
    assert plans.page(people.officer, Paging(), PlanFilter(status="under_way", kind="exercise")).total == 1
    assert plans.cancel(people.officer, entered.id).status == "cancelled"
    with pytest.raises(ConflictError, match="was cancelled"):
        plans.cancel(people.officer, entered.id)
    assert plans.page(people.officer, Paging(), PlanFilter(status="under_way")).total == 0
    actions = [link.action for link in parts.services.audit.page(people.auditor, Paging()).items]
    assert actions[:3] == ["plan.cancel", "plan.change", "plan.enter"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"note": " "}, "note", id="no-reason"),
        pytest.param({"ends_at": START - 2 * HOUR}, "ends_at", id="backwards"),
        pytest.param({"ends_at": START + timedelta(days=8)}, "ends_at", id="for-ever"),
        pytest.param({"line": "gates"}, "line", id="another-line"),
        pytest.param({"persons": -1}, "persons", id="fewer-than-nobody"),
        pytest.param({"kind": "party"}, "kind", id="unknown-kind"),
        pytest.param({"starts_at": START.replace(tzinfo=None)}, "starts_at", id="no-offset"),
    ],
)
def test_a_wrong_plan_gets_a_sentence(parts, people, changes, field):
    with pytest.raises(InvalidError) as caught:
        parts.services.plans.enter(people.officer, plan(**changes))
    assert caught.value.field == field


def test_who_may_enter_and_who_sees(parts, people):
    plans = parts.services.plans
    with pytest.raises(ForbiddenError):
        plans.enter(people.auditor, plan())
    with pytest.raises(NotFoundError):
        plans.enter(people.elsewhere, plan(site="tunon-taka"))
    entered = plans.enter(people.officer, plan(site="tunon-taka"))
    with pytest.raises(NotFoundError):
        plans.get(people.elsewhere, entered.id)
    assert plans.page(people.elsewhere, Paging()).total == 0
    parts.services.voyages.enter(people.officer, voyage())
    with pytest.raises(NotFoundError):
        parts.services.voyages.cancel(people.elsewhere, "TWU-7")
    with pytest.raises(NotFoundError):
        plans.enter(people.officer, plan(site="nowhere"))


def embark(parts, clock, *, seen: int, logged: int, **changes) -> None:
    """A voyage with so many seen and so many records that name it."""
    parts.services.voyages.enter(SYSTEM, voyage(**changes))
    pass_gate(parts, Edge(), *(20.0 * number for number in range(seen)))
    log(parts, *(record(number, 20.0 * number + 30, voyage_id="TWU-7") for number in range(logged)))
    clock.move(3600 + 901)
    parts.correlator.step()


def test_a_voyage_shows_what_was_declared_cleared_and_boarded(parts, people, clock):
    embark(parts, clock, seen=12, logged=12)
    log(parts, record(90, 90, voyage_id="TWU-7", result="refused"), record(91, 91), record(92, 92, voyage_id="X"))
    found = parts.services.voyages.get(people.officer, "TWU-7")
    figures = found.figures
    assert (figures.declared, figures.cleared, figures.refused, figures.boarded) == (12, 12, 1, 12)
    assert found.status == "over"
    assert alerts(parts) == ()


def test_papers_that_disagree_are_an_alert_until_they_are_mended(parts, people, clock):
    embark(parts, clock, seen=12, logged=12, declared=15)
    (alert,) = [one for one in alerts(parts) if one.kind == "manifest_mismatch"]
    assert (alert.reason.data["declared"], alert.reason.data["cleared"]) == (15, 12)
    parts.services.voyages.change(people.officer, "TWU-7", voyage(declared=12))
    parts.correlator.step()
    assert detail(parts, alert).alert.closed_because.code == "numbers_agree"


def test_a_cancelled_voyage_takes_its_alert_with_it(parts, people, clock):
    embark(parts, clock, seen=12, logged=12, declared=15)
    (alert,) = [one for one in alerts(parts) if one.kind == "manifest_mismatch"]
    assert parts.services.voyages.cancel(people.officer, "TWU-7").status == "cancelled"
    parts.correlator.step()
    assert detail(parts, alert).alert.closed_because.code == "voyage_cancelled"
    again = parts.services.voyages.enter(people.officer, voyage())
    assert (again.status, again.version) == ("over", 3)


def test_two_calls_at_once_are_not_blamed_for_each_others_people(parts, people, clock):
    parts.services.voyages.enter(SYSTEM, voyage(id="OTHER", declared=None))
    embark(parts, clock, seen=40, logged=12)
    assert [one.kind for one in alerts(parts) if one.kind == "manifest_mismatch"] == []
    found = parts.services.voyages.get(people.officer, "TWU-7")
    assert found.figures.shared_with == ("OTHER",)


def test_voyages_are_filtered_and_sorted(parts, people):
    voyages = parts.services.voyages
    voyages.enter(people.officer, voyage())
    voyages.enter(people.officer, voyage(id="B", vessel="KM Purnama", starts_at=START + HOUR, ends_at=START + 2 * HOUR))
    assert [one.id for one in voyages.page(people.officer, Paging(), sort="starts_at").items] == ["TWU-7", "B"]
    assert voyages.page(people.officer, Paging(), VoyageFilter(vessel="purna")).total == 1
    assert voyages.page(people.officer, Paging(), VoyageFilter(vessel="%")).total == 0
    assert voyages.page(people.officer, Paging(), VoyageFilter(status="scheduled")).items[0].id == "B"
    with pytest.raises(InvalidError, match="cannot sort by"):
        voyages.page(people.officer, Paging(), sort="note")
    with pytest.raises(ConflictError, match="entered already"):
        voyages.enter(people.officer, voyage())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"imo": 9074728}, "imo", id="imo-check-digit"),
        pytest.param({"mmsi": 12}, "mmsi", id="mmsi-digits"),
        pytest.param({"vessel": " "}, "vessel", id="no-vessel"),
        pytest.param({"id": "a/b"}, "id", id="slash"),
        pytest.param({"declared": 20_000}, "declared", id="too-many"),
    ],
)
def test_a_wrong_voyage_gets_a_sentence(parts, people, changes, field):
    with pytest.raises(InvalidError) as caught:
        parts.services.voyages.enter(people.officer, voyage(**changes))
    assert caught.value.field == field
