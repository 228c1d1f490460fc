"""WCAG 2.2 AA of every page in every theme, checked by axe in a real Chromium."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.console.busy import busy
from tests.console.conftest import clean_nicegui
from tests.console.fakes import FakeDesk, alert, node
from tests.console.office import office, served_office
from tests.console.test_browser import enter
from tests.server.conftest import PASSWORD
from tests.support.services.chromium import DESK, PHONE, tab

pytestmark = pytest.mark.services
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OFFICE = (
    "/gates", "/reports?period=today", "/cameras", "/cameras/nunukan-01/gate-1", "/shelves", "/start", "/handover",
    "/passages", "/feeds", "/feeds/+", "/voyages", "/planned", "/reconciliation", "/admin", "/models", "/review",
    "/people", "/audit",
    "/more", "/help", "/password", "/nothing",
)  # fmt: skip
NOTIFY = {
    "channels": [{"name": "jaga", "url": "json://localhost"}],
    "rules": [{"channel": "jaga", "quiet_hours": [23, 5]}],
}
PAGES = ("/", "/alerts/a1", "/alerts", "/map", "/cameras")


def fill(desk: FakeDesk) -> None:
    desk.put(alert(1))
    desk.put(alert(2, kind="presence", probability=0.97, welfare=True))
    desk.put(alert(3, kind="bypass", probability=0.4, state="acknowledged", owner="Sari"))
    desk.put(alert(4, state="resolved", verdict="confirmed"))
    desk.put(alert(5, open=False, probability=0.2))
    desk.watching = [node(), node("sebatik-01", status="offline", lost=1)]


def problems(page: Page, rules: dict[str, object] = RULES) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {hit['html'][:160]}" for one in found for hit in one["nodes"]]


def problems_in_every_theme(page: Page, path: str) -> dict[str, list[str]]:
    """Every rule in the light theme; in the others only what a theme can change."""
    found = {}
    for theme, rules in (("light", RULES), ("dark", CONTRAST), ("night", CONTRAST)):
        page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", theme)
        if wrong := problems(page, rules):
            found[f"{path} {theme}"] = wrong
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    return found


def told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{where}: {what}" for where, all_ in found.items() for what in all_)


def test_the_sign_in_page(served, browser):
    with tab(browser, phone=True) as page:
        page.goto(f"{served}/sign-in")
        assert problems_in_every_theme(page, "/sign-in") == {}


def test_every_page_of_duty(served, desk, browser):
    fill(desk)
    found: dict[str, list[str]] = {}
    with tab(browser) as page:
        enter(page, served)
        for path in PAGES:
            page.goto(f"{served}{path}")
            page.wait_for_selector("h1")
            page.wait_for_function("document.fonts.status === 'loaded' && window.socket?.connected")
            found |= problems_in_every_theme(page, path)
            page.set_viewport_size(PHONE)
            if wrong := problems(page):
                found[f"{path} phone"] = wrong
            page.set_viewport_size(DESK)
    assert found == {}, told(found)


def test_every_page_of_the_office(browser, tmp_path):
    found: dict[str, list[str]] = {}
    with (
        clean_nicegui(),
        office(tmp_path, notify=NOTIFY) as parts,
        served_office(parts) as address,
        tab(browser) as page,
    ):
        busy(parts, people=70, unlogged=(30,))
        page.goto(address)
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("h1")
        for path in OFFICE:
            page.goto(f"{address}{path}")
            page.wait_for_selector("h1")
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            found |= problems_in_every_theme(page, path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                found[path] = [*found.get(path, []), f"is {wide} px wider than the screen"]
    assert found == {}, told(found)
