"""Voyages: each call with what was declared, cleared and boarded at a glance."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from tapal_server.ais.service import VesselView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, forms, plots
from tapal_server.console.views.tables import pages
from tapal_server.correlation.types import Site
from tapal_server.paging import Page
from tapal_server.voyages.entries import VoyageEntry
from tapal_server.voyages.manifests import ManifestView
from tapal_server.voyages.views import VoyageView

LOOKS = {"scheduled": "", "under_way": "good", "over": "", "cancelled": "bad"}


def address(voyage_id: str) -> str:
    """The page of a voyage."""
    return f"/voyages/{quote(voyage_id, safe='')}"


def listing(found: Page[VoyageView], sites: Mapping[str, Site], words: Words) -> Html:
    """Calls as cards, the newest first."""
    if not found.items:
        return common.empty(words("voyages.empty"), words("voyages.empty.next"))
    cards = [_card(one, sites, words) for one in found.items]
    return join(tag("div", cards, class_="gates"), pages("/voyages", found.paging.number, found.pages, words))


def _card(one: VoyageView, sites: Mapping[str, Site], words: Words) -> Html:
    return tag(
        "section",
        tag("h2", tag("a", f"{one.vessel} · {one.id}", href=address(one.id))),
        tag("p", _place(one, sites, words), class_="note"),
        tag("p", status(one.status, words)),
        figures(one, words),
        class_="panel",
    )


def status(name: str, words: Words) -> Html:
    """Where it stands."""
    return tag("span", words(f"voyages.status.{name}"), class_=f"pill {LOOKS[name]}".strip())


def _place(one: VoyageView, sites: Mapping[str, Site], words: Words) -> str:
    site = sites.get(one.site)
    zone, name = (site.timezone, site.name or one.site) if site else ("UTC", one.site)
    where = " · ".join(part for part in (name, one.line, one.berth, words.either("direction", one.direction)) if part)
    return f"{where} · {shown.full(one.starts_at, zone)} - {shown.clock(one.ends_at, zone)}"


def figures(voyage: VoyageView, words: Words) -> Html:
    """Declared, cleared and boarded as bars, and in a sentence what they say together once it is over."""
    one = voyage.figures
    disagree = voyage.status == "over" and one.declared is not None and one.declared != one.cleared
    rows: list[tuple[str, Sequence[tuple[str, float]]]] = []
    if one.declared is not None:
        rows.append((words("voyages.declared"), (("", one.declared),)))
    rows += [
        (words("voyages.cleared"), (("alarm" if disagree else "", one.cleared),)),
        (words("voyages.boarded"), (("second", one.boarded),)),
    ]
    told = [f"{name}: {values[0][1]:g}" for name, values in rows]
    if voyage.status in {"cancelled", "scheduled"}:
        rows = rows[:-2]
    return tag(
        "figure",
        plots.bars(rows),
        tag("figcaption", tag("span", "; ".join(told), class_="sr"), _sentence(voyage, words, disagree=disagree)),
        class_="figures",
    )


def _sentence(voyage: VoyageView, words: Words, *, disagree: bool) -> Html:
    one, said = voyage.figures, list[str]()
    if one.declared is None:
        said.append(words("voyages.unknown"))
    elif voyage.status == "over":
        said.append(words("voyages.disagree" if disagree else "voyages.agree"))
    elif voyage.status == "under_way":
        said.append(words("voyages.counting"))
    if one.refused:
        said.append(words("voyages.refused", n=one.refused))
    if one.shared_with:
        said.append(words("voyages.shared", ids=", ".join(one.shared_with)))
    return tag("span", " ".join(said), class_="note")


def detail(
    one: VoyageView, manifest: ManifestView, vessel: VesselView | None, sites: Mapping[str, Site], words: Words
) -> Html:
    """One call: its figures, its papers, and who entered it."""
    site = sites.get(one.site)
    zone = site.timezone if site else "UTC"
    entered = words("voyages.entered", by=one.entered_by, at=shown.full(one.entered_at, zone), version=one.version)
    facts = [(words("voyages.window"), _place(one, sites, words)), (words("voyages.entry"), entered)]
    numbers = [f"MMSI {one.mmsi}" if one.mmsi else "", f"IMO {one.imo}" if one.imo else ""]
    if any(numbers):
        facts.append((words("voyages.numbers"), " · ".join(part for part in numbers if part)))
    if vessel is not None:
        since, heard = shown.full(vessel.near_since, zone), shown.full(vessel.heard_at, zone)
        told = words("voyages.heard", since=since, heard=heard, km=words.number(vessel.distance_km))
        facts.append((words("voyages.ais"), told))
    if one.note:
        facts.append((words("voyages.note"), one.note))
    return join(
        tag("p", status(one.status, words)),
        tag("section", tag("h2", words("voyages.figures")), figures(one, words), class_="panel"),
        tag("section", tag("h2", words("voyages.manifest")), _manifest(manifest, words), class_="panel"),
        tag(
            "section",
            tag("h2", words("voyages.about")),
            tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="facts"),
            class_="panel",
        ),
    )


def _manifest(found: ManifestView, words: Words) -> Html:
    if found.persons is None:
        return common.empty(words("voyages.no_manifest"), words("voyages.no_manifest.next"))
    rows = [
        (words("voyages.manifest.persons"), found.persons),
        (words("voyages.manifest.both"), found.both),
        (words("voyages.manifest.only_listed"), found.only_listed),
        (words("voyages.manifest.only_logged"), found.only_logged),
        (words("voyages.manifest.without"), found.logged_without_document),
    ]
    return tag("dl", [tag("div", tag("dt", name), tag("dd", str(value))) for name, value in rows], class_="numbers")


def form(sites: Mapping[str, Site], words: Words, known: VoyageView | None = None) -> Html:
    """Enter a call, or change one."""
    site = sites.get(known.site) if known else None
    zone = site.timezone if site else "UTC"
    filled = _filled(known, zone) if known else {}
    directions = [(name, words.either("direction", name)) for name in ("inbound", "outbound")]

    def line(name: str, *, required: bool = True, **more: str) -> Html:
        more = {"value": filled.get(name, ""), "autocomplete": "off"} | more
        return forms.field(name, words(f"voyages.form.{name}"), required=required, **more)

    return tag(
        "form",
        tag("h2", words("voyages.change" if known else "voyages.enter")),
        tag(
            "div",
            line("id", maxlength="64", pattern="[^/]+") if known is None else None,
            line("vessel", maxlength="128"),
            forms.choice("place", words("voyages.form.place"), forms.places(sites, words), filled.get("place", "")),
            forms.choice("direction", words("voyages.form.direction"), directions, filled.get("direction", "")),
            line("starts_at", type="datetime-local"),
            line("ends_at", type="datetime-local"),
            line("declared", required=False, inputmode="numeric", pattern="[0-9]*"),
            line("berth", required=False, maxlength="64"),
            line("mmsi", required=False, inputmode="numeric", pattern="[0-9]{9}"),
            line("imo", required=False, inputmode="numeric", pattern="[0-9]{7}"),
            line("note", required=False, maxlength="1000"),
            class_="fields",
        ),
        tag("button", words("voyages.save"), type="submit", class_="button primary"),
        class_="panel",
    )


def _filled(known: VoyageView, zone: str) -> dict[str, str]:
    return {
        "vessel": known.vessel,
        "place": f"{known.site}/{known.line or ''}",
        "direction": known.direction,
        "starts_at": forms.typed(known.starts_at, zone),
        "ends_at": forms.typed(known.ends_at, zone),
        "declared": "" if known.figures.declared is None else str(known.figures.declared),
        "berth": known.berth or "",
        "mmsi": str(known.mmsi or ""),
        "imo": str(known.imo or ""),
        "note": known.note,
    }


def entry(fields: Mapping[str, str], sites: Mapping[str, Site], voyage_id: str | None = None) -> VoyageEntry:
    """What was typed in, as the service takes it."""
    site_id, _, line = fields.get("place", "").partition("/")
    site = sites.get(site_id)
    zone = site.timezone if site else "UTC"
    return VoyageEntry(
        id=voyage_id or fields.get("id", ""),
        site=site_id,
        line=line or None,
        direction="outbound" if fields.get("direction") == "outbound" else "inbound",
        vessel=fields.get("vessel", ""),
        starts_at=forms.when(fields.get("starts_at", ""), zone, "starts_at"),
        ends_at=forms.when(fields.get("ends_at", ""), zone, "ends_at"),
        declared=forms.number(fields.get("declared", ""), "declared"),
        berth=fields.get("berth") or None,
        mmsi=forms.number(fields.get("mmsi", ""), "mmsi"),
        imo=forms.number(fields.get("imo", ""), "imo"),
        note=fields.get("note", ""),
    )


def manifest_file(voyage_id: str, words: Words, *, problem: str = "") -> Html:
    """The manifest as a file: a row is a person, and of each only the document's hash is kept."""
    return tag(
        "form",
        tag("h2", words("voyages.manifest.file")),
        tag("p", problem, class_="error", role="alert") if problem else None,
        forms.file_field(
            "manifest-file",
            words("voyages.manifest.file.csv"),
            hint=words("voyages.manifest.file.hint"),
            accept=".csv,text/csv",
        ),
        tag("button", words("voyages.manifest.upload"), type="submit", class_="button primary"),
        method="post",
        action=f"{address(voyage_id)}/manifest",
        enctype="multipart/form-data",
        class_="panel",
    )


def manifest_form(words: Words) -> Html:
    """Persons and documents; what is typed here is hashed and forgotten."""
    return tag(
        "form",
        tag("h2", words("voyages.manifest.take")),
        forms.field(
            "persons", words("voyages.manifest.persons"), required=False, inputmode="numeric", pattern="[0-9]*",
            hint=words("voyages.manifest.persons.hint"), autocomplete="off",
        ),
        forms.text_area(
            "documents", words("voyages.manifest.documents"), required=False,
            hint=words("voyages.manifest.documents.hint"),
        ),
        tag("button", words("voyages.manifest.save"), type="submit", class_="button primary"),
        class_="panel",
    )  # fmt: skip
