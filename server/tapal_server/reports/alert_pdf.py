"""One alert as an A4 page to print or to hand over: what, where, why, how sure, its picture and its history."""

import logging
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from tapal_server import wording
from tapal_server.alerts.views import AlertDetail
from tapal_server.correlation.types import Site
from tapal_server.notify.rules import kind_name
from tapal_server.reports.pdf import LINE, Pages, text_of

__all__ = ["alert_to_pdf"]

log = logging.getLogger(__name__)
_WORDS = {
    "id": {
        "place": "Tempat",
        "time": "Waktu",
        "sure": "Kemungkinan",
        "observed": "terjadi, bukan perkiraan",
        "why": "Mengapa diangkat",
        "innocent": "Penjelasan yang wajar",
        "settle": "Apa yang bisa memastikan",
        "history": "Riwayat",
        "files": "Lampiran",
        "inbound": "masuk",
        "outbound": "keluar",
        "raised": "diangkat",
        "updated": "diperbarui",
        "explained": "terjelaskan sendiri",
        "acknowledge": "diterima",
        "start": "mulai ditangani",
        "assign": "ditugaskan",
        "resolve": "diselesaikan",
        "reopen": "dibuka kembali",
        "note": "catatan",
        "welfare": "tanda perlindungan",
        "escalated": "dikabarkan lagi",
        "share": "dibagikan",
        "unshare": "tidak dibagikan lagi",
        "attach": "lampiran ditambah",
        "detach": "lampiran dihapus",
        "tie": "dikaitkan",
        "untie": "tidak dikaitkan lagi",
    },
    "en": {
        "place": "Place",
        "time": "Time",
        "sure": "Probability",
        "observed": "observed, not estimated",
        "why": "Why it was raised",
        "innocent": "Innocent explanations",
        "settle": "What would settle it",
        "history": "History",
        "files": "Attachments",
        "acknowledge": "acknowledged",
        "start": "work started",
        "assign": "assigned",
        "resolve": "resolved",
        "reopen": "reopened",
        "welfare": "welfare flag",
        "escalated": "told again",
        "share": "shared",
        "unshare": "no longer shared",
        "attach": "file added",
        "detach": "file removed",
        "tie": "tied",
        "untie": "no longer tied",
    },
}
_LARGEST_PICTURE = 110.0


def alert_to_pdf(found: AlertDetail, site: Site | None, picture: bytes | None, *, language: str) -> bytes:
    """The page; the picture is the one of the alert, its heads blurred since the edge."""
    words, alert = _WORDS[language], found.alert
    zone = ZoneInfo(site.timezone if site else "UTC")
    kind, place = kind_name(alert.kind, language), (site.name if site else "") or alert.site
    pages = Pages(language)
    pages.set_title(text_of(f"{kind}, {place}"))
    pages.set_creator("Tapal")
    pages.add_page()
    pages.set_font("helvetica", style="B", size=17)
    pages.multi_cell(0, 9, text_of(f"{kind.capitalize()}, {place}"), new_x="LMARGIN", new_y="NEXT")
    sure = words["observed"] if alert.probability is None else f"{alert.probability:.0%}"
    direction = words.get(alert.direction or "", alert.direction)
    where = " / ".join(part for part in (place, alert.line, direction) if part)
    for name, value in (("place", where), ("time", _time(alert.time, zone)), ("sure", sure)):
        _fact(pages, words[name], value)
    if picture is not None:
        _picture(pages, picture)
    _list(pages, words["why"], wording.reason(alert.kind, alert.reason.code, alert.reason.data, language))
    innocent = (wording.innocent(str(one["code"]), one.get("probability"), language) for one in alert.innocent)
    _list(pages, words["innocent"], tuple(one for one in innocent if one))
    _list(pages, words["settle"], wording.settle(alert.kind, language))
    _list(pages, words["files"], tuple(f"{one.name} ({one.by}, {_time(one.at, zone)})" for one in found.attachments))
    steps = ((one, words.get(one.action, one.action)) for one in found.history)
    history = (f"{_time(one.at, zone)}  {one.actor}: {step}. {one.note or ''}" for one, step in steps)
    _list(pages, words["history"], tuple(history))
    return bytes(pages.output())


def _picture(pages: Pages, jpeg: bytes) -> None:
    pages.ln(3)
    try:
        pages.image(BytesIO(jpeg), h=_LARGEST_PICTURE, w=pages.epw, keep_aspect_ratio=True)
    except OSError:
        log.warning("a picture cannot be read; the page is made without it")


def _fact(pages: Pages, name: str, value: str) -> None:
    pages.set_font("helvetica", style="B", size=10)
    pages.cell(35, LINE, name)
    pages.set_font("helvetica", size=10)
    pages.multi_cell(0, LINE, text_of(value), new_x="LMARGIN", new_y="NEXT")


def _list(pages: Pages, title: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    pages.heading(title, rows=len(sentences))
    pages.set_font("helvetica", size=10)
    for sentence in sentences:
        pages.multi_cell(0, LINE, text_of(f"- {sentence}"), new_x="LMARGIN", new_y="NEXT")


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d-%m-%Y %H:%M:%S %Z}"
