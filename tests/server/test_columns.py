"""What is read many at a time is what is read one by one."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_server.columns import each, filled, printable, seconds_of
from tapal_server.correlation.types import Crossing
from tapal_server.passages.fields import seconds

ZONES = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1969, 12, 30), datetime(2200, 1, 3), timezones=ZONES | st.just(UTC))  # noqa: DTZ001
USUAL = st.tuples(
    TIMES, st.sampled_from(["seconds", "milliseconds", "microseconds"]), st.booleans(), st.sampled_from("T ")
)


def written(time, timespec, zulu, between):
    text = time.isoformat(between, timespec)
    return text.removesuffix("+00:00") + "Z" if zulu and text.endswith("+00:00") else text


def one(text):
    try:
        return seconds(text)
    except ValueError:
        return None


@given(st.lists(USUAL.map(lambda told: written(*told)), max_size=8))
def test_times_of_the_usual_shapes_are_what_they_are_alone_to_the_last_bit(texts):
    assert [None if np.isnan(found) else found for found in seconds_of(texts)] == [one(text) for text in texts]


@given(
    st.lists(
        st.tuples(
            USUAL.map(lambda told: written(*told)), st.integers(0, 31), st.characters(codec="utf-8"), st.booleans()
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_taken_for_a_time_is_one(spoiling):
    texts = [text[:at] + (sign if put else "") + text[at + 1 :] for text, at, sign, put in spoiling]
    for text, found in zip(texts, seconds_of(texts), strict=True):
        assert np.isnan(found) or found == one(text), text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-02-29T06:00:25Z", id="no-leap-year"),
        pytest.param("2026-04-31T06:00:25Z", id="no-such-day"),
        pytest.param("2026-00-01T06:00:25Z", id="no-month"),
        pytest.param("2026-13-01T06:00:25Z", id="thirteen-months"),
        pytest.param("2026-03-00T06:00:25Z", id="no-day"),
        pytest.param("2026-03-02T24:00:00Z", id="hour-24"),
        pytest.param("2026-03-02T06:60:25Z", id="minute-60"),
        pytest.param("2026-03-02T06:00:60Z", id="leap-second"),
        pytest.param("2026-03-02T06:00:25+24:00", id="offset-of-a-day"),
        pytest.param("2026-03-02T06:00:25.151", id="no-offset"),
        pytest.param("2026-03-02T06:00:25.1\u06651Z", id="another-digit"),
        pytest.param("1969-12-31T23:59:59Z", id="too-early"),
        pytest.param("2200-01-01T00:00:00Z", id="too-late"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_time_is_left_to_the_reader_of_one(text):
    assert one(text) is None
    found = seconds_of([text, "2024-02-29T06:00:25.151+08:00"])
    assert np.isnan(found[0])
    assert found[1] == seconds("2024-02-29T06:00:25.151+08:00")


def test_no_times_are_none():
    assert seconds_of([]).tolist() == []


@pytest.mark.parametrize("text", ["", *map(chr, range(300)), "a\u200b", "\ud800", "a b~"])
def test_printable_is_what_str_says(text):
    assert printable("a" + text) == ("a" + text).isprintable()


def test_each_is_asked_once():
    asked = []
    assert each(["b", "a", "b"], lambda text: asked.append(text) or text.upper()) == ["B", "A", "B"]
    assert sorted(asked) == ["a", "b"]


def test_filled_values_are_those_of_the_constructor():
    told = {"id": "a", "site": "s", "line": "l", "direction": "inbound", "time": 1.5, "received_at": 2.5}
    told |= {"label": "person", "confidence": 0.5, "camera": "c", "visited": {"desk": 3.0}}
    made = filled(Crossing, {name: [value, value] for name, value in told.items()}, 2)
    assert made == [Crossing(**told)] * 2
    with pytest.raises(AttributeError):
        made[0].time = 3.0


def test_a_field_that_is_forgotten_is_found_at_once():
    with pytest.raises(TypeError, match="Crossing has the fields id, site"):
        filled(Crossing, {"id": ["a"]}, 1)
