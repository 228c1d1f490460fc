"""Takes the pictures of docs/console.md: python -m tests.console.screenshots docs/console

The console is the real one; the services behind it are the tests' own desk, so that the pictures stay the same.
"""

import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from playwright.sync_api import Page

from tapal_server.console.ports import Mark
from tests.console.busy import busy
from tests.console.conftest import serve
from tests.console.fakes import NOW, FakeDesk, alert, node
from tests.console.office import office, served_office
from tests.server.conftest import PASSWORD
from tests.support.services.chromium import chromium, tab

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"duty": "/", "alert": "/alerts/a1", "archive": "/alerts", "map": "/map", "cameras": "/cameras"}
BUSY = {
    "gates": "/gates",
    "reports": "/reports?period=today",
    "camera": "/cameras/nunukan-01/gate-1",
    "shelves": "/shelves",
    "start": "/start",
}
LONGEST = 1500
STEP = 12.0


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
    desk.put(alert(22, probability=0.58, open=False))
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
    """One picture, in coarser colours than the screen's: half the size, and no eye sees it."""
    page.wait_for_timeout(600)  # let pictures and fonts settle
    height = min(LONGEST, int(page.evaluate("document.querySelector('.content, main').getBoundingClientRect().bottom")))
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(height + 16, size["height"])})
    raw = page.screenshot()
    page.set_viewport_size(size)
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    image = np.minimum(np.round(image / STEP) * STEP, 255).astype(np.uint8)
    cv2.imwrite(str(path), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serve(filled()) as address, chromium() as browser:
        for phone in (False, True):
            where = "phone" if phone else "desk"
            with tab(browser, phone=phone) as page:
                page.goto(address)
                shoot(page, folder / f"sign-in-{where}.png")
                page.fill("#username", "sari")
                page.fill("#password", "correct horse")
                page.click("button[type=submit]")
                for language in ("id", "en"):
                    page.evaluate(f"document.cookie = 'tapal_language={language}; path=/'")
                    for name, path in PAGES.items():
                        page.goto(address + path)
                        shoot(page, folder / f"{name}-{language}-{where}.png")
                page.evaluate("document.cookie = 'tapal_language=id; path=/'")
                for theme in ("dark", "night"):
                    page.evaluate(f"document.cookie = 'tapal_theme={theme}; path=/'")
                    page.goto(address)
                    shoot(page, folder / f"duty-{theme}-{where}.png")


def office_pictures(folder: Path) -> None:
    """The passage log, people and the audit chain, on the real services."""
    with (
        TemporaryDirectory() as place,
        office(Path(place)) as parts,
        served_office(parts) as address,
        chromium() as browser,
    ):
        for phone in (False, True):
            with tab(browser, phone=phone) as page:
                page.goto(address)
                page.fill("#username", "admin")
                page.fill("#password", PASSWORD)
                page.click("button[type=submit]")
                for language in ("id", "en"):
                    page.evaluate(f"document.cookie = 'tapal_language={language}; path=/'")
                    for name in ("passages", "people", "audit"):
                        page.goto(f"{address}/{name}")
                        shoot(page, folder / f"{name}-{language}-{'phone' if phone else 'desk'}.png")


def busy_pictures(folder: Path) -> None:
    """What a busy gate makes of the pages of gates, reports and cameras: Indonesian on a desk, English on a phone."""
    with (
        TemporaryDirectory() as place,
        office(Path(place)) as parts,
        served_office(parts) as address,
        chromium() as browser,
    ):
        busy(parts)
        for phone, language in ((False, "id"), (True, "en")):
            with tab(browser, phone=phone) as page:
                page.goto(address)
                page.fill("#username", "admin")
                page.fill("#password", PASSWORD)
                page.click("button[type=submit]")
                page.evaluate(f"document.cookie = 'tapal_language={language}; path=/'")
                for name, path in BUSY.items():
                    page.goto(f"{address}{path}")
                    page.wait_for_selector("h1")
                    shoot(page, folder / f"{name}-{language}-{'phone' if phone else 'desk'}.png")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if "--busy-only" not in sys.argv:
        if "--office-only" not in sys.argv:
            main(target)
        office_pictures(target)
    busy_pictures(target)
