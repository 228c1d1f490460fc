import re
import string
from pathlib import Path

import pytest

import tapal_server.console
from tapal_server.console.i18n import HELP, LANGUAGES, words
from tapal_server.console.i18n.one_en import ONE
from tapal_server.console.serving import ACTIONS

SOURCES = sorted(Path(tapal_server.console.__path__[0]).rglob("*.py"))
INDONESIAN, ENGLISH = LANGUAGES["id"], LANGUAGES["en"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert INDONESIAN.keys() == ENGLISH.keys()


def test_both_languages_name_the_same_values():
    assert [key for key in INDONESIAN if fields(INDONESIAN[key]) != fields(ENGLISH[key])] == []


def test_no_text_is_empty_or_looks_like_a_key():
    for texts in LANGUAGES.values():
        assert [
            key for key, text in texts.items() if not text.strip() or re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text)
        ] == []


def test_every_key_in_the_source_has_a_text():
    used = {key for path in SOURCES for key in re.findall(r'words\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8"))}
    assert len(used) > 40
    assert used - INDONESIAN.keys() == set()


def test_whatever_stands_in_the_history_of_an_alert_has_a_text():
    written = {"raised", "updated", "explained", "escalated", "note", "welfare", "unwelfare", *ACTIONS.values()}
    written |= {"share", "unshare", "attach", "detach", "tie", "untie"}
    assert {name for name in written if not words("id").has(f"history.{name}")} == set()


def test_an_unknown_language_is_indonesian():
    assert words("xx").language == "id"
    assert words(None).language == "id"


def test_a_code_without_a_text_is_made_readable():
    assert words("en").either("kind", "night_landing") == "night landing"


def test_every_page_has_help_in_both_languages():
    assert HELP["id"].keys() == HELP["en"].keys()
    assert {page: len(told) for page, told in HELP["id"].items()} == {
        page: len(told) for page, told in HELP["en"].items()
    }


@pytest.mark.parametrize(
    ("language", "value", "places", "written"),
    [
        ("id", 75.94, 1, "75,9"),
        ("en", 75.94, 1, "75.9"),
        ("id", 20.0, 1, "20"),
        ("en", 100.0, 0, "100"),
        ("id", 0.25, 2, "0,25"),
        ("en", 0.004, 2, "0"),
        ("id", -0.001, 1, "0"),
    ],
)
def test_numbers_are_written_as_people_of_the_language_write_them(language, value, places, written):
    assert words(language).number(value, places) == written


def test_texts_for_one_name_nothing_that_the_text_for_more_does_not():
    assert [key for key, text in ONE.items() if not fields(text) <= fields(ENGLISH[key])] == []


@pytest.mark.parametrize(
    ("language", "n", "written"),
    [("en", 0, "0 open alerts"), ("en", 1, "1 open alert"), ("en", "1", "1 open alert"), ("en", 21, "21 open alerts"),
     ("id", 1, "1 peringatan terbuka")],
)  # fmt: skip
def test_one_is_not_many_in_english(language, n, written):
    assert words(language)("map.alerts", n=n) == written
