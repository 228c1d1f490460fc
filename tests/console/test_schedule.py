"""Pages of voyages, planned movements and the reconciliation, on the server's own services."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tapal_server.console.i18n import words
from tapal_server.console.views import forms
from tapal_server.console.views import planned as planned_views
from tapal_server.console.views import voyages as voyage_views
from tapal_server.console.views.reconciliation import Wanted, bounds
from tapal_server.db.tables import VesselRow
from tapal_server.errors import InvalidError
from tapal_server.paging import Paging
from tapal_server.passages.model import Record, Report
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.voyages.entries import PlanEntry, VoyageEntry
from tests.server.conftest import PASSWORD, START
from tests.server.edges import Edge

HOUR = timedelta(hours=1)
TYPED = {
    "id": "TWU-7",
    "vessel": "KM Labuan Express",
    "place": "tunon-taka/gate",
    "direction": "inbound",
    "starts_at": "2026-03-02T14:00",
    "ends_at": "2026-03-02T15:00",
    "declared": "12",
}


def sites(parts):
    return {site.id: site for site in parts.sites}


def enter(parts, **changes):
    values = {
        "id": "TWU-7", "site": "tunon-taka", "direction": "inbound", "vessel": "KM Labuan Express",
        "starts_at": START, "ends_at": START + HOUR, "declared": 12,
    }  # fmt: skip
    return parts.services.voyages.enter(SYSTEM, VoyageEntry(**(values | changes)))


def log(parts, source: str, count: int, voyage_id: str | None = None) -> None:
    time = START.timestamp()
    one = Record(id="0", checkpoint="TTK", direction="inbound", time=time, received_at=time, voyage_id=voyage_id)
    rows = [replace(one, id=f"{source}{number}", time=time + 60 * number) for number in range(count)]
    parts.services.passages.take(SYSTEM, source, Report("test"), rows)


async def test_a_voyage_is_seen_at_a_glance(running):
    enter(running.parts)
    log(running.parts, "simkim", 10, "TWU-7")
    log(running.parts, "ksop", 9, "TWU-7")
    user = await running.sign_in("sari")
    await user.open("/voyages")
    for text in ("KM Labuan Express · TWU-7", "Dilaporkan: 12; Diperiksa (tercatat): 10", "sedang dihitung"):
        await user.should_see(text)
    running.parts.services.clock.move(2 * 3600)
    await user.open("/voyages")
    await user.should_see("tidak cocok")
    await user.open("/voyages/TWU-7")
    for text in ("Manifes belum ada.", "oleh system", "Batalkan pelayaran ini"):
        await user.should_see(text)
    running.parts.services.manifests.take(SYSTEM, "TWU-7", None, ["A1", "B2"])
    await user.open("/voyages/TWU-7")
    await user.should_see("Di manifes, tanpa catatan")


async def test_a_vessel_heard_over_ais_is_shown_with_its_voyage(running):
    enter(running.parts, mmsi=525_012_345)
    time = running.parts.services.clock.now()
    row = VesselRow(
        mmsi=525_012_345,
        site="tunon-taka",
        latitude=4.1,
        longitude=117.6,
        distance_km=0.44,
        near_since=time,
        heard_at=time,
    )
    with running.parts.database.write() as session:
        session.add(row)
    user = await running.sign_in("sari")
    await user.open("/voyages/TWU-7")
    await user.should_see("berjarak 0,4 km")


async def test_without_voyages_the_page_says_what_to_do(running):
    user = await running.sign_in("sari")
    await user.open("/voyages")
    await user.should_see("import-voyages")
    await user.should_see("Masukkan pelayaran")
    await user.open("/voyages/nothing")
    await user.should_see("Pelayaran")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("nama,no_paspor\nx,A1\ny,B2\n", "Manifes diterima.", id="taken"),
        pytest.param("no_paspor\nA1\nA1\n", "Diterima, kecuali baris yang tidak terbaca atau berulang: 3", id="twice"),
        pytest.param("nama\nx\n", "Berkas ini tidak bisa diterima.", id="no column"),
    ],
)
async def test_a_manifest_is_brought_as_a_file(running, content, said):
    enter(running.parts)
    user = await running.sign_in("sari")
    answer = await user.http_client.post("/voyages/TWU-7/manifest", files={"file": ("m.csv", content, "text/csv")})
    await user.open(answer.headers["location"])
    await user.should_see(said)
    persons = running.parts.services.manifests.get(SYSTEM, "TWU-7").persons
    assert persons == (None if "tidak bisa" in said else 2)


async def test_a_manifest_is_not_for_who_may_not_plan(running):
    enter(running.parts)
    running.parts.services.people.add(SYSTEM, "lihat", PASSWORD, role=Role.AUDITOR, display_name="Lihat")
    user = await running.sign_in("lihat")
    content = "no_paspor\nA1\n"
    answer = await user.http_client.post("/voyages/TWU-7/manifest", files={"file": ("m.csv", content, "text/csv")})
    assert answer.headers["location"] == "/voyages/TWU-7?manifest=refused"
    assert running.parts.services.manifests.get(SYSTEM, "TWU-7").persons is None
    await user.open("/voyages/TWU-7")
    await user.should_not_see("Terima manifes dari berkas")


async def test_planned_movements_are_listed_and_late_ones_marked(running):
    plan = PlanEntry(
        site="tunon-taka", starts_at=START - HOUR, ends_at=START + HOUR, kind="deportation", note="kapal dari Tawau"
    )
    running.parts.services.plans.enter(SYSTEM, plan)
    user = await running.sign_in("sari")
    await user.open("/planned")
    for text in ("kapal dari Tawau", "terlambat dimasukkan", "Deportan", "Berlangsung", "Masukkan pergerakan"):
        await user.should_see(text)


async def test_a_plan_shows_how_many_came(running):
    edge = Edge(site="bambangan", line="jetty")
    running.parts.intake.take(edge.sent(*(edge.crossing(at) for at in (0.0, 20.0, 40.0))))
    plan = PlanEntry(
        site="bambangan", starts_at=START - HOUR, ends_at=START + HOUR, kind="exercise", note="latihan", persons=2
    )
    running.parts.services.plans.enter(SYSTEM, plan)
    user = await running.sign_in("sari")
    await user.open("/planned")
    await user.should_see("Terlihat")
    await user.should_see("latihan")
    found = running.parts.services.plans.page(SYSTEM, Paging())
    drawn = planned_views.listing(found, sites(running.parts), words("id"), may_change=False)
    assert "<strong>3</strong>" in drawn, "one more than planned stands out"


async def test_two_agencies_are_compared_on_a_page(running):
    user = await running.sign_in("budi")
    await user.open("/reconciliation")
    await user.should_see("kurang dari dua sumber")
    log(running.parts, "simkim", 10)
    log(running.parts, "ksop", 4)
    await user.open("/reconciliation?first=simkim&second=ksop")
    for text in ("Hanya di simkim", "perlu diperiksa", "differences.xlsx"):
        await user.should_see(text)
    await user.open("/reconciliation?first=simkim&second=simkim")
    await user.should_see("Pilih dua sumber yang berbeda.")
    await user.open("/reconciliation?first=simkim&second=ksop&since=2020-01-01&until=2026-01-01")
    await user.should_see("paling lama 31 hari")


def test_what_is_typed_is_on_the_clock_of_the_site(parts):
    entry = voyage_views.entry(TYPED, sites(parts))
    assert (entry.starts_at, entry.line, entry.declared) == (START, "gate", 12)
    assert forms.typed(entry.starts_at, "Asia/Makassar") == TYPED["starts_at"]
    plan = planned_views.entry(TYPED | {"kind": "exercise", "direction": "", "note": "drill"}, sites(parts))
    assert (plan.direction, plan.kind, plan.ends_at) == (None, "exercise", START + HOUR)
    assert parts.services.voyages.enter(SYSTEM, entry).figures.declared == 12
    assert parts.services.plans.enter(SYSTEM, plan).late is False
    assert parts.services.plans.page(SYSTEM, Paging()).total == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"starts_at": "soon"}, "starts_at", id="no-time"),
        pytest.param({"declared": "a few"}, "declared", id="no-number"),
        pytest.param({"imo": "-1"}, "imo", id="negative"),
    ],
)
def test_what_cannot_be_read_names_its_field(parts, changes, field):
    with pytest.raises(InvalidError) as caught:
        voyage_views.entry(TYPED | changes, sites(parts))
    assert caught.value.field == field


def test_both_days_of_a_window_are_included():
    since, until = bounds(Wanted(since="2026-03-01", until="2026-03-02"), START, "Asia/Makassar")
    assert until - since == timedelta(days=2)
    since, until = bounds(Wanted(since="x"), START, "Asia/Makassar")
    assert since < START < until
