import io
import json
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from tapal_server.db.tables import PassageRow
from tapal_server.errors import ForbiddenError
from tapal_server.feeds import tables
from tapal_server.feeds.profile import Profile
from tapal_server.feeds.tables import TableError
from tests.server.test_mrz import TD3

SIMKIM = Profile.model_validate(
    {
        "source": "simkim",
        "delimiter": ";",
        "times": ["%d/%m/%Y %H:%M:%S"],
        "fields": {"record_id": "NO", "recorded_at": ["TGL", "JAM"], "direction": "ARAH", "checkpoint": "TPI"},
        "codes": {"direction": {"M": "masuk", "K": "keluar"}, "checkpoint": {"TPI NUNUKAN": "TTK"}},
        "withdrawn": {"column": "STATUS", "values": ["BATAL"]},
        "mrz": "MRZ",
        "silent_after_minutes": 60,
    }
)
HEADER = "NO;TGL;JAM;ARAH;TPI;STATUS;MRZ\n"


def row(number, arah="M", tpi="TPI NUNUKAN", status="", mrz="", tgl="02/03/2026"):
    return f"{number};{tgl};14:00:20;{arah};{tpi};{status};{mrz}\n"


def file(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


@pytest.fixture
def feeds(parts, people):
    parts.services.feeds.save(people.supervisor, "simkim", SIMKIM)
    return parts.services.feeds


def rows_in(database) -> list[PassageRow]:
    with database.read() as session:
        return list(session.scalars(select(PassageRow).order_by(PassageRow.record_id)))


def test_an_agencys_own_columns_codes_and_times_are_understood(parts, people, feeds):
    text = HEADER + row(1, mrz="".join(TD3)) + row(2, arah="K")
    done = feeds.take(people.supervisor, "simkim", file(text))
    assert (done.added, done.rejected) == (2, 0)
    first, second = rows_in(parts.database)
    assert (first.direction, first.checkpoint, second.direction) == ("inbound", "TTK", "outbound")
    assert first.recorded_at.isoformat() == "2026-03-02T06:00:20+00:00", "WITA is eight hours ahead"
    assert (first.document_type, len(first.document_hash)) == ("P", 32)
    assert "L898902C3" not in str(vars(first))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param(row(2, arah="X"), "'X' is not among the profile's codes", id="code"),
        pytest.param(row(2, tgl="32/13/2026"), "fits none of the profile's times", id="time"),
        pytest.param(row(2, mrz="".join(TD3)[:-1] + "9"), "check digits", id="mrz"),
        pytest.param(row(2, mrz="P<UTO"), "90, 72 or 88 signs", id="mrz-length"),
        pytest.param("2;x\n", "has 2 columns", id="columns"),
        pytest.param(row(""), "record_id is empty", id="no-id"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_good_ones_stay(parts, people, feeds, bad, words):
    done = feeds.take(people.supervisor, "simkim", file(HEADER + row(1) + bad + row(3)))
    assert (done.added, done.rejected) == (2, 1)
    (problem,) = done.problems
    assert (problem.line, words in problem.reason) == (3, True)


def test_a_row_can_be_corrected_and_taken_back(parts, people, feeds):
    take = feeds.take
    take(people.supervisor, "simkim", file(HEADER + row(1) + row(2)))
    done = take(people.supervisor, "simkim", file(HEADER + row(1, arah="K") + row(2, status="BATAL")))
    assert (done.added, done.corrected, done.withdrawn) == (0, 1, 1)
    assert [one.withdrawn_at is None for one in rows_in(parts.database)] == [True, False]
    again = take(people.supervisor, "simkim", file(HEADER + row(2)))
    assert again.corrected == 1, "and come back"


def test_a_preview_stores_nothing(parts, people, feeds):
    found = feeds.preview(people.supervisor, SIMKIM, file(HEADER + row(1) + row(2, arah="?")))
    assert ([one.id for one in found.records], [one.line for one in found.problems]) == (["1"], [3])
    assert rows_in(parts.database) == []


def test_a_preview_of_a_long_file_says_what_is_wrong_with_its_first_rows(parts, people, feeds):
    rows = "".join(row(number) for number in range(3, 400))
    found = feeds.preview(people.supervisor, SIMKIM, file(HEADER + row(1) + row("") + rows))
    assert ([one.line for one in found.problems], found.read) == ([3], 201)
    assert "record_id is empty" in found.problems[0].reason


def test_two_agencies_name_a_post_and_a_vessel_differently_and_mean_the_same(parts, people, feeds):
    shared = {"timezone": "Asia/Makassar", "times": ["%d/%m/%Y %H:%M"], "constants": {"direction": "masuk"}}
    profiles = {
        "simkim": {
            "fields": {"recorded_at": "JAM", "checkpoint": "POS", "voyage_id": ["KAPAL", "TGL"], "record_id": "NO"},
            "codes": {"checkpoint": {"NNK01": "TTK"}},
            "column_codes": {"KAPAL": {"LBX": "KM Labuan Express"}},
        },
        "ksop": {
            "fields": {
                "recorded_at": "WAKTU",
                "checkpoint": "DERMAGA",
                "voyage_id": ["NAMA", "HARI"],
                "record_id": "ID",
            },
            "codes": {"checkpoint": {"TUNON TAKA": "TTK"}},
            "column_codes": {"NAMA": {"Labuan Exp.": "KM Labuan Express"}, "HARI": {"02-03": "0302"}},
        },
    }
    for name, values in profiles.items():
        feeds.save(people.supervisor, name, Profile.model_validate({**shared, **values, "source": name}))
    one = "NO,JAM,POS,KAPAL,TGL\n1,02/03/2026 14:00,NNK01,LBX,0302\n2,02/03/2026 14:01,NNK01,XYZ,0302\n"
    other = "ID,WAKTU,DERMAGA,NAMA,HARI\n1,02/03/2026 14:00,TUNON TAKA,Labuan Exp.,02-03\n"
    done = feeds.take(people.supervisor, "simkim", file(one))
    assert "column KAPAL 'XYZ' is not among the profile's codes" in done.problems[0].reason
    feeds.take(people.supervisor, "ksop", file(other))
    assert {(one.source, one.checkpoint, one.voyage_id) for one in rows_in(parts.database)} == {
        ("simkim", "TTK", "KM Labuan Express 0302"), ("ksop", "TTK", "KM Labuan Express 0302"),
    }  # fmt: skip


def test_a_workbook_and_json_lines_are_read_too(parts, people, feeds):
    plain = {"source": "plb", "constants": {"checkpoint": "TTK", "direction": "masuk"}}
    feeds.save(people.supervisor, "book", Profile.model_validate(plain | {"format": "xlsx"}))
    feeds.save(people.supervisor, "lines", Profile.model_validate(plain | {"format": "jsonl"}))
    book = Workbook()
    book.active.append(["record_id", "recorded_at", "persons"])
    book.active.append(["b1", datetime(2026, 3, 2, 14, 0), 2])  # noqa: DTZ001 - as a spreadsheet gives it
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    assert feeds.take(people.supervisor, "book", buffer).added == 1
    lines = [{"record_id": "l1", "recorded_at": "2026-03-02T06:00:00Z"}, {"record_id": "l2"}, []]
    done = feeds.take(people.supervisor, "lines", file("\n".join(json.dumps(line) for line in lines)))
    assert (done.added, [one.line for one in done.problems]) == (1, [2, 3])
    assert rows_in(parts.database)[0].recorded_at.isoformat() == "2026-03-02T06:00:00+00:00"


@pytest.mark.parametrize(
    ("content", "form", "words"),
    [
        pytest.param(b"A;B\n1;2\n", "csv", "lacks columns for record_id from NO", id="columns"),
        pytest.param(b"\xff\xfe\xff", "csv", "is not utf-8 text", id="encoding"),
        pytest.param(b"x" * 100_000, "csv", "longer than", id="no-lines"),
        pytest.param(b"", "csv", "lacks columns", id="empty"),
        pytest.param(b"PK but no workbook", "xlsx", "not an XLSX workbook", id="no-workbook"),
    ],
)
def test_a_file_that_is_no_such_table_gets_a_sentence(people, feeds, content, form, words):
    profile = SIMKIM.model_copy(update={"format": form})
    with pytest.raises(TableError, match=words):
        feeds.preview(people.supervisor, profile, io.BytesIO(content))


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(people, feeds, monkeypatch):
    monkeypatch.setattr(tables, "LARGEST_SHEET", 1000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000)
    bomb.seek(0)
    with pytest.raises(TableError, match="unpacks to 100000 bytes"):
        feeds.preview(people.supervisor, SIMKIM.model_copy(update={"format": "xlsx"}), bomb)


def test_a_feed_without_rows_is_silent(people, feeds, clock):
    assert not feeds.get(people.supervisor, "simkim").silent
    clock.move(3601)
    assert feeds.get(people.supervisor, "simkim").silent
    feeds.take(people.supervisor, "simkim", file(HEADER + row(1)))
    assert not feeds.get(people.supervisor, "simkim").silent


def test_an_officer_does_not_touch_feeds(people, feeds):
    with pytest.raises(ForbiddenError):
        feeds.save(people.officer, "mine", SIMKIM)
