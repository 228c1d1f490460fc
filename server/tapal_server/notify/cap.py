"""An alert as CAP 1.2 (OASIS Common Alerting Protocol), scope Restricted: for systems of partner agencies."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from tapal_server import wording
from tapal_server.alerts.states import Severity
from tapal_server.alerts.views import AlertView
from tapal_server.correlation.types import Site
from tapal_server.notify.rules import kind_name

__all__ = ["CAP", "MEDIA_TYPE", "to_cap"]

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
_URGENCY = {Severity.HIGH: "Immediate", Severity.MEDIUM: "Expected", Severity.LOW: "Future"}
_SEVERITY = {Severity.HIGH: "Severe", Severity.MEDIUM: "Moderate", Severity.LOW: "Minor"}
_LOCALE = {"id": "id-ID", "en": "en-GB"}
_RESTRICTION = {
    "id": "Hanya untuk instansi yang menerimanya; petunjuk, bukan bukti.",
    "en": "For the agencies it is sent to only; a lead, not a proof.",
}
_INSTRUCTION = {
    "id": "Periksa di tempat; tidak ada tindakan otomatis. Utamakan keselamatan dan perlindungan.",
    "en": "Verify on site; nothing follows automatically. Safety and protection come first.",
}


def to_cap(alert: AlertView, site: Site | None, *, sender: str, language: str, url: str | None = None) -> bytes:
    """The document; a changed alert refers to its first one, a closed one cancels it. Never anything of a person."""
    root = ET.Element("alert", xmlns=CAP)
    identifier, closed = f"tapal-{alert.id}", alert.closed_at is not None or alert.resolved_at is not None
    changed = alert.version > 1
    _add(root, "identifier", f"{identifier}.{alert.version}")
    _add(root, "sender", sender)
    _add(root, "sent", _time(alert.changed_at))
    _add(root, "status", "Actual")
    _add(root, "msgType", "Cancel" if closed and changed else "Update" if changed else "Alert")
    _add(root, "scope", "Restricted")
    _add(root, "restriction", _RESTRICTION[language])
    if changed:
        _add(root, "references", f"{sender},{identifier}.1,{_time(alert.raised_at)}")
    info = ET.SubElement(root, "info")
    _add(info, "language", _LOCALE[language])
    _add(info, "category", "Security")
    if alert.welfare:
        _add(info, "category", "Rescue")
    place = site.name or site.id if site else alert.site
    kind = kind_name(alert.kind, language)
    _add(info, "event", kind)
    _add(info, "responseType", "Assess")
    _add(info, "urgency", "Past" if closed else _URGENCY[alert.severity])
    _add(info, "severity", _SEVERITY[alert.severity])
    _add(info, "certainty", _certainty(alert.probability))
    _add(info, "onset", _time(alert.time))
    _add(info, "senderName", "Tapal")
    _add(info, "headline", f"{kind}, {place}"[:160])
    _add(info, "description", " ".join(wording.reason(alert.kind, alert.reason.code, alert.reason.data, language)))
    _add(info, "instruction", _INSTRUCTION[language])
    if url:
        _add(info, "web", f"{url}/alerts/{alert.id}")
    for name, value in (("kind", alert.kind), ("site", alert.site), ("line", alert.line), ("state", alert.state)):
        _parameter(info, name, value)
    _parameter(info, "probability", None if alert.probability is None else f"{alert.probability:.3f}")
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", place)
    if site is not None and site.location is not None:
        _add(area, "circle", f"{site.location[0]:.5f},{site.location[1]:.5f} 0.5")
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode").encode()


def _certainty(probability: float | None) -> str:
    if probability is None:
        return "Observed"
    return "Likely" if probability > 0.5 else "Possible"


def _time(moment: datetime) -> str:
    """CAP knows no Z and no fractions; UTC is written -00:00."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _parameter(info: ET.Element, name: str, value: str | None) -> None:
    if value is not None:
        parameter = ET.SubElement(info, "parameter")
        _add(parameter, "valueName", f"tapal:{name}")
        _add(parameter, "value", value)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = "".join(sign for sign in text if sign.isprintable())
