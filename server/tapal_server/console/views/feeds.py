"""Feeds: whose logs come in, how their columns are read, and what a file would become."""

from collections.abc import Mapping, Sequence

from tapal_contract.errors import TapalError
from tapal_server.console import format as shown
from tapal_server.console.feeds import CODED, FIELDS, Draft
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.console.views.forms import choice, field, file_field
from tapal_server.console.views.samples import sample
from tapal_server.console.views.tables import table
from tapal_server.feeds.service import FeedView, Preview
from tapal_server.passages.fields import REQUIRED

FORMATS = (("csv", "CSV"), ("jsonl", "JSON Lines"), ("xlsx", "Excel (xlsx)"))
ENCODINGS = (("utf-8", "UTF-8"), ("windows-1252", "Windows-1252"), ("utf-16", "UTF-16"))
MOST_PROBLEMS = 8


def listing(found: Sequence[FeedView], names: Mapping[str, str], zone: str, words: Words) -> Html:
    """Each feed with its health."""
    if not found:
        return common.empty(words("feeds.empty"), words("feeds.empty.next"))
    return tag("div", [_feed(one, names, zone, words) for one in found], class_="handovers")


def _feed(one: FeedView, names: Mapping[str, str], zone: str, words: Words) -> Html:
    look, said = ("bad", "silent") if one.silent else ("good", "well") if one.last_row_at else ("wait", "waiting")
    last = words("feeds.last", time=shown.full(one.last_row_at, zone)) if one.last_row_at else words("feeds.never")
    changed = words(
        "feeds.changed", by=names.get(one.changed_by, one.changed_by), time=shown.full(one.changed_at, zone)
    )
    return tag(
        "section",
        tag("div", tag("h2", one.name), tag("span", words(f"feeds.{said}"), class_=f"pill {look}"), class_="row"),
        tag("p", f"{one.profile.source} · {one.profile.format}"),
        tag("p", last, class_="note"),
        tag("p", words("feeds.problem", reason=one.last_problem), class_="warnings") if one.last_problem else None,
        tag("p", changed, class_="note"),
        tag("a", words("feeds.open"), href=f"/feeds/{one.name}", class_="button"),
        class_="panel",
    )


def editor(form: Mapping[str, str], token: str, words: Words, *, known: bool, problem: str) -> Html:
    """The mapping: source and file, the columns, codes, and rows that take a record back."""
    return tag(
        "form",
        tag("p", problem, class_="error", role="alert") if problem else None,
        tag("input", type="hidden", name="draft", value=token),
        tag(
            "div",
            field(
                "name", words("feeds.name"), value=form.get("name", ""), maxlength="64", pattern="[A-Za-z0-9_\\-]+",
                readonly=known, hint=words("feeds.name.hint"),
            ),
            field("source", words("feeds.source"), value=form.get("source", ""), maxlength="64"),
            choice("format", words("feeds.format"), FORMATS, form.get("format", "")),
            choice("encoding", words("feeds.encoding"), ENCODINGS, form.get("encoding", "")),
            choice("delimiter", words("feeds.delimiter"), _delimiters(words), form.get("delimiter", "")),
            field("timezone", words("feeds.timezone"), value=form.get("timezone", ""), maxlength="64"),
            _optional("silent_after_minutes", form, words, inputmode="decimal"),
            class_="fields",
        ),
        tag("h2", words("feeds.columns")),
        tag("p", words("feeds.columns.how"), class_="note"),
        _columns(form, words),
        tag("h2", words("feeds.meaning")),
        tag(
            "div",
            _lines("times", words("feeds.times"), form, hint=words("feeds.times.hint")),
            [_lines(f"codes_{name}", words(f"feeds.codes.{name}"), form, hint=words("feeds.codes.hint"))
             for name in CODED],
            _lines("column_codes", words("feeds.column_codes"), form, hint=words("feeds.column_codes.hint")),
            [_lines(f"codes_{name}", words("feeds.codes.of", name=words(f"feeds.field.{name}")), form,
                    hint=words("feeds.codes.hint"))
             for name in FIELDS if name not in CODED and form.get(f"codes_{name}")],
            _optional("withdrawn_column", form, words),
            _optional("withdrawn_values", form, words, hint=True),
            _optional("mrz", form, words, hint=True),
            class_="fields",
        ),
        tag("h2", words("feeds.try")),
        file_field("file", words("feeds.file"), hint=words("feeds.file.hint"), required=False),
        tag(
            "div",
            tag("button", words("feeds.look"), type="submit", name="act", value="try", class_="button primary"),
            tag("button", words("feeds.save"), type="submit", name="act", value="save", class_="button"),
            tag("a", words("app.cancel"), href="/feeds", class_="button quiet"),
            class_="row",
        ),
        method="post",
        action="/feeds/draft",
        enctype="multipart/form-data",
        class_="panel",
    )  # fmt: skip


def _delimiters(words: Words) -> tuple[tuple[str, str], ...]:
    return ((",", words("feeds.comma")), (";", words("feeds.semicolon")), ("tab", words("feeds.tab")), ("|", "|"))


def _columns(form: Mapping[str, str], words: Words) -> Html:
    """For each of our fields the column of the file, or what is the same in every row."""
    rows = [
        (
            join(words(f"feeds.field.{name}"), tag("span", " *", aria_hidden="true") if name in REQUIRED else None),
            _cell(f"column_{name}", words("feeds.column.of", name=words(f"feeds.field.{name}")), form, name),
            _cell(f"constant_{name}", words("feeds.constant.of", name=words(f"feeds.field.{name}")), form, ""),
        )
        for name in FIELDS
    ]
    heads = [words("feeds.field"), words("feeds.column"), words("feeds.constant")]
    return table(words("feeds.columns"), heads, rows)


def _cell(name: str, label: str, form: Mapping[str, str], hint: str) -> Html:
    value = form.get(name, "")
    return tag(
        "input", name=name, value=value, placeholder=hint or None, aria_label=label, maxlength=300, class_="input"
    )


def _optional(name: str, form: Mapping[str, str], words: Words, *, hint: bool = False, **attributes: str) -> Html:
    told = words(f"feeds.{name}.hint") if hint else ""
    return field(name, words(f"feeds.{name}"), hint=told, required=False, value=form.get(name, ""), **attributes)


def _lines(name: str, label: str, form: Mapping[str, str], *, hint: str) -> Html:
    area = tag("textarea", form.get(name, ""), id=name, name=name, rows=3, class_="input mono")
    return tag("div", tag("label", label, for_=name), area, tag("span", hint, class_="hint"), class_="field")


def tried(draft: Draft, zone: str, words: Words) -> Html:
    """What the file became by the mapping."""
    if draft.preview is None:
        return Html("")
    found = draft.preview
    told = words("feeds.tried", name=draft.file_name, read=found.read, bad=len(found.problems), back=found.withdrawn)
    return tag(
        "section",
        tag("h2", words("feeds.preview")),
        tag("p", told, class_="banner bad" if found.problems else "banner good", role="status"),
        sample(words("feeds.preview"), found.records, zone, words) if found.records else None,
        _problems(found, words),
        class_="panel",
        id="preview",
    )


def _problems(found: Preview, words: Words) -> Html | None:
    if not found.problems:
        return None
    lines = [tag("li", words("passages.line", n=bad.line, reason=bad.reason)) for bad in found.problems[:MOST_PROBLEMS]]
    return join(tag("h3", words("passages.problems")), tag("ul", lines, class_="warnings"))


def take_form(name: str, words: Words) -> Html:
    """A file of this feed, taken in."""
    return tag(
        "form",
        tag("h2", words("feeds.take")),
        file_field("taken", words("feeds.file")),
        tag("button", words("feeds.take.button"), type="submit", class_="button"),
        method="post",
        action=f"/feeds/{name}/take",
        enctype="multipart/form-data",
        class_="panel",
    )


def explain_draft(problem: TapalError | None, words: Words) -> str:
    """What is wrong with a mapping: the field is the reader's own word for it."""
    return words("feeds.wrong", reason=problem) if problem is not None else ""
