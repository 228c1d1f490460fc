"""Sentences for what the engine says in codes and data: the reason, innocent readings, what would settle it.

Pure, and the same for console, notifications, reports and exports. A code without a sentence gets a general one of its
kind: nobody ever reads a code.
"""

from collections.abc import Mapping
from typing import Any

from tapal_server.wording import en
from tapal_server.wording import id as indonesian

__all__ = ["LANGUAGES", "closed", "duration", "innocent", "reason", "settle"]

LANGUAGES: Mapping[str, Mapping[str, str]] = {"id": indonesian.SENTENCES, "en": en.SENTENCES}


def reason(kind: str, code: str, data: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Why an alert was raised, in one or more sentences."""
    found = _sentence(language, f"reason.{code}", data)
    return (found or _sentence(language, f"kind.{kind}", data) or LANGUAGES[language]["kind.other"],)


def closed(code: str, data: Mapping[str, Any], language: str) -> str:
    """Why an alert closed by itself."""
    return _sentence(language, f"closed.{code}", data) or LANGUAGES[language]["closed.other"]


def innocent(code: str, probability: float | None, language: str) -> str | None:
    """An innocent reading, with its share of what is open where it is known; None for a code without a sentence."""
    found = _sentence(language, f"innocent.{code}", {})
    if found is None or probability is None or probability < 0.01:
        return found
    return f"{found} {LANGUAGES[language]['innocent.share'].format(percent=round(probability * 100))}"


def settle(kind: str, language: str) -> tuple[str, ...]:
    """What somebody could look at or ask to settle an alert of this kind."""
    texts = LANGUAGES[language]
    return tuple(texts[key] for key in sorted(texts) if key.startswith(f"settle.{kind}."))


def duration(seconds: float, language: str) -> str:
    """A length of time in the unit people would say."""
    texts = LANGUAGES[language]
    if seconds < 90:
        return texts["duration.seconds"].format(n=round(seconds))
    if seconds < 90 * 60:
        return texts["duration.minutes"].format(n=round(seconds / 60))
    return texts["duration.hours"].format(n=round(seconds / 3600))


def _sentence(language: str, key: str, data: Mapping[str, Any]) -> str | None:
    text = LANGUAGES[language].get(key)
    if text is None:
        return None
    people = data.get("people", data.get("count"))
    values = dict(data)
    if "source" in data and "state" in data:
        texts = LANGUAGES[language]
        values["what"] = texts.get(f"source.{data['source']}", "")
        values["how"] = texts.get(f"watch.{data['state']}", texts["watch.other"])
    values |= {name: duration(value, language) for name, value in data.items() if name.endswith("_s")}
    if people is not None:
        one = LANGUAGES[language]["people.one" if people == 1 else "people.many"]
        values["who"] = one.format(n=people)
    try:
        sentence = text.format(**values)
    except KeyError:  # data of another version of the engine: the general sentence is better than half a one
        return None
    return sentence[:1].upper() + sentence[1:]
