"""The console's words, as plain data: for each group of pages one module per language, named `<group>_<language>`."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tapal_server.console.i18n.one_en import ONE

__all__ = ["DEFAULT", "HELP", "LANGUAGES", "Words", "words"]

CODES = ("id", "en")
DEFAULT = "id"
GROUPS = (
    "admin",
    "alert",
    "archive",
    "audit",
    "camera",
    "cameras",
    "case",
    "clip",
    "duty",
    "errors",
    "feeds",
    "gates",
    "help",
    "map",
    "models",
    "passages",
    "people",
    "planned",
    "reconciliation",
    "reports",
    "review",
    "rules",
    "shell",
    "shelves",
    "sign_in",
    "start",
    "voyages",
)


def _joined(name: str, language: str) -> dict[str, Any]:
    """What all groups say in one language; a key that two of them give is a mistake."""
    joined: dict[str, Any] = {}
    for group in GROUPS:
        for key, text in getattr(import_module(f"{__name__}.{group}_{language}"), name).items():
            if key in joined:
                raise KeyError(f"{group}_{language}: another group has the key {key!r} too")
            joined[key] = text
    return joined


LANGUAGES: dict[str, dict[str, str]] = {code: _joined("TEXTS", code) for code in CODES}
HELP: dict[str, dict[str, tuple[str, ...]]] = {code: _joined("HELP", code) for code in CODES}


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; call it with a key and what the text names in braces."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The text of the key, with the named values put in; where `n` is 1, the text for one, if there is one."""
        one = ONE.get(key) if self.language == "en" and str(values.get("n")) == "1" else None
        text = one or LANGUAGES[self.language][key]
        return text.format(**values) if values else text

    def number(self, value: float, places: int = 1) -> str:
        """A number as people of the language write it: 75,9 in Indonesian, 75.9 in English; never a trailing zero."""
        text = f"{value:z.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", ",") if self.language == "id" else text

    def help(self, page: str) -> tuple[str, ...]:
        """The paragraphs of a page's help."""
        return HELP[self.language][page]

    def has_help(self, page: str) -> bool:
        """Whether there is help for this page."""
        return page in HELP[self.language]

    def has(self, key: str) -> bool:
        """Whether this key has a text."""
        return key in LANGUAGES[self.language]

    def either(self, prefix: str, name: str) -> str:
        """The text of `prefix.name`, or the bare name made readable where there is none (a site's own codes)."""
        key = f"{prefix}.{name}"
        return self(key) if self.has(key) else name.replace("_", " ")


def words(language: str | None) -> Words:
    """The texts of a language, of Indonesian where it is unknown."""
    return Words(language if language in LANGUAGES else DEFAULT)
