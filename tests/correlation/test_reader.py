"""The passage file: good rows kept, bad rows named by line, nothing stored that must not be."""

import csv
import io
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_server.passages import mrz
from tapal_server.passages import reader as reading
from tapal_server.passages.fields import OPTIONAL, REQUIRED, RowReader
from tapal_server.passages.reader import PassageFileError, document_hasher, read_file, read_lines

HEADER = "record_id,recorded_at,direction,checkpoint"


def rows(*lines, header=HEADER, key=None):
    report, records = read_lines([header + "\n", *(line + "\n" for line in lines)], key=key)
    return report, list(records)


def test_good_rows_are_kept_and_bad_ones_named():
    report, records = rows(
        "a,2026-03-02T06:00:00+08:00,inbound,GATE",
        "b,2026-03-02 06:00,inbound,GATE",
        "c,2026-03-02T06:00:00+08:00,sideways,GATE",
        "d,2026-03-02T06:00:00+08:00,keluar,GATE",
        "e,2026-03-02T06:00:00+08:00,keluar",
        ",2026-03-02T06:00:00+08:00,masuk,GATE",
    )
    assert [(r.id, r.direction) for r in records] == [("a", "inbound"), ("d", "outbound")]
    assert [bad.line for bad in report.bad] == [3, 4, 6, 7]
    assert "no offset" not in report.bad[0].reason
    assert "such as 2026-03-02T06:00:25.151+08:00" in report.bad[0].reason
    assert "'sideways'" in report.bad[1].reason
    assert report.good == 2


@pytest.mark.parametrize(
    ("text", "direction"),
    [("inbound", "inbound"), ("MASUK", "inbound"), ("outbound", "outbound"), (" Keluar ", "outbound")],
)
def test_direction_takes_both_languages(text, direction):
    _, records = rows(f"a,2026-03-02T06:00:00+08:00,{text},GATE")
    assert records[0].direction == direction


def test_document_number_is_hashed_and_unknown_columns_are_reported():
    header = HEADER + ",document_number,nationality,name"
    report, records = rows("a,2026-03-02T06:00:00Z,masuk,GATE,X0100,IDN,Siti", header=header, key=b"k" * 32)
    assert report.ignored_columns == ("nationality", "name")
    text = repr(records[0])
    assert "X0100" not in text
    assert "Siti" not in text
    _, again = rows("b,2026-03-02T06:00:00Z,masuk,GATE,x0100,IDN,Siti", header=header, key=b"k" * 32)
    assert records[0].document_hash == again[0].document_hash


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param([], "is empty", id="empty"),
        pytest.param(["record_id,time\n"], "lacks recorded_at, direction, checkpoint", id="wrong-header"),
        pytest.param([HEADER + ",direction\n"], "twice", id="repeated-column"),
    ],
)
def test_wrong_header_is_one_sentence(lines, words):
    with pytest.raises(PassageFileError, match=words):
        read_lines(lines, name="p.csv")


def test_missing_file_and_wrong_encoding_are_named(tmp_path):
    with pytest.raises(PassageFileError, match=r"gone\.csv"):
        read_file(tmp_path / "gone.csv")
    (tmp_path / "p.csv").write_bytes(b"record_id\xff\n")
    with pytest.raises(PassageFileError, match="not UTF-8"):
        read_file(tmp_path / "p.csv")


@pytest.mark.parametrize("persons", ["0", "-1", "two", "501", "1.5"])
def test_persons_is_a_small_whole_number(persons):
    report, records = rows(f"a,2026-03-02T06:00:00Z,masuk,GATE,{persons}", header=HEADER + ",persons")
    assert not records
    assert "persons" in report.bad[0].reason


@pytest.mark.parametrize(
    ("zone", "ok"),
    [
        pytest.param("L898902C36UTO7408122F1204159ZE184226B<<<<<10", True, id="icao-example"),
        pytest.param("L898902C46UTO7408122F1204159ZE184226B<<<<<10", False, id="one-character-changed"),
        pytest.param("X001000000", None, id="a-number-only"),
    ],
)
def test_check_digit(zone, ok):
    assert mrz.number_holds(zone) is ok


def by_row(text, key=None):
    """Every row read by itself, as the careful reader does it."""
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    header = [column.strip() for column in next(rows)]
    place = {column: header.index(column) for column in header if column in REQUIRED or column in OPTIONAL}
    reader, kept, bad = RowReader(place, len(header), document_hasher(key)), [], []
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
            if row:
                kept.append(reader.record(row))
        except StopIteration:
            return kept, bad
        except csv.Error as error:
            bad.append((line, f"not CSV ({error})"))
        except ValueError as error:
            bad.append((line, str(error)))


TIMES = st.sampled_from(
    [
        *(
            "2026-03-02T06:00:25.151+08:00",
            "2026-03-02T06:00:25Z",
            "2026-03-02 06:00:25+08:00",
            " 2026-03-02T06:00:25Z ",
        ),
        *("2026-03-02T06:00+08:00", "20260302T060025Z", "2026-03-02T06:00:25.5Z", "2026-03-02T06:00:25.151"),
        *("2026-02-30T06:00:25Z", "1960-03-02T06:00:25Z", "2026-03-02T06:00:25.15\u0665Z", "", " ", "soon"),
    ]
)
ODD = st.sampled_from(
    ["", " ", "x" * 33, "x" * 65, "x" * 129, "x" * 201, "\x00", "\ud800", "\u00a0", "a\nb", '"', "a,b", "\u200b"]
)
CELLS = {
    "recorded_at": TIMES,
    "received_at": TIMES,
    "direction": st.sampled_from(["inbound", "masuk", "KELUAR", " outbound", "sideways", ""]),
    "persons": st.sampled_from(["", "1", " 2 ", "500", "501", "0", "-1", "two", "\u0662", "1" * 201]),
    "document_number": st.sampled_from(["", " ", "x0100", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "<" * 44]),
}


@st.composite
def logs(draw):
    """A log with some of the columns in some order, mostly of good rows."""
    more = draw(st.lists(st.sampled_from([*OPTIONAL, "name", "name "]), unique=True, max_size=5))
    header = draw(st.permutations([*REQUIRED, *more]))
    good = dict.fromkeys(header, "x")
    good |= {"recorded_at": "2026-03-02T06:00:25.151+08:00", "received_at": "2026-03-02T06:00:26Z"}
    good |= {"direction": "masuk", "persons": "1", "document_number": "X1"}
    out = io.StringIO()
    write = csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))).writerow
    write(header)
    for number in range(draw(st.integers(0, 9))):
        row = [f"r{number}" if column == "record_id" else good[column] for column in header]
        for _ in range(draw(st.integers(0, 2))):
            place = draw(st.integers(0, len(header) - 1))
            row[place] = draw(CELLS.get(header[place], ODD) | ODD | st.text(max_size=3))
        row = row[: draw(st.sampled_from([len(row)] * 9 + [len(row) - 1, 0]))]
        write(row)
        out.write(draw(st.sampled_from([""] * 9 + ["\n", '"a"b\n', "x" * 9])))
    return out.getvalue()


@settings(max_examples=300)
@given(logs(), st.sampled_from([1, 2, 5, 1024]))
def test_many_rows_at_once_are_what_each_is_alone(text, together):
    with mock.patch.object(reading, "TOGETHER", together):
        report, records = read_lines(text.splitlines(keepends=True), key=b"k" * 32)
        found = list(records)
    kept, bad = by_row(text, b"k" * 32)
    assert found == kept
    assert [(one.line, one.reason) for one in report.bad] == bad
    assert report.good == len(kept)


def test_rows_before_an_end_that_is_no_text_are_read(tmp_path):
    row = b"a,2026-03-02T06:00:00Z,masuk,GATE\n"
    (tmp_path / "p.csv").write_bytes(HEADER.encode() + b"\n" + 2000 * row + b"\xff\n")
    _, records = read_file(tmp_path / "p.csv")
    kept = []
    with pytest.raises(PassageFileError, match="not UTF-8"):
        kept.extend(records)
    assert len(kept) > 1500
