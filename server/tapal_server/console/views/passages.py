"""The passage log: import with preview, imports, records."""

from collections.abc import Sequence

from tapal_server.alerts.views import RecordView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.office import Preview
from tapal_server.console.views import common
from tapal_server.console.views.forms import field, file_field
from tapal_server.console.views.samples import sample
from tapal_server.console.views.tables import pages, table
from tapal_server.paging import Page
from tapal_server.passages.store import ImportView

MOST_PROBLEMS = 12


def file_form(words: Words, *, problem: bool) -> Html:
    """Choose a file; nothing is stored before its preview was seen."""
    return tag(
        "form",
        tag("h2", words("passages.import")),
        tag("p", words("passages.problem"), class_="error", role="alert") if problem else None,
        file_field("file", words("passages.file"), hint=words("passages.columns"), accept=".csv,text/csv"),
        tag("button", words("passages.look"), type="submit", class_="button primary"),
        method="post",
        action="/passages/offer",
        enctype="multipart/form-data",
        class_="panel",
    )


def preview(found: Preview, zone: str, words: Words, *, problem: bool = False) -> Html:
    """What would be taken, what not, and the button that takes it; a plain form, which needs no live connection."""
    report = found.report
    return tag(
        "form",
        tag("h2", words("passages.preview", name=found.name)),
        tag("p", words("passages.not_taken"), class_="error", role="alert") if problem else None,
        tag(
            "p",
            words("passages.counts", good=report.good, bad=report.bad_count),
            class_="banner good" if not report.bad_count else "banner bad",
        ),
        tag("p", words("passages.ignored", names=", ".join(report.ignored_columns)), class_="note")
        if report.ignored_columns
        else None,
        sample(words("passages.sample"), found.sample, zone, words),
        _problems(found, words),
        tag("input", type="hidden", name="token", value=found.token),
        field("source", words("passages.source"), hint=words("passages.source.hint"), maxlength="64", value="simkim"),
        tag(
            "div",
            tag(
                "button",
                words("passages.take", n=report.good),
                type="submit",
                class_="button primary",
                disabled=not report.good,
            ),
            tag("a", words("app.cancel"), href="/passages", class_="button"),
            class_="row",
        ),
        method="post",
        action="/passages/take",
        class_="panel",
    )


def _problems(found: Preview, words: Words) -> Html | None:
    if not found.report.bad:
        return None
    listed = [
        tag("li", words("passages.line", n=bad.line, reason=bad.reason)) for bad in found.report.bad[:MOST_PROBLEMS]
    ]
    more = found.report.bad_count - len(listed)
    return join(
        tag("h3", words("passages.problems")),
        tag("ul", listed, class_="warnings"),
        tag("p", words("passages.more", n=more), class_="note") if more > 0 else None,
    )


def imports(found: Sequence[ImportView], zone: str, words: Words) -> Html:
    """What was taken in last."""
    if not found:
        return common.empty(words("passages.no_imports"), words("passages.no_imports.next"))
    heads = [words(f"passages.{name}") for name in ("time", "source", "by", "added", "corrected", "rejected")]
    rows = [
        (shown.full(one.at, zone), one.source, one.by, str(one.added), str(one.corrected), _rejected(one))
        for one in found
    ]
    return table(words("passages.imports"), heads, rows)


def _rejected(one: ImportView) -> str | Html:
    if not one.rejected:
        return "0"
    return tag("a", str(one.rejected), href=f"/api/v1/passages/imports/{one.id}/rejected.csv", download=True)


def records(found: Page[RecordView], zone: str, words: Words) -> Html:
    """The log itself; it never holds a document number or a name."""
    if not found.items:
        return common.empty(words("passages.empty"), words("passages.empty.next"))
    heads = [words(f"passages.{name}") for name in ("time", "direction", "checkpoint", "lane", "persons", "source")]
    rows = [
        (
            shown.full(one.recorded_at, zone),
            words.either("direction", one.direction),
            one.checkpoint,
            one.lane or "-",
            str(one.persons),
            one.source,
        )
        for one in found.items
    ]
    return join(
        tag("p", words("passages.total", n=found.total), class_="note"),
        table(words("passages.records"), heads, rows),
        pages("/passages", found.paging.number, found.pages, words),
    )
