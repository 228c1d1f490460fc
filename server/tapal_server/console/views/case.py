"""What people add to an alert: files, agencies it is shown to, alerts that belong to it, and taking it along."""

from collections.abc import Mapping, Sequence

from tapal_server.alerts.views import AttachmentView, LinkedView, ShareView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views.common import button
from tapal_server.console.views.forms import choice, field, file_field

ACCEPTED = "image/jpeg,image/png,application/pdf,text/plain"


def files(
    found: Sequence[AttachmentView], alert_id: str, zone: str, names: Mapping[str, str], words: Words, *, may: str
) -> Html:
    """Each file with who added it; `may` is the name of who may remove theirs, `*` for everybody's, empty for none."""
    rows = [
        tag(
            "li",
            tag(
                "a",
                icon("picture" if one.type.startswith("image/") else "data"),
                one.name,
                href=f"/api/v1/alerts/{alert_id}/attachments/{one.id}",
                download=one.name,
            ),
            tag("span", _by(one, zone, names, words), class_="note"),
            button(words("case.remove"), act="detach", key=one.id, look="quiet") if may in {"*", one.by} else None,
        )
        for one in found
    ]
    return tag("ul", rows, class_="members") if rows else tag("p", words("case.no_files"), class_="note")


def _by(one: AttachmentView, zone: str, names: Mapping[str, str], words: Words) -> str:
    size = f"{words.number(one.bytes / 1e6)} MB" if one.bytes > 99_000 else f"{max(1, one.bytes // 1000)} kB"
    return words("case.added", by=names.get(one.by, one.by), time=shown.full(one.at, zone), size=size)


def file_form(alert_id: str, words: Words, *, problem: str) -> Html:
    """A photograph or a paper to add; a plain form, so that a phone's camera can be chosen."""
    return tag(
        "form",
        tag("p", problem, class_="error", role="alert") if problem else None,
        file_field("case-file", words("case.file"), hint=words("case.file.hint"), accept=ACCEPTED),
        tag("button", words("case.attach"), type="submit", class_="button"),
        method="post",
        action=f"/alerts/{alert_id}/files",
        enctype="multipart/form-data",
        class_="inline-form",
    )


def shares(found: Sequence[ShareView], zone: str, names: Mapping[str, str], words: Words, *, may: bool) -> Html:
    """Who else sees it."""
    rows = [
        tag(
            "li",
            tag("b", one.agency),
            tag("span", words("case.shared", by=names.get(one.by, one.by), time=shown.full(one.at, zone))),
            tag("span", one.why, class_="note"),
            button(words("case.unshare"), act="unshare", key=one.id, look="quiet") if may else None,
        )
        for one in found
    ]
    return tag("ul", rows, class_="members") if rows else tag("p", words("case.not_shared"), class_="note")


def share_form(agencies: Sequence[str], words: Words) -> Html:
    """Which agency is to see it, and why."""
    if not agencies:
        return tag("p", words("case.no_agency"), class_="note")
    return tag(
        "form",
        choice("agency", words("case.agency"), [(name, name) for name in agencies]),
        field("why", words("case.why"), hint=words("case.why.hint"), minlength="3", maxlength="1000"),
        tag("button", words("case.share"), type="submit", class_="button"),
        class_="stack",
    )


def downloads(alert_id: str, words: Words) -> Html:
    """The alert as files for others."""
    links = [
        tag(
            "a",
            words(f"case.as.{name}"),
            href=f"/api/v1/alerts/{alert_id}/{name}?language={words.language}",
            class_="button quiet",
            download=f"tapal-{alert_id}.{ending}",
        )
        for name, ending in (("pdf", "pdf"), ("cap", "xml"))
    ]
    return tag("div", links, class_="row")


def linked(found: Sequence[LinkedView], zone: str, words: Words) -> Html | None:
    """Alerts somebody tied to this one."""
    if not found:
        return None
    rows = [
        tag(
            "li",
            tag(
                "a", f"{words.either('kind', one.kind)} · {shown.full(one.time, zone)}", href=f"/alerts/{one.alert_id}"
            ),
            tag("span", one.why, class_="note") if one.why else None,
        )
        for one in found
    ]
    return join(tag("h3", words("case.linked")), tag("ul", rows, class_="members"))
