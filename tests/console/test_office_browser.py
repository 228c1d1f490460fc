"""The office's main paths in a real Chromium, on the server's own services."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import clean_nicegui
from tests.console.office import office, served_office
from tests.server.conftest import PASSWORD
from tests.server.test_correlator import missing_record
from tests.support.services.chromium import tab

pytestmark = pytest.mark.services
LATE = "record_id,recorded_at,received_at,direction,checkpoint\n6,2026-03-02T15:00:30+08:00,{now},masuk,TTK\n"


@pytest.fixture
def running(tmp_path):
    with clean_nicegui(), office(tmp_path) as parts, served_office(parts) as address:
        yield parts, address


def enter(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_label("Nama pengguna").fill(name)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Tugas")).to_be_visible()


def test_passages_are_imported_and_an_alert_closes_as_explained(browser, running):
    parts, address = running
    alert, _ = missing_record(parts, parts.services.clock)
    with tab(browser) as page:
        enter(page, address, "budi")
        page.goto(f"{address}/alerts/{alert.id}")
        expect(page.get_by_role("heading", name="Keputusan Anda")).to_be_visible()
        log = page.context.new_page()
        log.goto(f"{address}/passages")
        text = LATE.format(now=parts.services.clock.now().isoformat())
        log.get_by_label("Berkas CSV").set_input_files({
            "name": "log.csv", "mimeType": "text/csv", "buffer": text.encode(),
        })  # fmt: skip
        log.get_by_role("button", name="Pratinjau").click()
        expect(log.get_by_text("1 baris dapat diambil, 0 baris bermasalah.")).to_be_visible()
        log.get_by_role("button", name="Ambil 1 baris").click()
        expect(log.get_by_role("heading", name="Impor berkas")).to_be_visible()
        parts.correlator.step()
        expect(page.locator(".alert-head .pill")).to_have_text("Terjelaskan")
        expect(page.locator(".ended")).to_contain_text(re.compile("catatan", re.IGNORECASE))


def test_a_shift_is_handed_over_and_taken_on_a_phone(browser, running):
    parts, address = running
    missing_record(parts, parts.services.clock)
    with tab(browser) as giver, tab(browser, phone=True) as taker:
        enter(giver, address, "sari")
        giver.goto(f"{address}/handover")
        giver.get_by_label("Kepada").select_option("budi")
        giver.get_by_label("Catatan").fill("Perhatikan dermaga.")
        giver.get_by_role("button", name=re.compile("Serahkan")).click()
        expect(giver.get_by_text("Menunggu diterima", exact=True)).to_be_visible()
        enter(taker, address, "budi")
        taker.get_by_role("link", name="Lainnya").tap()
        taker.get_by_role("link", name="Serah terima").tap()
        expect(taker.get_by_text("Perhatikan dermaga.")).to_be_visible()
        taker.get_by_role("button", name="Terima").tap()
        expect(taker.get_by_text(re.compile("Diterima pukul"))).to_be_visible()
