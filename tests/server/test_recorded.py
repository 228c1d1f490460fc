"""An event file: good crossings kept, bad lines named, and many lines at once read as each alone."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tapal_server.correlation.types import Crossing
from tapal_server.recorded import EventFileError, parse_crossing, read_events

GOOD = {
    "id": "0191-a",
    "type": "crossing",
    "site": "gate",
    "camera": "cam-1",
    "line": "gate",
    "direction": "inbound",
    "label": "person",
    "confidence": 0.616,
    "time": "2026-03-02T06:00:01.938+08:00",
    "received_at": "2026-03-02T06:00:02.201+08:00",
}
DELIVERED = {
    **GOOD,
    "node": "n",
    "boot": "b",
    "seq": 7,
    "sent_at": "2026-03-02T06:00:02Z",
    "model": "m@1",
    "track": 3,
    "box": {"x": 0.1},
    "visited": {"desk": 3, "hall": 2.5},
    "path": [[0.1, 0.2]],
}
VALUES = st.sampled_from(
    [
        *(None, "", "outbound", "zone", 0, -1, 2**64, 10**30, 0.25, True, [], {}, {"a": 1}, {"a": None}, {"a": "b"}),
        *("2026-03-02T06:00:01Z", "2026-03-02 06:00:01.5+08:00", "2026-03-02T06:00", "20260302T060001Z"),
        *(" ", "\u00e9\u0000"),
    ]
) | st.text(max_size=4)
CHANGES = st.dictionaries(st.sampled_from([*DELIVERED, "more"]), VALUES, max_size=2)
GONE = st.sets(st.sampled_from(list(GOOD)), max_size=1)
PATCHES = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 2),
        st.sampled_from(
            [b"", b"\\", b'"', b"\\ud800", b"\xff", b"\xed\xa0\x80", b"\x01", b"1e999", b"01", b"NaN", b"}", b"["]
        )
        | st.binary(max_size=2),
    ),
    max_size=1,
)


def line_of(base, changes, gone, ascii_only, patches):
    told = {key: value for key, value in {**base, **changes}.items() if key not in gone}
    line = json.dumps(told, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for at, long, put in patches:
        line = line[:at] + put + line[at + long :]
    return line.replace(b"\n", b" ")


LINES = st.builds(line_of, st.sampled_from([GOOD, DELIVERED]), CHANGES, GONE, st.booleans(), PATCHES)
OTHERS = st.sampled_from([b"", b"  ", b"\x0b", b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), b"[]", b"{}{}", b"null"])
TWICE = st.builds(
    lambda key, value: json.dumps(DELIVERED).encode()[:-1] + f", {json.dumps(key)}: {json.dumps(value)}}}".encode(),
    st.sampled_from(list(DELIVERED)),
    VALUES,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b" \n"])


def alone(content):
    """What each line is by itself."""
    kept, bad, other = [], [], 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if not line.strip():
            continue
        try:
            crossing = parse_crossing(line)
        except ValueError as error:
            bad.append((number, str(error)))
            continue
        if crossing is None:
            other += 1
        else:
            kept.append(crossing)
    return kept, bad, other


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(LINES | TWICE | OTHERS, ENDS), max_size=6), st.booleans())
@example([(b'{"id":\n"a"}{', b"\n")], True)
@example(
    [(json.dumps(GOOD | {"box": 0}).encode().replace(b'"box": 0', b'"box": ' + b"[" * 2000 + b"]" * 2000), b"\n")], True
)
def test_many_lines_at_once_are_what_each_is_alone(tmp_path, lines, ended):
    content = b"".join(line + end for line, end in lines).replace(b"\r", b" ")
    content = content if ended else content.removesuffix(b"\n")
    (tmp_path / "events.jsonl").write_bytes(content)
    report, crossings = read_events(tmp_path / "events.jsonl")
    found = list(crossings)
    kept, bad, other = alone(content)
    assert found == kept
    assert [type(one.confidence) for one in found] == [type(one.confidence) for one in kept]
    assert ([(one.line, one.reason) for one in report.bad], report.bad_count) == (bad, len(bad))
    assert (report.good, report.other) == (len(kept), other)


def test_a_line_as_a_node_writes_it_is_a_crossing(tmp_path):
    (tmp_path / "events.jsonl").write_text(json.dumps(DELIVERED) + "\n", encoding="utf-8")
    report, crossings = read_events(tmp_path / "events.jsonl")
    assert list(crossings) == [
        Crossing(
            id="0191-a",
            site="gate",
            line="gate",
            direction="inbound",
            time=1772402401.938,
            received_at=1772402402.201,
            confidence=0.616,
            camera="cam-1",
            visited={"desk": 3.0, "hall": 2.5},
        )
    ]
    assert report.good == 1


def test_files_longer_than_what_is_looked_at_at_once_keep_their_line_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr("tapal_server.recorded.TOGETHER", 500)
    lines = [json.dumps(GOOD | {"id": f"c{number}"}) for number in range(20)]
    lines[13] = "{"
    (tmp_path / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    report, crossings = read_events(tmp_path / "events.jsonl")
    assert [one.id for one in crossings] == [f"c{number}" for number in range(20) if number != 13]
    assert [one.line for one in report.bad] == [14]


def test_a_missing_file_is_named(tmp_path):
    _, crossings = read_events(tmp_path / "gone.jsonl")
    with pytest.raises(EventFileError, match=r"gone\.jsonl: cannot be read"):
        list(crossings)
