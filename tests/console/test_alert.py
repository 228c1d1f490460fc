from datetime import timedelta

from tapal_server.console.ports import Code, Mark
from tests.console.conftest import sign_in
from tests.console.fakes import NOW, alert


async def test_an_alert_shows_reason_explanations_and_history(officer, desk):
    desk.put(alert())
    await officer.open("/alerts/a1")
    for text in (
        "Lintasan tanpa catatan",
        "Satu orang melintas dan setelah 15 menit belum ada catatannya",
        "satu orang terhitung dua kali. (kira-kira 10%)",
        "Tanyakan konter",
        "Peringatan diangkat",
        "sekitar 8 benar",
        "Ini petunjuk, bukan bukti.",
    ):
        await officer.should_see(text)


async def test_the_time_line_shows_crossings_against_records(officer, desk):
    mine = Mark(id="c1", what="crossing", at=NOW - timedelta(minutes=1), chance=0.83, mine=True)
    other = Mark(id="c2", what="crossing", at=NOW - timedelta(minutes=3), chance=0.02)
    record = Mark(id="r1", what="record", at=NOW - timedelta(minutes=2))
    desk.marks = (mine, other, record)
    desk.put(alert())
    await officer.open("/alerts/a1")
    await officer.should_see("<svg")
    await officer.should_see("2 lintasan dan 1 catatan")


async def test_a_verdict_with_a_note_is_kept(officer, desk):
    desk.put(alert())
    await officer.open("/alerts/a1")
    choice = {"act": "explained", "id": "a1", "note": " Awak kapal, sudah ditanya. "}
    officer.find("main").trigger("click", choice)
    await officer.should_see("Awak kapal, sudah ditanya.", retries=20)
    await officer.should_see("Buka kembali")
    assert (desk.alerts["a1"].state, desk.alerts["a1"].verdict) == ("resolved", "explained")


async def test_a_picture_that_comes_later_appears_by_itself(officer, desk):
    desk.put(alert())
    await officer.open("/alerts/a1")
    await officer.should_see("Gambar belum tiba")
    desk.pictures["e1"] = b"\xff\xd8\xff\xd9"
    desk.put(alert(picture="e1"))
    await officer.should_see("/media/e1.jpg", retries=20)
    answer = await officer.http_client.get("/media/e1.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "private" in answer.headers["cache-control"]


async def test_an_alert_about_no_crossing_promises_no_picture(officer, desk):
    desk.put(alert(kind="blind", line=None, direction=None, reason=Code("camera_blind")))
    await officer.open("/alerts/a1")
    await officer.should_see("tidak bergambar")
    await officer.should_not_see("Gambar belum tiba")


async def test_a_picture_is_not_for_strangers(stranger, desk):
    desk.pictures["e1"] = b"\xff\xd8\xff\xd9"
    assert (await stranger.http_client.get("/media/e1.jpg")).status_code == 303


async def test_a_picture_that_is_gone_says_so(officer):
    assert (await officer.http_client.get("/media/none.jpg")).status_code == 404


async def test_an_unknown_alert_says_what_may_have_happened(officer):
    await officer.open("/alerts/nothing")
    await officer.should_see("Peringatan tidak ditemukan")
    await officer.should_see("Kembali ke Tugas")


async def test_an_auditor_reads_without_verdict_buttons(stranger, desk):
    desk.put(alert())
    await sign_in(stranger, "budi")
    await stranger.open("/alerts/a1")
    await stranger.should_see("Riwayat")
    await stranger.should_not_see(marker="verdict")
