import pytest

from tests.console.conftest import sign_in
from tests.console.fakes import NOW, alert


async def test_an_empty_duty_page_says_what_happens_next(officer):
    await officer.open("/")
    await officer.should_see("Tidak ada peringatan baru.")
    await officer.should_see("Biarkan halaman ini terbuka.")


async def test_an_alert_shows_place_kind_time_probability_and_state(officer, desk):
    desk.put(alert(owner="Sari"))
    await officer.open("/")
    for text in ("Tunon Taka · gerbang · masuk", "Lintasan tanpa catatan", "83%", "sangat mungkin", "Baru", "Sari"):
        await officer.should_see(text)


async def test_a_new_alert_arrives_without_a_reload(officer, desk):
    await officer.open("/")
    await officer.should_not_see(marker="alert-a1")
    desk.put(alert())
    await officer.should_see(marker="alert-a1", retries=20)
    await officer.should_see(content="1", marker="count-new")


async def test_acknowledging_moves_an_alert_to_being_handled(officer, desk):
    desk.put(alert())
    await officer.open("/")
    officer.find("main").trigger("click", {"act": "acknowledge", "id": "a1"})
    await officer.should_see(content="1", marker="count-mine", retries=20)
    assert desk.alerts["a1"].state == "acknowledged"
    assert desk.alerts["a1"].owner == "Sari Wulandari"


async def test_an_alert_that_explained_itself_is_told_and_asks_for_nothing(officer, desk):
    desk.put(alert(open=False, closed_at=NOW, state="resolved", verdict="explained"))
    await officer.open("/")
    await officer.should_see(content="1", marker="count-cleared")
    await officer.should_see("pill verdict-explained")
    await officer.should_not_see("data-act")


@pytest.mark.parametrize(("severity", "soft"), [("low", True), ("medium", False)])
async def test_an_alert_that_is_early_looks_as_quiet_as_it_sounds(officer, desk, severity, soft):
    desk.put(alert(probability=0.38, severity=severity))
    await officer.open("/")
    for text in ("pill state-new soft", "mungkin catatannya hanya terlambat"):
        if soft:
            await officer.should_see(text)
        else:
            await officer.should_not_see(text)


async def test_a_verdict_from_the_list_is_two_taps_and_leaves_a_note(officer, desk):
    desk.put(alert(state="acknowledged"))
    await officer.open("/")
    officer.find("main").trigger("click", {"act": "resolve", "id": "a1"})
    await officer.should_see("Apa hasilnya?")
    officer.find("verdict-choice").trigger("click", {"act": "false_alarm", "id": "a1"})
    await officer.should_see(content="0", marker="count-mine", retries=20)
    assert desk.alerts["a1"].verdict == "false_alarm"
    assert desk.entries["a1"][-1].text == "Kamera keliru: tidak ada orang melintas."


async def test_an_auditor_sees_but_is_offered_no_action(stranger, desk):
    desk.put(alert())
    await sign_in(stranger, "budi")
    await stranger.open("/")
    await stranger.should_see("Lintasan tanpa catatan")
    await stranger.should_not_see("data-act")


async def test_an_action_after_the_session_ended_changes_nothing(officer, desk):
    desk.put(alert())
    await officer.open("/")
    desk.sessions.clear()
    officer.find("main").trigger("click", {"act": "acknowledge", "id": "a1"})
    await officer.should_see("Perlu tindakan")
    assert desk.alerts["a1"].state == "new"


async def test_the_duty_page_speaks_english_where_chosen(officer, desk):
    desk.put(alert())
    officer.http_client.cookies.set("tapal_language", "en")
    await officer.open("/")
    for text in ("Needs action", "Crossing without a record", "very likely"):
        await officer.should_see(text)


async def test_what_comes_from_outside_is_shown_as_text(officer, desk):
    desk.put(alert(line="<script>x</script>", site_name="<b>Pos</b>"))
    await officer.open("/")
    await officer.should_see("&lt;script&gt;")
    await officer.should_not_see("<script>x")


async def test_a_flood_is_one_surge_that_lists_its_members(officer, desk):
    for number in range(1, 4):
        desk.put(alert(number))
    desk.put(alert(9, kind="surge", members=("a1", "a2", "a3"), line=None, direction=None))
    await officer.open("/")
    await officer.should_see(content="1", marker="count-new")
    await officer.should_see("3 peringatan dalam satu lonjakan")
    await officer.open("/alerts/a9")
    await officer.should_see("Isi lonjakan")
    await officer.should_see("/alerts/a2")


async def test_the_shift_tells_what_it_has_seen(officer, desk):
    desk.put(alert(1, state="resolved", verdict="confirmed", raised_at=NOW))
    await officer.open("/")
    for text in ("Giliran jaga ini", "Terbukti"):
        await officer.should_see(text)
    desk.put(alert(2, state="resolved", verdict="false_alarm", raised_at=NOW))
    await officer.should_see("Alarm palsu", retries=100)  # its numbers follow a second later


async def test_a_page_that_cannot_be_made_says_so_and_what_to_do(officer, desk, monkeypatch, caplog):
    monkeypatch.setattr(desk, "duty_alerts", lambda _: 1 / 0)
    answer = await officer.http_client.get("/")
    assert answer.status_code == 500
    assert "Halaman ini gagal dibuat" in answer.text
    assert "a page could not be made" in caplog.text
    caplog.clear()  # NiceGUI's simulated user takes a logged error for a failed test
