"""The officer's main paths in a real Chromium."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.console.fakes import alert
from tests.support.services.chromium import tab

pytestmark = pytest.mark.services


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Nama pengguna").fill("sari")
    page.get_by_label("Kata sandi").fill("correct horse")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Tugas")).to_be_visible()


def test_an_alert_arrives_is_acknowledged_and_resolved_on_a_phone(served, desk, browser):
    with tab(browser, phone=True) as page:
        enter(page, served)
        expect(page.get_by_text("Tidak ada peringatan baru.")).to_be_visible()
        desk.put(alert())
        card = page.get_by_role("article")
        expect(card).to_contain_text("Lintasan tanpa catatan")
        card.get_by_role("button", name="Terima").tap()
        mine = page.get_by_role("region", name="Sedang ditangani").get_by_role("article")
        expect(mine).to_contain_text("Sari Wulandari")
        mine.get_by_role("button", name="Selesaikan").tap()
        page.get_by_role("dialog").get_by_role("button", name="Alarm palsu").tap()
        expect(page.get_by_role("article")).to_have_count(0)
        assert desk.alerts["a1"].verdict == "false_alarm"


def test_a_verdict_with_a_note_by_keyboard_alone(served, desk, browser):
    desk.put(alert())
    with tab(browser) as page:
        enter(page, served)
        page.get_by_role("link", name="Lintasan tanpa catatan").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Keputusan Anda")).to_be_visible()
        page.get_by_label("Catatan", exact=True).focus()
        page.keyboard.type("Awak kapal.")
        page.get_by_role("button", name=re.compile("^Terjelaskan")).focus()
        page.keyboard.press("Space")
        expect(page.get_by_text("Awak kapal.")).to_be_visible()
        assert desk.entries["a1"][-1].text == "Awak kapal."


def test_theme_and_language_stay_as_chosen(served, desk, browser):
    with tab(browser) as page:
        enter(page, served)
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Malam (merah)").click()
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Duty")).to_be_visible()
        assert page.locator("html").get_attribute("data-theme") == "night"
        assert page.locator("html").get_attribute("lang") == "en"


def test_nothing_is_fetched_from_elsewhere(served, desk, browser):
    desk.put(alert())
    asked: set[str] = set()
    said: list[str] = []
    with tab(browser) as page:
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda message: said.append(message.text))
        enter(page, served)
        page.goto(f"{served}/alerts/a1")
        expect(page.get_by_role("heading", name="Riwayat")).to_be_visible()
        with pytest.raises(Error, match="fetch"):
            page.evaluate("fetch('http://localhost:9/elsewhere')")
        refused = [text for text in said if "Content Security Policy" in text]
    assert refused
    assert all("localhost:9" in text for text in refused), "what the console itself does is allowed"
    assert {url for url in asked if not url.startswith((served, served.replace("http", "ws"), "data:"))} == set()


def test_the_sound_is_turned_on_once_and_rings_for_a_new_alert(served, desk, browser):
    with tab(browser) as page:
        enter(page, served)
        page.get_by_role("button", name="Nyalakan bunyi").click()
        expect(page.get_by_role("button", name="Bunyi menyala")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate("window.tapalRings") == 1
        desk.put(alert(severity="low", probability=0.4))
        page.wait_for_function("window.tapalChimes === 1")
        expect(page).to_have_title("(1) Tugas · Tapal")
        assert page.evaluate("window.tapalRings") == 1, "probably explained soon: nobody is startled"
        desk.put(alert(severity="medium", probability=0.7))
        page.wait_for_function("window.tapalRings === 2")
        assert page.evaluate("window.tapalChimes") == 1
        page.reload()
        page.get_by_role("heading", name="Tugas").click()
        expect(page.get_by_role("button", name="Bunyi menyala")).to_be_visible()


def test_the_console_is_an_app_of_its_own_that_says_when_the_server_is_gone(served, desk, browser):
    with tab(browser) as page:
        enter(page, served)
        assert page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)") == f"{served}/"
        manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((one) => one.json())")
        assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
        assert page.request.get(f"{served}{manifest['icons'][0]['src']}").ok
        page.wait_for_function("navigator.serviceWorker.controller")
        page.context.set_offline(True)
        page.goto(f"{served}/alerts")
        expect(page.get_by_text("Server tidak terjangkau.")).to_be_visible()


def test_no_press_is_lost_in_silence(served, desk, browser):
    desk.put(alert())
    with tab(browser) as page:
        enter(page, served)
        button = page.get_by_role("button", name="Terima")
        page.wait_for_function("window.did_handshake")
        page.evaluate("window.socket.io.engine.close()")  # a phone out of reach; the browser comes back by itself
        button.click()
        expect(page.get_by_role("region", name="Sedang ditangani").get_by_role("article")).to_be_visible()
        page.evaluate("sessionStorage.setItem('tapal_presses', JSON.stringify(['Selesaikan']))")
        page.reload()
        expect(page.get_by_role("status").filter(has_text="Belum ada jawaban atas “Selesaikan”.")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Tugas")).to_be_visible()
        assert page.evaluate("sessionStorage.getItem('tapal_presses')") is None, "it is told once"


def test_a_press_that_fails_at_the_server_is_told(served, desk, browser, monkeypatch):
    desk.put(alert())
    monkeypatch.setattr(desk, "acknowledge", lambda *_: 1 / 0)
    with tab(browser) as page:
        enter(page, served)
        page.get_by_role("button", name="Terima").click()
        expect(page.get_by_role("status").filter(has_text="gagal di server")).to_be_visible()
        expect(page.get_by_role("button", name="Terima")).not_to_have_attribute("aria-busy", "true")


def test_the_console_is_driven_by_keys_alone(served, desk, browser):
    desk.put(alert(1))
    desk.put(alert(2))
    with tab(browser) as page:
        enter(page, served)
        page.wait_for_function("window.did_handshake")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("a")
        mine = page.get_by_role("region", name="Sedang ditangani").get_by_role("article")
        expect(mine).to_have_count(1)
        assert desk.alerts["a2"].state == "acknowledged", "the second card had the focus"
        expect(mine.get_by_role("link")).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Bantuan dan tombol")).to_be_visible()
        page.keyboard.press("g")
        page.keyboard.press("a")
        expect(page).to_have_url(f"{served}/alerts")
        page.goto(f"{served}/alerts/a1")
        expect(page.get_by_role("heading", name="Keputusan Anda")).to_be_visible()
        page.keyboard.press("3")
        expect(page.get_by_role("button", name=re.compile("^Alarm palsu"))).to_be_focused()
        assert desk.alerts["a1"].verdict is None, "a key alone does not judge"
        page.keyboard.press("n")
        page.keyboard.type("ga?")
        expect(page.get_by_label("Catatan", exact=True)).to_have_value("ga?")


def test_the_navigation_shows_where_one_is_on_a_low_screen(served, desk, browser):
    with tab(browser) as page:
        enter(page, served)
        page.set_viewport_size({"width": 1366, "height": 260})
        page.goto(f"{served}/help")
        expect(page.get_by_role("navigation").get_by_role("link", name="Bantuan")).to_be_in_viewport(ratio=0.9)


def test_the_keys_can_be_turned_off(served, desk, browser):
    with tab(browser) as page:
        enter(page, served)
        page.goto(f"{served}/help")
        page.get_by_role("button", name="Tombol menyala").click()
        expect(page.get_by_role("button", name="Tombol mati")).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("d")
        expect(page.get_by_role("button", name="Tombol mati")).to_be_visible()
        expect(page).to_have_url(f"{served}/help")
