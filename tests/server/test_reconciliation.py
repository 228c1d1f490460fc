"""Two agencies compared on both databases: what differs, as a file, and the alert where it matters."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.parts import build_parts
from tapal_server.passages.model import Report
from tapal_server.people.actor import SYSTEM
from tapal_server.reconciliation.export import to_csv, to_workbook
from tapal_server.reconciliation.pair import ReconcilePair
from tapal_server.reconciliation.routine import ReconcileRoutine
from tests.server.edges import START, Edge
from tests.server.test_correlator import alerts, pass_gate, record

WINDOW = (START - timedelta(hours=1), START + timedelta(hours=3))
BOTH = ("simkim", "ksop")


def log(parts, source, *records) -> None:
    parts.services.passages.take(SYSTEM, source, Report("test"), records)


@pytest.fixture
def logs(parts):
    """Twelve at one agency; the other has ten of them, one late, one with more people, and one of its own."""
    ours = [record(number, 300.0 * number) for number in range(12)]
    theirs = [replace(one, id=f"k{one.id}") for one in ours[2:]]
    theirs[0] = replace(theirs[0], time=theirs[0].time + 120)
    theirs[1] = replace(theirs[1], persons=4)
    theirs.append(record(99, 9000))
    log(parts, "simkim", *ours)
    log(parts, "ksop", *theirs)
    return ours, theirs


def compare(parts, actor, **changes):
    values = {
        "site": "tunon-taka",
        "sources": BOTH,
        "since": WINDOW[0],
        "until": WINDOW[1],
        "within_s": 200.0,
    } | changes
    return parts.services.reconciliation.compare(actor, **values)


def test_what_differs_is_counted_and_listed(parts, people, logs):
    view = compare(parts, people.officer)
    assert (view.first_records, view.second_records, view.paired, view.agreeing) == (12, 11, 10, 8)
    assert (view.only_first, view.only_second, view.times_differ, view.persons_differ) == (2, 1, 1, 1)
    assert [(one.kind, one.first_id, one.second_id) for one in view.differences] == [
        ("only_first", "0", None),
        ("only_first", "1", None),
        ("times_differ", "2", "k2"),
        ("persons_differ", "3", "k3"),
        ("only_second", None, "99"),
    ]
    assert parts.services.reconciliation.sources(people.officer, "tunon-taka") == ("ksop", "simkim")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        pytest.param({"sources": ("simkim", "simkim")}, InvalidError, "two different", id="the-same"),
        pytest.param({"until": WINDOW[0]}, InvalidError, "31 days", id="no-time"),
        pytest.param({"until": WINDOW[0] + timedelta(days=32)}, InvalidError, "31 days", id="too-long"),
        pytest.param({"site": "bambangan"}, InvalidError, "no checkpoint", id="no-log"),
        pytest.param({"site": "nowhere"}, NotFoundError, "not known", id="nowhere"),
        pytest.param({"within_s": 0}, InvalidError, "1 to 7200", id="within"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(parts, people, changes, error, words):
    with pytest.raises(error, match=words):
        compare(parts, people.officer, **changes)


def test_who_may_compare(parts, people, logs):
    with pytest.raises(NotFoundError):
        compare(parts, people.elsewhere)
    with pytest.raises(ForbiddenError):
        parts.services.reconciliation.raise_alert(people.officer, "tunon-taka", BOTH, *WINDOW)


def test_as_files(parts, people, logs):
    view = compare(parts, people.officer)
    text = to_csv(view, language="en", timezone="Asia/Makassar").splitlines()
    assert (len(text), text[1]) == (6, "Only in the first source,inbound,,0,2026-03-02T14:00:00+08:00,1,,,")
    book = load_workbook(io.BytesIO(to_workbook(view, language="id", timezone="Asia/Makassar")))
    assert [sheet.title for sheet in book] == ["Ringkasan", "Perbedaan"]
    assert book["Perbedaan"].max_row == 6


def test_a_difference_that_matters_is_an_alert_until_it_is_mended(parts, people, clock, logs):
    ours, _ = logs
    service = parts.services.reconciliation
    assert service.raise_alert(people.supervisor, "tunon-taka", BOTH, *WINDOW).matters
    service.raise_alert(people.supervisor, "tunon-taka", BOTH, *WINDOW)
    (alert,) = alerts(parts)
    assert (alert.kind, alert.status, alert.reason.code) == ("record_conflict", "open", "agencies_differ")
    assert "simkim/0" in alert.record_ids
    log(parts, "ksop", *(replace(one, id=f"k{one.id}") for one in ours[:4]))
    service.raise_alert(people.supervisor, "tunon-taka", BOTH, *WINDOW)
    (alert,) = alerts(parts)
    assert (alert.status, alert.closed_because.code) == ("explained", "agencies_agree")


def test_days_are_compared_by_themselves_when_they_settled(parts, people, clock, logs):
    pairs = [ReconcilePair(site="tunon-taka", first="simkim", second="ksop")]
    routine = ReconcileRoutine(parts.services.reconciliation, pairs, parts.sites, clock)
    assert routine.work() == 3, "the three days before"
    assert alerts(parts) == ()
    clock.move(16 * 3600)  # 06:00 of the next day in Makassar
    routine.work()
    (alert,) = alerts(parts)
    assert alert.kind == "record_conflict"
    routine.work()
    assert len(alerts(parts)) == 1


def test_the_second_log_of_the_same_people_hides_nobody(settings, parts, clock):
    times = [600.0 * number for number in range(12)]
    pair = ReconcilePair(site="tunon-taka", first="simkim", second="ksop")
    built = build_parts(settings.model_copy(update={"reconcile": (pair,)}), clock=clock)
    clock.move(times[-1] + 60)
    events = pass_gate(built, Edge(), *times)
    log(built, "simkim", *(record(number, at + 30) for number, at in enumerate(times) if number != 6))
    log(built, "ksop", *(record(number, at + 31) for number, at in enumerate(times)))
    built.correlator.step()
    clock.move(3600)
    built.correlator.step()
    (alert,) = [one for one in alerts(built) if one.kind == "unlogged_crossing"]
    assert alert.event_ids == (events[6].id,)
    built.database.close()
