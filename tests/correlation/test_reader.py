"""The passage file: good rows kept, bad rows named by line, nothing stored that must not be."""

import pytest

from tapal_server.passages import mrz
from tapal_server.passages.reader import PassageFileError, read_file, read_lines

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
