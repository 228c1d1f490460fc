"""What people add to an alert on its page: files, agencies, the welfare flag; and the alert as a document."""

import cv2
import numpy as np

from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.reports.alert_pdf import alert_to_pdf
from tests.console.test_serving import landing
from tests.server.conftest import PASSWORD
from tests.server.edges import JPEG
from tests.server.test_reports import text_of

PDF = ("manifes.pdf", b"%PDF-1.7 two people more", "application/pdf")


async def test_a_file_is_added_listed_and_removed(running):
    alert = landing(running.parts)
    user = await running.sign_in("sari")
    answer = await user.http_client.post(f"/alerts/{alert}/files", files={"file": PDF})
    assert answer.headers["location"] == f"/alerts/{alert}"
    await user.open(f"/alerts/{alert}")
    for text in ("manifes.pdf", "Sari", "Lampiran ditambahkan"):
        await user.should_see(text)
    (one,) = running.parts.services.alerts.detail(SYSTEM, alert).attachments
    user.find(marker="files").trigger("click", {"act": "detach", "id": one.id})
    await user.should_see("Belum ada lampiran.", retries=30)


async def test_a_file_that_is_not_taken_says_which_are(running):
    alert = landing(running.parts)
    user = await running.sign_in("sari")
    answer = await user.http_client.post(f"/alerts/{alert}/files", files={"file": ("x.exe", b"MZ\x00\xff", "x/y")})
    await user.open(answer.headers["location"])
    await user.should_see("Tidak ditambahkan: hanya JPEG")


async def test_an_alert_is_shown_to_an_agency_and_taken_back(running):
    alert, people = landing(running.parts), running.parts.services.people
    user = await running.sign_in("budi")
    await user.open(f"/alerts/{alert}")
    await user.should_see("Belum ada instansi dengan akun mitra.")
    people.add(SYSTEM, "mitra", PASSWORD, role=Role.PARTNER, display_name="Mitra", agency="BP3MI")
    await user.open(f"/alerts/{alert}")
    for text in ("BP3MI", "Simpan PDF", f"/api/v1/alerts/{alert}/cap?language=id"):
        await user.should_see(text)
    user.find(marker="share").trigger("submit", {"agency": "BP3MI", "why": "pekerja migran"})
    await user.should_see("pekerja migran", retries=30)
    (one,) = running.parts.services.alerts.detail(SYSTEM, alert).shares
    user.find(marker="shares").trigger("click", {"act": "unshare", "id": one.id})
    await user.should_see("Tidak lagi dibagikan kepada", retries=30)


async def test_an_officer_neither_shares_nor_exports(running):
    alert = landing(running.parts)
    user = await running.sign_in("sari")
    await user.open(f"/alerts/{alert}")
    await user.should_not_see("Di luar kantor ini")


async def test_the_welfare_flag_is_in_reach_and_can_be_taken_off(running):
    alert = landing(running.parts)
    user = await running.sign_in("sari")
    await user.open(f"/alerts/{alert}")
    user.find("main").trigger("click", {"act": "welfare_on", "id": alert, "note": "anak kecil"})
    await user.should_see("Cabut tanda perlindungan", retries=30)
    assert running.parts.services.alerts.get(SYSTEM, alert).welfare
    user.find("main").trigger("click", {"act": "welfare_off", "id": alert, "note": ""})
    await user.should_see("Tanda perlindungan dicabut", retries=30)


def test_an_alert_is_a_page_to_print_with_its_picture(parts):
    alert = landing(parts)
    found = parts.services.alerts.detail(SYSTEM, alert)
    site = next(site for site in parts.sites if site.id == found.alert.site)
    bare = alert_to_pdf(found, site, None, language="id")
    jpeg = cv2.imencode(".jpg", np.zeros((36, 64, 3), np.uint8))[1].tobytes()
    assert bare.startswith(b"%PDF-")
    assert len(alert_to_pdf(found, site, jpeg, language="en")) > len(bare) + len(jpeg) / 2
    assert alert_to_pdf(found, site, JPEG, language="id")[:5] == b"%PDF-"


def test_the_page_to_print_speaks_one_language(parts):
    alert, sari = landing(parts), parts.services.auth.sign_in("sari", PASSWORD).actor
    parts.services.alerts.acknowledge(sari, alert)
    found = parts.services.alerts.detail(SYSTEM, alert)
    for language, direction, steps in (
        ("id", "masuk", ("diangkat", "diterima")),
        ("en", "inbound", ("raised", "acknowledged")),
    ):
        text = text_of(alert_to_pdf(found, None, None, language=language))
        assert f"/ {direction}" in text
        assert [step for step in steps if f": {step}." not in text] == []
