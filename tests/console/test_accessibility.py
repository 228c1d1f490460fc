"""WCAG 2.2 AA of every page in every theme, checked by axe in a real Chromium."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.console.busy import busy
from tests.console.conftest import clean_nicegui
from tests.console.fakes import FakeDesk, alert, node
from tests.console.office import office, served_office
from tests.console.test_browser import enter
from tests.server.conftest import PASSWORD
from tests.support.services.chromium import chromium, tab

pytestmark = pytest.mark.services
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = ("/", "/alerts/a1", "/alerts", "/map", "/cameras")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def fill(desk: FakeDesk) -> None:
    desk.put(alert(1))
    desk.put(alert(2, kind="presence", probability=0.97, welfare=True))
    desk.put(alert(3, kind="bypass", probability=0.4, state="acknowledged", owner="Sari"))
    desk.put(alert(4, state="resolved", verdict="confirmed"))
    desk.put(alert(5, open=False, probability=0.2))
    desk.watching = [node(), node("sebatik-01", status="offline", lost=1)]


def problems(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {hit['html'][:160]}" for one in found for hit in one["nodes"]]


def test_the_sign_in_page(served, desk, browser):
    with tab(browser, phone=True) as page:
        page.goto(f"{served}/sign-in")
        assert problems(page) == []


@pytest.mark.parametrize("phone", [pytest.param(True, id="phone"), pytest.param(False, id="desk")])
def test_every_page_in_every_theme(served, desk, browser, phone):
    fill(desk)
    found: dict[str, list[str]] = {}
    with tab(browser, phone=phone) as page:
        enter(page, served)
        for path in PAGES:
            page.goto(f"{served}{path}")
            page.wait_for_selector("h1")
            page.wait_for_function("document.fonts.status === 'loaded' && window.socket?.connected")
            for theme in ("light", "dark", "night"):
                page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", theme)
                if wrong := problems(page):
                    found[f"{path} {theme}"] = wrong
    assert found == {}, "\n".join(f"{where}: {what}" for where, all_ in found.items() for what in all_)


def test_the_pages_of_the_office(browser, tmp_path):
    found: dict[str, list[str]] = {}
    with clean_nicegui(), office(tmp_path) as parts, served_office(parts) as address, tab(browser) as page:
        page.goto(address)
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("h1")
        busy(parts, people=70, unlogged=())
        seen = ("/gates", "/reports?period=today", "/cameras", "/cameras/nunukan-01/gate-1", "/shelves", "/start")
        for path in (*seen, "/handover", "/passages", "/people", "/audit", "/more", "/password", "/nothing"):
            page.goto(f"{address}{path}")
            page.wait_for_selector("h1")
            if wrong := problems(page):
                found[path] = wrong
    assert found == {}, "\n".join(f"{where}: {what}" for where, all_ in found.items() for what in all_)
