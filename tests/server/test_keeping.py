import io
import re
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select
from typer.testing import CliRunner

from tapal_server.alerts.states import Outcome
from tapal_server.cli import app
from tapal_server.db.tables import AuditRow, EventRow, PassageRow
from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.keeping.anchor import read_anchors
from tapal_server.keeping.retention import RetentionJob, RetentionSettings
from tapal_server.media import MediaStore
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.reports.workbook import to_workbook
from tests.server.conftest import START
from tests.server.edges import Edge

DAY = 86400.0


def count(parts, table) -> int:
    with parts.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def landing(parts):
    """An alert with a picture, and a crossing with a picture that is no alert's."""
    edge, gate = Edge(site="bambangan", line="jetty"), Edge(node="gate-01")
    event, other = edge.crossing(), gate.crossing()
    parts.intake.take([*edge.sent(event), edge.picture(event), *gate.sent(other), gate.picture(other)])
    parts.correlator.step()
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    return alert, event.id, other.id


def test_each_thing_is_deleted_when_its_time_ends_and_not_before(parts, clock, landing, people):
    alert, mine, other = landing
    media = parts.services.media
    assert parts.retention.work() == {}
    clock.move(3 * DAY + 1)
    assert parts.retention.work() == {"media": 1}
    assert media.has((mine, other)) == {mine}, "the picture of an open alert stays"
    clock.move(28 * DAY)
    assert parts.retention.work() == {"events": 1}
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.CONFIRMED, "seen")
    clock.move(30 * DAY - 1)
    assert parts.retention.work() == {}
    clock.move(2)
    assert parts.retention.work() == {"media": 1}
    with pytest.raises(NotFoundError):
        media.read(people.officer, mine)
    clock.move(701 * DAY)
    assert parts.retention.work() == {"alerts": 1}
    clock.move(1)
    assert parts.retention.work() == {"events": 1}
    assert count(parts, EventRow) == 0
    actions = [link.action for link in parts.services.audit.page(people.auditor, Paging()).items]
    assert actions.count("retention.delete") == 5


def test_a_legal_hold_keeps_the_alert_and_its_picture(parts, clock, landing, people, settings):
    alert, mine, _ = landing
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.CONFIRMED, "in court")
    held = RetentionSettings(held_alerts=(alert.id,))
    store = MediaStore(settings.media_folder)
    job = RetentionJob(
        parts.database, store, held, audit=parts.services.audit, clock=clock, review=parts.services.review
    )
    clock.move(1000 * DAY)
    job.work()
    assert parts.services.media.has((mine,)) == {mine}
    assert parts.services.alerts.get(SYSTEM, alert.id)


def test_document_hashes_live_a_week(parts, clock):
    from tapal_server.passages.rows import read_rows

    row = {"record_id": "1", "recorded_at": "2026-03-02T06:00:00Z", "direction": "masuk", "checkpoint": "TTK"}
    parts.services.passages.take(SYSTEM, "x", *read_rows([row | {"document_number": "X1"}], name="x", key=b"k"))
    clock.move(7 * DAY + 1)
    assert parts.retention.work() == {"document_hashes": 1}
    assert count(parts, PassageRow) == 1
    with parts.database.read() as session:
        assert session.scalars(select(PassageRow.document_hash)).all() == [None]


def test_a_report_counts_what_was_seen_logged_and_judged(parts, clock, landing, people):
    alert, _, _ = landing
    clock.move(600)
    parts.services.alerts.acknowledge(people.officer, alert.id)
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.FALSE_ALARM, "fishermen")
    until = START + timedelta(days=1)
    report = parts.services.reports.period(people.officer, START, until)
    assert [(one.site, one.direction, one.seen, one.logged) for one in report.traffic if one.seen] == [
        ("tunon-taka", "inbound", 1, 0),
        ("bambangan", "inbound", 1, 0),
    ]
    (presence,) = report.kinds
    assert (presence.raised, presence.false_alarm, presence.precision) == (1, 1, 0.0)
    assert (report.acknowledged_after, report.busiest_hour, report.hours_over_budget) == (10.0, 1, 0)
    for language, title in (("id", "Lalu lintas"), ("en", "Traffic")):
        book = load_workbook(io.BytesIO(to_workbook(report, language=language)))
        assert book.worksheets[0].title == title
        assert [cell.value for cell in book.worksheets[0][2]][:3] == [
            "tunon-taka", "masuk" if language == "id" else "inbound", 1,
        ]  # fmt: skip


def test_a_report_shows_only_ones_own_sites(parts, landing, people):
    until = START + timedelta(days=1)
    assert parts.services.reports.period(people.elsewhere, START, until).sites == ("bambangan",)
    with pytest.raises(NotFoundError):
        parts.services.reports.period(people.elsewhere, START, until, site="tunon-taka")
    with pytest.raises(InvalidError):
        parts.services.reports.period(people.officer, until, START)
    trainer = people.officer.__class__(name="t", display_name="t", permissions=frozenset())
    with pytest.raises(ForbiddenError):
        parts.services.reports.period(trainer, START, until)


def test_the_command_finds_a_chain_that_was_cut(parts, settings, tmp_path, backend):
    head = parts.anchor.write()
    assert parts.anchor.write() is None, "it did not move"
    assert read_anchors(settings.data_dir / "audit-anchors.jsonl") == (head,)
    config = tmp_path / "server.yaml"
    config.write_text(f"{{database: '{settings.database}', data_dir: data, sites: sites.yaml}}", encoding="utf-8")
    whole = CliRunner().invoke(app, ["audit", "verify", "--config", str(config)])
    assert (whole.exit_code, whole.stdout) == (0, "the audit chain is whole, and holds 1 anchored heads\n")
    with parts.database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.seq == head.seq))
    cut = CliRunner().invoke(app, ["audit", "verify", "--config", str(config)])
    assert cut.exit_code == 1
    assert f"entry {head.seq} was anchored" in cut.stderr


def test_the_table_of_periods_names_every_setting_and_its_default():
    text = (Path(__file__).parents[2] / "docs/data-protection/retention.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d/-]+) \|", text, re.MULTILINE))
    assert rows.keys() == RetentionSettings.model_fields.keys()
    periods = {name: float(Fraction(days)) for name, days in rows.items() if days != "-"}
    assert periods == RetentionSettings().model_dump(exclude={"held_alerts"})


def test_an_event_that_was_deleted_is_not_stored_again_when_it_is_played_again(parts, clock):
    edge = Edge()
    events = edge.crossings(3)
    parts.intake.take(edge.sent(*events))
    clock.move(31 * 86400)
    assert parts.retention.work()["events"] == 3
    now = clock.now().timestamp() - START.timestamp()
    (answer,) = parts.intake.take([*edge.sent(*events), *edge.sent(edge.crossing(now))])
    assert answer.ack.through == 4
    with parts.database.read() as session:
        assert session.scalars(select(EventRow.seq)).all() == [4]


def test_an_event_of_an_earlier_epoch_that_was_deleted_is_refused_when_it_is_played_again(parts, clock, people):
    edge = Edge()
    events = edge.crossings(5)
    parts.intake.take(edge.sent(*events))
    restored = Edge(seq=2)  # from a backup: numbers 3 and 4 are used again, for other events
    parts.intake.take(restored.sent(restored.crossing(10), restored.crossing(11)))
    clock.move(31 * DAY)
    assert parts.retention.work()["events"] == 7
    now = clock.now().timestamp() - START.timestamp()
    parts.intake.take([*edge.sent(*events), *restored.sent(restored.crossing(now))])
    (answer,) = parts.intake.take(restored.sent(restored.crossing(now + 1)))
    assert answer.ack.through == 6, "what was played again stands in nobody's place"
    with parts.database.read() as session:
        assert session.scalars(select(EventRow.seq).order_by(EventRow.seq)).all() == [5, 6]
    counted = [(one.node, one.reason, one.count) for one in parts.services.nodes.refused(people.admin).counts]
    assert counted == [("nunukan-01", "replayed", 5)]


def test_what_waited_for_longer_than_events_are_kept_is_taken_from_the_start_that_sends_it(parts, clock):
    edge = Edge()
    waiting = edge.crossings(2)
    clock.move(40 * DAY)
    anew = edge.restarted()
    now_under = [one.model_copy(update={"boot": anew.boot}) for one in waiting]
    (answer,) = parts.intake.take(anew.sent(*now_under))
    assert answer.ack.through == 2


def test_a_node_that_was_set_up_anew_is_believed_though_its_old_events_are_deleted(parts, clock):
    edge = Edge()
    parts.intake.take(edge.sent(*edge.crossings(3)))
    clock.move(31 * 86400)
    parts.retention.work()
    anew, now = Edge(), clock.now().timestamp() - START.timestamp()
    parts.intake.take(anew.sent(anew.crossing(now), anew.crossing(now + 1)))
    with parts.database.read() as session:
        assert session.scalars(select(EventRow.seq).order_by(EventRow.seq)).all() == [1, 2]
