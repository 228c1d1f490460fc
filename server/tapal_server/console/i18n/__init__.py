"""The console's words, as plain data in one module per language."""

from dataclasses import dataclass

from tapal_server.console.i18n import en, help_en, help_id
from tapal_server.console.i18n import id as indonesian

LANGUAGES: dict[str, dict[str, str]] = {"id": indonesian.TEXTS, "en": en.TEXTS}
HELP: dict[str, dict[str, tuple[str, ...]]] = {"id": help_id.HELP, "en": help_en.HELP}
DEFAULT = "id"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; call it with a key and what the text names in braces."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The text of the key, with the named values put in."""
        text = LANGUAGES[self.language][key]
        return text.format(**values) if values else text

    def help(self, page: str) -> tuple[str, ...]:
        """The paragraphs of a page's help."""
        return HELP[self.language][page]

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
