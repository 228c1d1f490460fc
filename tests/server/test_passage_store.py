"""The passage log as rows: large batches, rows that a column cannot hold, and what the command has to import."""

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tapal_contract.times import from_seconds
from tapal_server.db.base import Moment
from tapal_server.db.tables import PassageRow, PassageVersionRow
from tapal_server.errors import ForbiddenError
from tapal_server.passages import bulk
from tapal_server.passages.model import Record, Report
from tapal_server.passages.rows import read_rows
from tapal_server.people.actor import SYSTEM

ROW = {"record_id": "r1", "recorded_at": "2026-03-02T14:00:25.151+08:00", "direction": "masuk", "checkpoint": "TTK"}


def take(parts, rows):
    return parts.services.passages.take(SYSTEM, "simkim", *read_rows(rows, name="x", key=b"k"))


def kept(parts, table=PassageRow):
    with parts.database.read() as session:
        return list(session.scalars(select(table).order_by(table.number)))


@given(st.floats(0, 7_000_000_000))
def test_a_time_is_kept_as_it_is_read(seconds):
    """Both ways of storing a time must give the same milliseconds, or a repeat would look like a correction."""
    assert bulk.milliseconds(seconds) == Moment.stored(from_seconds(seconds))


def test_a_row_says_the_same_after_it_was_stored(parts):
    row = ROW | {"lane": "2", "voyage_id": "V1", "traveller_class": "crew", "persons": 3, "result": "passed"}
    row |= {"received_at": "2026-03-02T15:00:00+08:00", "document_type": "P", "document_number": "X1"}
    assert take(parts, [row]).added == 1
    (found,) = kept(parts)
    assert found.recorded_at == datetime(2026, 3, 2, 6, 0, 25, 151000, tzinfo=UTC)
    assert found.received_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert (found.lane, found.voyage_id, found.traveller_class, found.persons) == ("2", "V1", "crew", 3)
    assert (found.result, found.document_type, found.version, found.withdrawn_at) == ("passed", "P", 1, None)
    assert found.stored_at == parts.services.clock.now()
    assert take(parts, [row]).unchanged == 1
    assert take(parts, [row | {"persons": 2}]).corrected == 1
    assert [one.body["persons"] for one in kept(parts, PassageVersionRow)] == [3]
    assert kept(parts)[0].version == 2


def test_changes_are_numbered_without_a_gap_over_new_and_corrected_rows(parts):
    take(parts, [ROW, ROW | {"record_id": "r2"}])
    take(parts, [ROW | {"lane": "9"}, ROW | {"record_id": "r2"}, ROW | {"record_id": "r3"}])
    assert [(one.record_id, one.change) for one in kept(parts)] == [("r1", 3), ("r2", 2), ("r3", 4)]


def test_more_rows_may_be_taken_back_than_a_statement_has_parameters(parts):
    """A file of withdrawals was one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535."""
    take(parts, [ROW])
    assert parts.services.passages.withdraw(SYSTEM, "simkim", [f"x{number}" for number in range(70_000)] + ["r1"]) == 1
    assert kept(parts)[0].withdrawn_at is not None


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        pytest.param("record_id", "r" * 129, "record_id is longer than 128 characters", id="long-id"),
        pytest.param("checkpoint", "T" * 65, "checkpoint is longer than 64 characters", id="long-checkpoint"),
        pytest.param("lane", "L" * 65, "lane is longer than 64 characters", id="long-lane"),
        pytest.param("lane", "\ud800", "cannot be stored", id="half-a-character"),
        pytest.param("result", "r" * 33, "result is longer than 32 characters", id="long-result"),
        pytest.param("document_type", "P" * 33, "document_type is longer than 32 characters", id="long-type"),
    ],
)
def test_a_value_that_no_column_holds_is_a_bad_row(parts, column, value, words):
    """PostgreSQL refused the whole batch, and the good rows with it."""
    done = take(parts, [ROW | {"record_id": "good"}, ROW | {column: value}])
    assert (done.added, done.rejected) == (1, 1)
    assert words in done.problems[0].reason


def test_every_bad_row_is_listed_up_to_a_bound_and_the_others_are_counted(parts, people):
    report = Report("long.csv", cap=5_100)
    for line in range(2, 5_302):
        report.refuse(line, "=lane\x00 '1'")
    done = parts.services.passages.take(SYSTEM, "simkim", report, [])
    assert (done.rejected, len(done.problems)) == (5_300, 100)
    rows = list(csv.reader("".join(parts.services.passage_log.rejected_csv(people.supervisor, done.id)).splitlines()))
    assert (rows[0], rows[1], rows[5_100]) == (["line", "reason"], ["2", "'=lane '1'"], ["5101", "'=lane '1'"])
    assert rows[5_101:] == [["", "200 more are not listed; 100,000 of a file are"]]
    with pytest.raises(ForbiddenError):
        parts.services.passage_log.rejected_csv(people.auditor, done.id)


def test_a_nul_in_a_file_is_a_bad_row(parts, tmp_path):
    from tapal_server.passages.reader import read_file

    file = tmp_path / "log.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow([*ROW, "lane"])
        rows.writerows([[*ROW.values(), "1\x002"], [*(ROW | {"record_id": "good"}).values(), "2"]])
    done = parts.services.passages.take(SYSTEM, "simkim", *read_file(file))
    assert (done.added, done.rejected) == (1, 1)
    assert "lane" in done.problems[0].reason


def test_a_record_with_a_time_beyond_the_calendar_is_a_bad_row(parts):
    done = take(parts, [ROW | {"recorded_at": "0001-01-01T00:00:00+08:00"}, ROW | {"record_id": "good"}])
    assert (done.added, done.rejected) == (1, 1)


def test_a_large_file_goes_in_batches_that_are_counted(parts):
    start = datetime(2026, 3, 2, tzinfo=UTC)
    records = [
        Record(id=f"r{n}", checkpoint="TTK", direction="inbound", time=at, received_at=at)
        for n, at in enumerate((start + timedelta(seconds=n)).timestamp() for n in range(12_001))
    ]
    ticks = []
    done = parts.services.passages.take(SYSTEM, "simkim", Report("x"), records, tick=ticks.append)
    assert (done.added, sum(ticks), len(ticks)) == (12_001, 12_001, 3)


def test_the_command_waits_for_no_library_of_the_engine():
    """Importing scipy and openpyxl took longer than 10,000 rows."""
    script = "import sys, tapal_server.cli; print([one for one in ('scipy', 'openpyxl', 'fpdf') if one in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
