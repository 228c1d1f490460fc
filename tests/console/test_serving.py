"""The console on the server's real services: what it shows, and what becomes of what is pressed."""

from datetime import timedelta

import pytest

from tapal_server.alerts.states import Outcome
from tapal_server.console.ports import LISTED
from tapal_server.console.serving import ServicesDesk
from tapal_server.console.subjects import person_of
from tapal_server.paging import Paging
from tapal_server.parts import Parts
from tapal_server.passages.query import PassageFilter
from tapal_server.passages.reader import read_lines
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.voyages.entries import PlanEntry
from tests.console.office import LOG
from tests.server.conftest import PASSWORD
from tests.server.edges import Edge
from tests.server.test_tally import raised

PAGING = Paging()
HOUR = timedelta(hours=1)
GOOD = "record_id,recorded_at,direction,checkpoint,nama\n1,2026-03-02T14:00:00+08:00,masuk,TTK,x\n"
BAD = GOOD + "2,kemarin,masuk,TTK,x\n"


def landing(parts: Parts) -> str:
    """Somebody lands where nobody should; the id of the alert."""
    edge = Edge(site="bambangan", line="jetty")
    event = edge.crossing(0)
    parts.intake.take([*edge.sent(event), edge.picture(event), edge.state(), edge.health()])
    parts.correlator.step()
    (alert,) = parts.services.alerts.page(SYSTEM, PAGING).items
    return alert.id


async def test_a_wrong_password_is_refused(running):
    answer = await running.user.http_client.post("/sign-in", data={"username": "sari", "password": "x" * 12})
    assert answer.status_code == 401


async def test_too_many_attempts_have_to_wait(running):
    for _ in range(6):
        answer = await running.user.http_client.post("/sign-in", data={"username": "sari", "password": "x" * 12})
    assert answer.status_code == 429
    assert "Terlalu banyak percobaan" in answer.text


async def test_an_alert_goes_from_the_engine_to_a_verdict(running):
    user = await running.sign_in("sari")
    await user.open("/")
    alert_id = landing(running.parts)
    await user.should_see("Kehadiran di luar jadwal", retries=30)
    await user.should_see("Bambangan · jetty · masuk")
    user.find("main").trigger("click", {"act": "acknowledge", "id": alert_id})
    await user.should_see(content="1", marker="count-mine", retries=30)
    await user.open(f"/alerts/{alert_id}")
    for text in ("Satu orang melintas pukul 14:00", "/media/", "Diterima"):
        await user.should_see(text)
    user.find("main").trigger("click", {"act": "confirmed", "id": alert_id, "note": "Dua orang, sudah ditanya."})
    await user.should_see("Dua orang, sudah ditanya.", retries=30)
    found = running.parts.services.alerts.get(SYSTEM, alert_id)
    assert (found.state.value, found.outcome.value) == ("resolved", "confirmed")


def exercise(parts: Parts) -> None:
    """What explains a landing at this hour, as the engine finds at its next look."""
    at = parts.services.clock.now()
    plan = PlanEntry(site="bambangan", starts_at=at - HOUR, ends_at=at + HOUR, kind="exercise", note="latihan")
    parts.services.plans.enter(SYSTEM, plan)
    parts.correlator.step()


async def test_what_explained_itself_is_told_for_eight_hours(running):
    parts = running.parts
    landing(parts)
    exercise(parts)
    user = await running.sign_in("sari")
    await user.open("/")
    await user.should_see(content="0", marker="count-new")
    await user.should_see(content="1", marker="count-cleared")
    parts.services.clock.move(9 * HOUR.total_seconds())
    desk, sari = ServicesDesk(parts.services, parts.sites), parts.services.auth.sign_in("sari", PASSWORD).actor
    assert desk.duty_alerts(person_of(sari)) == ()


async def test_open_alerts_beyond_the_list_are_counted_and_found(running):
    parts = running.parts
    with parts.database.write() as session:
        session.add_all(raised(number) for number in range(LISTED + 2))
    user = await running.sign_in("sari")
    await user.open("/")
    await user.should_see(content=str(LISTED), marker="count-new")
    await user.should_see("Masih ada 2 peringatan lebih lama yang belum selesai")
    rest = "/alerts?state=open&page=9"
    await user.should_see(rest.replace("&", "&amp;"))
    await user.open(rest)
    for text in ("/alerts/a0", "/alerts/a1"):
        await user.should_see(text)
    await user.should_not_see("/alerts/a2")
    await user.open("/")
    for alert_id in ("a0", "a1"):
        parts.services.alerts.resolve(SYSTEM, alert_id, Outcome.FALSE_ALARM, "burung")
    await user.should_not_see("lebih lama yang belum selesai", retries=30)


async def test_what_somebody_reopens_waits_among_the_open_whatever_the_engine_made_of_it(running):
    parts = running.parts
    alert_id = landing(parts)
    exercise(parts)
    user = await running.sign_in("sari")
    await user.open(f"/alerts/{alert_id}")
    user.find("main").trigger("click", {"act": "reopen", "id": alert_id, "note": "Latihan itu di dermaga lain."})
    await user.should_see("Latihan itu di dermaga lain.", retries=30)
    await user.open("/")
    await user.should_see(content="1", marker="count-new")
    await user.should_see(content="0", marker="count-cleared")
    await user.should_see("Dibuka kembali")
    await user.open("/alerts?state=reopened")
    await user.should_see("Bambangan · jetty · masuk")


async def test_what_a_colleague_did_first_is_told(running):
    user = await running.sign_in("sari")
    alert_id = landing(running.parts)
    await user.open(f"/alerts/{alert_id}")
    actor = running.parts.services.auth.sign_in("budi", PASSWORD).actor
    running.parts.services.alerts.resolve(actor, alert_id, Outcome.EXPLAINED, "warga")
    user.find("main").trigger("click", {"act": "acknowledge", "id": alert_id})
    await user.should_see("warga", retries=30)


async def test_cameras_archive_and_map_show_what_the_server_knows(running):
    user = await running.sign_in("sari")
    landing(running.parts)
    for path, text in (("/cameras", "nunukan-01"), ("/alerts", "1 peringatan"), ("/map", "jalur tidak resmi")):
        await user.open(path)
        await user.should_see(text)


async def test_a_passage_file_is_looked_at_and_then_taken(running):
    user = await running.sign_in("budi")
    answer = await user.http_client.post("/passages/offer", files={"file": ("log.csv", BAD, "text/csv")})
    await user.open(answer.headers["location"])
    for text in ("1 baris dapat diambil, 1 baris bermasalah.", "Kolom yang diabaikan: nama.", "Baris 3:"):
        await user.should_see(text)
    assert running.parts.services.passage_log.page(SYSTEM, PAGING, PassageFilter()).total == 0
    token = answer.headers["location"].partition("=")[2]
    taken = await user.http_client.post("/passages/take", data={"token": token, "source": "simkim"})
    await user.open(taken.headers["location"])
    for text in ("1 baris baru tersimpan.", "1 catatan", "simkim"):
        await user.should_see(text)
    again = await user.http_client.post("/passages/take", data={"token": token, "source": "simkim"})
    await user.open(again.headers["location"])
    await user.should_see("Berkas ini tidak bisa dibaca.")


@pytest.mark.parametrize("content", [pytest.param(b"\xff\xfe", id="not-text"), pytest.param(b"a,b\n", id="header")])
async def test_a_file_that_cannot_be_read_says_what_to_do(running, content):
    user = await running.sign_in("budi")
    answer = await user.http_client.post("/passages/offer", files={"file": ("log.csv", content, "text/csv")})
    await user.open(answer.headers["location"])
    await user.should_see("Berkas ini tidak bisa dibaca.")


async def test_an_officer_reads_the_log_but_imports_nothing(running):
    user = await running.sign_in("sari")
    answer = await user.http_client.post("/passages/offer", files={"file": ("log.csv", GOOD, "text/csv")})
    assert answer.headers["location"] == "/passages?problem=file"
    await user.open("/passages")
    await user.should_see("Log masih kosong.")
    await user.should_not_see("Impor berkas")


async def test_an_admin_opens_and_closes_an_account(running):
    user = await running.sign_in("admin")
    await user.open("/people")
    form = {"name": "dewi", "display_name": "Dewi", "password": "perahu-kecil-biru", "role": "officer"}
    user.find("new-person").trigger("submit", form)
    await user.should_see("Dewi (dewi)", retries=30)
    user.find("people").trigger("click", {"act": "close_account", "id": "dewi"})
    await user.should_see("Ditutup", retries=30)


async def test_people_and_audit_are_not_for_everybody(running):
    user = await running.sign_in("sari")
    for path in ("/people", "/audit"):
        await user.open(path)
        await user.should_see("Peran Anda tidak mencakup ini.")


async def test_the_audit_chain_is_shown_whole(running):
    user = await running.sign_in("admin")
    await user.open("/audit")
    await user.should_see("Rantai utuh")
    await user.should_see("session.start")


async def test_a_shift_is_handed_over_and_accepted_by_name(running):
    landing(running.parts)
    user = await running.sign_in("sari")
    await user.open("/handover")
    user.find("give").trigger("submit", {"to": "budi", "note": "Perhatikan dermaga."})
    await user.should_see("Menunggu diterima", retries=30)
    await user.should_see("1 peringatan masih terbuka.")
    await running.sign_in("budi")
    await user.open("/handover")
    await user.should_see("Perhatikan dermaga.")
    (given,) = running.parts.services.desk.handovers(
        running.parts.services.auth.sign_in("budi", PASSWORD).actor, PAGING
    ).items
    user.find("handovers").trigger("click", {"act": "accept", "id": given.id})
    await user.should_see("Diterima pukul", retries=30)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        pytest.param("", "12 catatan", id="all"),
        pytest.param("?direction=outbound&source=simkim", "4 catatan", id="direction"),
        pytest.param("?since=2026-03-02&until=2026-03-02&checkpoint=TTK", "12 catatan", id="a-day"),
        pytest.param("?since=2026-03-03", "Tidak ada catatan yang cocok.", id="later"),
        pytest.param("?since=kemarin&direction=up", "12 catatan", id="nonsense-does-not-limit"),
    ],
)
async def test_records_are_searched(running, asked, seen):
    report, rows = read_lines(LOG.splitlines(keepends=True), name="log.csv", key=bytes(32))
    running.parts.services.passages.take(SYSTEM, "simkim", report, rows)
    user = await running.sign_in("sari")
    await user.open(f"/passages{asked}")
    await user.should_see(seen)


async def test_partners_of_two_agencies_see_what_was_shared_with_their_own(running):
    alert_id, services = landing(running.parts), running.parts.services
    budi = services.auth.sign_in("budi", PASSWORD).actor
    for name, agency in (("ani", "BP3MI"), ("joko", "KSOP")):
        services.people.add(SYSTEM, name, PASSWORD, role=Role.PARTNER, agency=agency)
    services.sharing.share(budi, alert_id, "BP3MI", "kemungkinan pekerja migran")
    user = await running.sign_in("ani")
    await user.open("/")
    await user.should_see("Kehadiran di luar jadwal")
    await user.should_see("<dt>Peringatan</dt><dd>0</dd>", marker="shift")
    await running.sign_in("joko")
    await user.open("/")
    await user.should_see(content="0", marker="count-new")
    await user.should_not_see("Kehadiran di luar jadwal")
