"""Takes the pictures of docs/console.md: python -m tests.console.screenshots docs/console [--duty | --office | --alert]

The console is the real one; the services behind it are the tests' own desk, so that the pictures stay the same.
"""

import sys
from contextlib import ExitStack
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import av
import cv2
import numpy as np
from playwright.sync_api import Page

from tapal_contract.clip import cut
from tapal_contract.media import wrap
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_edge.clip_export import shrink
from tapal_edge.films import BYTES_AT_MOST
from tapal_server.console import format as shown
from tapal_server.console.ports import Code, Mark
from tapal_server.feeds.profile import Profile
from tapal_server.paging import Paging
from tapal_server.parts import Parts
from tapal_server.passages.model import Record, Report
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.voyages.entries import PlanEntry, VoyageEntry
from tests.console.busy import busy
from tests.console.conftest import serve
from tests.console.fakes import NOW, FakeDesk, alert, node
from tests.console.office import office, served_office
from tests.server.conftest import PASSWORD
from tests.server.edges import START, Edge
from tests.server.test_models import Box, bundle_of
from tests.support.services.chromium import chromium, tab

CLIP_FROM_S, CLIP_S = 13.0, 10.0
ROOT = Path(__file__).resolve().parents[2]
PAGES = {"duty": "/", "archive": "/alerts", "map": "/map", "cameras": "/cameras"}
OFFICE = {
    "gates": "/gates",
    "reports": "/reports?period=today",
    "camera": "/cameras/nunukan-01/gate-1",
    "shelves": "/shelves",
    "handover": "/handover",
    "passages": "/passages",
    "feeds": "/feeds",
    "feed": "/feeds/ksop",
    "voyages": "/voyages",
    "planned": "/planned",
    "reconciliation": "/reconciliation?first=simkim&second=ksop&since=2026-03-02&until=2026-03-02",
    "review": "/review",
    "models": "/models",
    "start": "/start",
    "admin": "/admin",
    "people": "/people",
    "audit": "/audit",
    "help": "/help",
    "voyage": "/voyages/LBE-0302",
}
SETTINGS = {
    "notify": {
        "channels": [{"name": "jaga", "url": "json://localhost"}, {"name": "kepala-seksi", "url": "json://elsewhere"}],
        "webhooks": [
            {"name": "bp3mi", "url": "https://bp3mi.example/hook", "secret": "s" * 16, "agency": "BP3MI"},
        ],
        "rules": [
            {"channel": "jaga", "least_severity": "medium"},
            {"channel": "kepala-seksi", "on": ["escalated", "welfare"], "quiet_hours": [23, 5]},
        ],
    },
    "reconcile": [{"site": "tunon-taka", "first": "simkim", "second": "ksop"}],
}  # fmt: skip
KSOP = Profile(
    source="ksop",
    delimiter=";",
    times=("%d/%m/%Y %H:%M",),
    fields={"record_id": "NO", "recorded_at": ("TGL", "JAM"), "direction": "ARAH"},
    constants={"checkpoint": "TTK"},
    codes={"direction": {"K": "outbound", "M": "inbound"}},
    silent_after_minutes=120,
)
EARLY = Code("no_record", {"people": 1, "waited_s": 95.0, "usual_s": 40.0, "longest_s": 180.0})
LONGEST = 1500
QUALITY = 60
STEP = 12.0
README = {"alert-id-desk", "alert-en-desk"}  # shown where WebP may not be


def picture() -> bytes:
    """A frame of the project's own sample clip."""
    clip = cv2.VideoCapture(str(ROOT / "datasets" / "sample" / "pier.mp4"))
    clip.set(cv2.CAP_PROP_POS_FRAMES, 120)
    taken, frame = clip.read()
    assert taken, "datasets/sample/pier.mp4 cannot be read"
    return cv2.imencode(".jpg", frame)[1].tobytes()


def filled() -> FakeDesk:
    desk = FakeDesk()
    desk.pictures["e1"] = picture()
    desk.put(alert(1, picture="e1"))
    desk.put(
        alert(4, kind="presence", site="bambangan", site_name="Dermaga Bambangan", line="dermaga", probability=0.97)
    )
    desk.put(alert(9, kind="bypass", probability=0.61, state="acknowledged", owner="sari", direction="outbound"))
    desk.put(alert(2, probability=0.38, severity="low", reason=EARLY))
    desk.put(alert(22, probability=0.58, open=False, state="resolved", verdict="explained"))
    desk.put(
        alert(47, state="resolved", verdict="confirmed", owner="sari", acknowledged_at=NOW - timedelta(minutes=45))
    )
    offsets = (-540, -430, -390, -250, -200, -160, -20, 60, 210, 330, 470)
    others = [Mark(id=f"c{s}", what="crossing", at=NOW + timedelta(seconds=s - 60), chance=0.02) for s in offsets]
    records = [Mark(id=f"r{s}", what="record", at=NOW + timedelta(seconds=s - 25)) for s in offsets]
    mine = Mark(id="mine", what="crossing", at=NOW - timedelta(minutes=1), chance=0.83, mine=True)
    desk.marks = (*others, *records, mine)
    desk.watching = [node(), node("bambangan-01", site="bambangan"), node("bambangan-02", "offline", site="bambangan")]
    return desk


def shoot(page: Page, path: Path) -> None:
    """One picture, as WebP: text stays sharp at a quarter of what PNG takes."""
    page.evaluate("for (const film of document.querySelectorAll('video')) film.preload = 'auto'")
    page.wait_for_function("[...document.querySelectorAll('video')].every((film) => film.readyState > 2)")
    page.wait_for_timeout(600)  # let pictures and fonts settle
    height = min(LONGEST, int(page.evaluate("document.querySelector('.content, main').getBoundingClientRect().bottom")))
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(height + 16, size["height"])})
    raw = page.screenshot()
    page.set_viewport_size(size)
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if path.stem in README:
        coarse = np.minimum(np.round(image / STEP) * STEP, 255).astype(np.uint8)
        cv2.imwrite(str(path.with_suffix(".png")), coarse, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    else:
        cv2.imwrite(str(path), image, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])


def main(folder: Path) -> None:
    with serve(filled()) as address, chromium() as browser:
        for phone in (False, True):
            where = "phone" if phone else "desk"
            with tab(browser, phone=phone) as page:
                page.goto(address)
                shoot(page, folder / f"sign-in-{where}.webp")
                page.fill("#username", "sari")
                page.fill("#password", "correct horse")
                page.click("button[type=submit]")
                for language in ("id", "en"):
                    page.evaluate(f"document.cookie = 'tapal_language={language}; path=/'")
                    for name, path in PAGES.items():
                        page.goto(address + path)
                        shoot(page, folder / f"{name}-{language}-{where}.webp")
                page.evaluate("document.cookie = 'tapal_language=id; path=/'")
                for theme in ("dark", "night"):
                    page.evaluate(f"document.cookie = 'tapal_theme={theme}; path=/'")
                    page.goto(address)
                    shoot(page, folder / f"duty-{theme}-{where}.webp")


def office_pictures(folder: Path, *, everything: bool = True) -> None:
    """The pages of an office, or that of an alert alone, on the real services, after a busy shift at its gate."""
    with (
        TemporaryDirectory() as place,
        office(Path(place), **SETTINGS) as parts,
        served_office(parts) as address,
        chromium() as browser,
        ExitStack() as later,
    ):
        alert_id = shift(parts, Path(place))
        end = parts.services.clock.now()
        later.enter_context(mock.patch.object(shown, "datetime", fixed(end)))  # or all of it happened months ago
        for phone, languages in ((False, ("id", "en")), (True, ("id", "en"))):
            where = "phone" if phone else "desk"
            with tab(browser, phone=phone) as page:
                page.clock.set_fixed_time(end)
                sign_in(page, address, "budi")
                for language in languages:
                    visit(page, f"{address}/alerts/{alert_id}", folder / f"alert-{language}-{where}.webp", language)
                for theme in ("dark", "night"):
                    page.evaluate(f"document.cookie = 'tapal_theme={theme}; path=/'")
                    visit(page, f"{address}/alerts/{alert_id}", folder / f"alert-{theme}-{where}.webp", "id")
            if not everything:
                continue
            with tab(browser, phone=phone) as page:
                page.clock.set_fixed_time(end)
                sign_in(page, address, "admin")
                (picture_id, *_) = (one.id for one in parts.services.review.page(SYSTEM, Paging(), state="all").items)
                for name, path in (OFFICE | {"label": f"/review/{picture_id}"}).items():
                    for language in languages:
                        visit(page, f"{address}{path}", folder / f"{name}-{language}-{where}.webp", language)


def fixed(moment: datetime) -> type[datetime]:
    """A clock for the pages that stands where the shift ended."""

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return moment.astimezone(tz)

    return Fixed


def shift(parts: Parts, place: Path) -> str:
    """What an office looks like after a shift; the id of an alert that somebody works on."""
    services, jpeg = parts.services, picture()
    busy(parts, unlogged=(60, 100, 130, 170, 200), jpeg=jpeg)
    parts.collector.work()
    services.people.add(SYSTEM, "mitra", PASSWORD, role=Role.PARTNER, display_name="Dewi Lestari", agency="BP3MI")
    found = services.alerts.page(SYSTEM, Paging(), sort="time").items
    alert_id = next(one.id for one in found if one.kind == "unlogged_crossing" and one.state != "resolved")
    budi, sari = (services.auth.sign_in(name, PASSWORD).actor for name in ("budi", "sari"))
    services.alerts.acknowledge(sari, alert_id)
    services.attachments.add(sari, alert_id, "buku-tamu.pdf", b"%PDF-1.7 a page of the guest book")
    services.sharing.share(budi, alert_id, "BP3MI", "kemungkinan pekerja migran")
    look(parts, jpeg)
    fetch_clip(parts, alert_id, place)
    services.feeds.save(budi, "ksop", KSOP)
    starts = services.clock.now()
    voyage = VoyageEntry(
        id="LBE-0302", site="tunon-taka", direction="inbound", vessel="KM Labuan Express", starts_at=starts,
        ends_at=starts + timedelta(hours=1), declared=112,
    )  # fmt: skip
    services.voyages.enter(SYSTEM, voyage)
    until = starts + timedelta(hours=3)
    services.plans.enter(
        SYSTEM, PlanEntry(site="tunon-taka", starts_at=starts, ends_at=until, kind="deportation", note="dari Tawau")
    )
    rows = [Record(id=f"k{n}", checkpoint="TTK", direction="inbound", time=START.timestamp() + 60 * n,
                   received_at=START.timestamp() + 60 * n) for n in range(40)]  # fmt: skip
    services.passages.take(SYSTEM, "ksop", Report("ksop.csv"), rows)
    services.desk.hand_over(sari, "budi", "Perhatikan dermaga setelah pukul 18.")
    services.models.upload(services.auth.sign_in("admin", PASSWORD).actor, bundle_of(place / "m", parent="default@1"))
    Box(parts, "nunukan-02")
    return alert_id


def look(parts: Parts, jpeg: bytes) -> None:
    """A live picture, and one of how the view should be."""
    admin, commands = parts.services.auth.sign_in("admin", PASSWORD).actor, parts.services.commands
    for ask in (commands.snapshot, commands.learn_view):
        parts.intake.take([Edge().on("media", wrap(jpeg, ask(admin, "nunukan-01", "gate-1").id))])


def fetch_clip(parts: Parts, alert_id: str, place: Path) -> None:
    """Ten seconds of the sample feed as the clip, blurred as a node does it."""
    sari = parts.services.auth.sign_in("sari", PASSWORD).actor
    (event_id,) = parts.services.alerts.get(sari, alert_id).event_ids
    parts.services.clips.ask(sari, event_id)
    command = [one.command for one in parts.dispatcher.due() if one.command.name == "clip"][-1]
    detector = Detector.load(find("default"), labels=["person"], confidence=0.1)
    whole, clip = ROOT / "datasets/sample/pier.mp4", place / "clip.mp4"
    with av.open(str(whole)) as source, av.open(str(clip), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0], opaque=True)
        source.seek(int(CLIP_FROM_S * av.time_base))
        first = None
        for packet in source.demux(video=0):
            if packet.dts is not None and (first is None or packet.dts - first < CLIP_S / packet.time_base):
                first = packet.dts if first is None else first
                packet.pts, packet.dts = packet.pts - first, packet.dts - first
                packet.stream = stream
                out.mux(packet)
    shrink(clip, place / "copy.mp4", detector.detect, most_bytes=BYTES_AT_MOST)
    pieces = cut((place / "copy.mp4").read_bytes(), command.id)
    parts.intake.take([Edge().on("media", piece.dump()) for piece in pieces])


def sign_in(page: Page, address: str, name: str) -> None:
    page.set_default_timeout(120_000)  # pictures are taken on busy machines, too
    page.goto(address)
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("h1")


def visit(page: Page, address: str, path: Path, language: str) -> None:
    page.evaluate(f"document.cookie = 'tapal_language={language}; path=/'")
    page.goto(address)
    page.wait_for_selector("h1")
    shoot(page, path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    if not {"--office", "--alert"} & set(sys.argv):
        main(target)
    if "--duty" not in sys.argv:
        office_pictures(target, everything="--alert" not in sys.argv)
