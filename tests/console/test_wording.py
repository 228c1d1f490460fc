import string

import pytest

from tapal_server import wording


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences_with_the_same_values():
    indonesian, english = wording.LANGUAGES["id"], wording.LANGUAGES["en"]
    assert indonesian.keys() == english.keys()
    assert [key for key in indonesian if fields(indonesian[key]) != fields(english[key])] == []


@pytest.mark.parametrize(
    ("code", "data", "sentence"),
    [
        pytest.param(
            "outside_hours",
            {"count": 1, "at": "02:10"},
            "One person crossed at 02:10, outside service hours.",
            id="one",
        ),
        pytest.param(
            "outside_hours", {"count": 4, "at": "02:10"}, "4 people crossed at 02:10, outside service hours.", id="many"
        ),
        pytest.param(
            "blind",
            {"source": "camera", "name": "gate-1", "state": "covered", "since": 0},
            "The camera gate-1 is covered: the gate it watches is blind now.",
            id="blind",
        ),
        pytest.param("brand_new_code", {}, "A camera saw a crossing, and no record fits it.", id="unknown-code"),
        pytest.param("outside_hours", {}, "A camera saw a crossing, and no record fits it.", id="other-data"),
    ],
)
def test_a_reason_is_a_whole_sentence(code, data, sentence):
    assert wording.reason("unlogged_crossing", code, data, "en") == (sentence,)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(40, "40 seconds"), (120, "2 minutes"), (7200, "2 hours")],
    ids=["seconds", "minutes", "hours"],
)
def test_durations(seconds, text):
    assert wording.duration(seconds, "en") == text


def test_an_innocent_reading_tells_its_share_where_it_is_known():
    assert wording.innocent("false_or_double_count", 0.1, "id").endswith("(kira-kira 10%)")
    assert wording.innocent("record_late", None, "id").endswith("tertahan.")
    assert wording.innocent("unheard_of", 0.5, "id") is None
