import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract.errors import MessageError
from tapal_contract.events import MAX_EVENT_BYTES, Crossing, dump, parse_event
from tapal_contract.ids import new_id

MOMENT = datetime(2026, 3, 2, 6, 0, 25, 151000, tzinfo=timezone(timedelta(hours=8)))
BASE = {
    "id": "01958f2e-7c00-7000-8000-000000000001",
    "type": "crossing",
    "node": "nunukan-01",
    "boot": "01958f2e-7c00-7000-8000-000000000002",
    "seq": 7,
    "site": "tunon-taka",
    "camera": "gate-1",
    "time": "2026-03-02T06:00:25.151+08:00",
    "sent_at": "2026-03-02T06:00:26.000+08:00",
    "model": "default@1",
    "line": "gate",
    "direction": "inbound",
    "label": "person",
    "track": 3,
    "confidence": 0.8,
    "box": [0.1, 0.2, 0.3, 0.9],
    "visited": {"counters": 12.5},
    "path": [[0.3, 0.9], [0.2, 0.9]],
}
OTHERS = {
    "zone": {"zone": "counters", "event": "loiter", "label": "person", "track": 1, "seconds": 61.0, "box": BASE["box"]},
    "vessel": {"berth": "pier-2", "event": "arrived", "track": 1, "box": BASE["box"]},
    "camera": {"event": "covered", "detail": "92 % of the view is one colour"},
}
ENVELOPE = {key: BASE[key] for key in ("id", "node", "boot", "seq", "site", "camera", "time", "sent_at", "model")}


@pytest.mark.parametrize("kind", ["crossing", *OTHERS])
def test_each_type_survives_the_wire(kind):
    fields = BASE if kind == "crossing" else {**ENVELOPE, "type": kind, **OTHERS[kind]}
    event = parse_event(json.dumps(fields))
    assert event.type == kind
    assert parse_event(dump(event)) == event
    assert json.loads(dump(event)) == fields


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"type": "face"}, "crossing", id="unknown-type"),
        pytest.param({"age": 30}, "age", id="attribute-of-a-person-has-no-place"),
        pytest.param({"time": "2026-03-02T06:00:25"}, "time", id="time-without-offset"),
        pytest.param({"time": 1772402425}, "RFC 3339", id="time-as-number"),
        pytest.param({"seq": 0}, "seq", id="seq-begins-at-one"),
        pytest.param({"seq": "7"}, "seq", id="seq-as-text"),
        pytest.param({"box": [0.5, 0.2, 0.3, 0.9]}, "x1 <= x2", id="box-inside-out"),
        pytest.param({"box": [0.1, 0.2, 0.3, 1.9]}, "box", id="box-off-the-frame"),
        pytest.param({"confidence": 1.2}, "confidence", id="confidence-above-one"),
        pytest.param({"site": "a/b"}, "site", id="slash-in-site"),
        pytest.param({"id": "seven"}, "UUID", id="id-not-a-uuid"),
        pytest.param({"visited": {"counters": -1.0}}, "visited", id="negative-seconds"),
    ],
)
def test_refuses_and_names_the_field(change, says):
    with pytest.raises(MessageError, match=says):
        parse_event(json.dumps({**BASE, **change}))


@pytest.mark.parametrize("payload", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"{}", b'{"type": []}'])
def test_refuses_what_is_no_message(payload):
    with pytest.raises(MessageError):
        parse_event(payload)


def test_refuses_an_oversized_message_before_reading_it():
    with pytest.raises(MessageError, match="larger"):
        parse_event(b" " * (MAX_EVENT_BYTES + 1))


def test_error_never_echoes_a_secret_of_the_input():
    with pytest.raises(MessageError) as caught:
        parse_event(json.dumps({**BASE, "password": "hunter2"}))
    assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(payload):
    try:
        parse_event(payload)
    except MessageError as error:
        assert str(error)  # noqa: PT017 - either outcome is right; a refusal must say why


fractions = st.floats(0, 1)


@given(
    seq=st.integers(1, 2**53 - 1),
    moment=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    corners=st.tuples(fractions, fractions, fractions, fractions),
    visited=st.dictionaries(st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,10}\Z"), st.floats(0, 1e6), max_size=3),
)
def test_what_is_kept_equals_what_is_sent(seq, moment, corners, visited):
    xs, ys = sorted(corners[:2]), sorted(corners[2:])
    fields = {**BASE, "seq": seq, "time": moment, "sent_at": moment, "visited": visited}
    event = Crossing.model_validate({**fields, "box": (xs[0], ys[0], xs[1], ys[1])})
    assert parse_event(dump(event)) == event


def test_new_ids_are_version_seven_and_sorted():
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {value[14] for value in ids} == {"7"}


def test_time_keeps_its_offset():
    assert json.loads(dump(parse_event(json.dumps(BASE))))["time"] == MOMENT.isoformat(timespec="milliseconds")
