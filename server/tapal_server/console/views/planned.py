"""Planned movements: which are entered, and the form that enters one."""

from collections.abc import Mapping

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, forms
from tapal_server.console.views.tables import pages, table
from tapal_server.console.views.voyages import status
from tapal_server.correlation.types import Site
from tapal_server.paging import Page
from tapal_server.voyages.entries import PLAN_KINDS, PlanEntry
from tapal_server.voyages.views import PlanView


def listing(found: Page[PlanView], sites: Mapping[str, Site], words: Words, *, may_change: bool) -> Html:
    """What is entered, the newest first."""
    if not found.items:
        return common.empty(words("planned.empty"), words("planned.empty.next"))
    heads = [words(f"planned.{name}") for name in ("window", "place", "kind", "persons", "came", "note", "by", "state")]
    rows = [_row(one, sites, words, may_change=may_change) for one in found.items]
    return join(table(words("planned.title"), heads, rows), pages("/planned", found.paging.number, found.pages, words))


def _row(one: PlanView, sites: Mapping[str, Site], words: Words, *, may_change: bool) -> tuple[str | Html | None, ...]:
    site = sites.get(one.site)
    zone, name = (site.timezone, site.name or one.site) if site else ("UTC", one.site)
    direction = words.either("direction", one.direction) if one.direction else words("planned.both")
    live = one.status in {"scheduled", "under_way"}
    cancel = common.button(words("planned.cancel"), act="cancel_plan", key=one.id) if live and may_change else None
    return (
        _window(one, zone),
        " · ".join(part for part in (name, one.line, direction) if part),
        words(f"planned.kind.{one.kind}"),
        str(one.persons) if one.persons is not None else "-",
        _came(one, words),
        one.note,
        join(one.entered_by, tag("strong", f" ({words('planned.late')})") if one.late else None),
        join(status(one.status, words), cancel),
    )


def _came(one: PlanView, words: Words) -> str | Html:
    """How many were seen and logged; more than plan and log explain stands out."""
    seen, logged = one.figures.seen, one.figures.logged
    text = words("planned.came.logged", n=seen, logged=logged) if logged else str(seen)
    return tag("strong", text) if one.persons is not None and seen > one.persons + logged else text


def _window(one: PlanView, zone: str) -> str:
    first, last = shown.day(one.starts_at, zone), shown.day(one.ends_at, zone)
    ends = shown.clock(one.ends_at, zone)
    return f"{first} {shown.clock(one.starts_at, zone)} - {ends if first == last else f'{last} {ends}'}"


def form(sites: Mapping[str, Site], words: Words) -> Html:
    """Enter a movement."""
    kinds = [(kind, words(f"planned.kind.{kind}")) for kind in PLAN_KINDS]
    directions = [("", words("planned.both")), *((name, words.either("direction", name)) for name in DIRECTIONS)]
    return tag(
        "form",
        tag("h2", words("planned.enter")),
        tag(
            "div",
            forms.choice("kind", words("planned.kind"), kinds),
            forms.choice("place", words("planned.place"), forms.places(sites, words)),
            forms.choice("direction", words("planned.direction"), directions),
            forms.field("starts_at", words("planned.starts_at"), type="datetime-local"),
            forms.field("ends_at", words("planned.ends_at"), type="datetime-local"),
            forms.field("persons", words("planned.persons"), required=False, inputmode="numeric", pattern="[0-9]*"),
            forms.field(
                "note", words("planned.note"), hint=words("planned.note.hint"), minlength="3", maxlength="1000",
                autocomplete="off",
            ),
            class_="fields",
        ),
        tag("button", words("planned.save"), type="submit", class_="button primary"),
        class_="panel",
    )  # fmt: skip


DIRECTIONS = ("inbound", "outbound")


def entry(fields: Mapping[str, str], sites: Mapping[str, Site]) -> PlanEntry:
    """What was typed in, as the service takes it."""
    site_id, _, line = fields.get("place", "").partition("/")
    site = sites.get(site_id)
    zone = site.timezone if site else "UTC"
    kind = next((known for known in PLAN_KINDS if known == fields.get("kind")), "other")
    direction = fields.get("direction")
    return PlanEntry(
        site=site_id,
        line=line or None,
        direction="inbound" if direction == "inbound" else "outbound" if direction == "outbound" else None,
        starts_at=forms.when(fields.get("starts_at", ""), zone, "starts_at"),
        ends_at=forms.when(fields.get("ends_at", ""), zone, "ends_at"),
        kind=kind,  # type: ignore[arg-type]  # one of PLAN_KINDS
        persons=forms.number(fields.get("persons", ""), "persons"),
        note=fields.get("note", ""),
    )
