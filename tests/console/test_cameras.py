from dataclasses import replace

from tests.console.fakes import node


async def test_without_nodes_the_page_says_how_to_start_one(officer):
    await officer.open("/cameras")
    await officer.should_see("Belum ada node yang melapor.")
    await officer.should_see("tapal edge run")


async def test_a_node_shows_its_health(officer, desk):
    desk.watching = [node()]
    await officer.open("/cameras")
    for text in (
        "Semua kamera mengawasi (1).",
        "Tunon Taka",
        "nunukan-01",
        "gate-1",
        "6,9 gambar/detik",
        "51 °C",
        "42 GB",
    ):
        await officer.should_see(text)


async def test_a_camera_of_a_node_that_is_cut_off_does_not_watch(officer, desk):
    desk.watching = [node(status="offline")]
    await officer.open("/cameras")
    await officer.should_see("1 dari 1 kamera tidak mengawasi.")
    await officer.should_see("Tak terjangkau")


async def test_what_goes_wrong_is_told(officer, desk):
    (camera,) = node().cameras
    covered = replace(camera, state="covered", last_event="covered", last_event_at=node().since, detail="lens")
    desk.watching = [node(cameras=(covered,), lost=3, conflicts=2)]
    await officer.open("/cameras")
    for text in ("Tertutup", "Terakhir: Tertutup", "3 pesan hilang", "2 pesan bernomor ganda"):
        await officer.should_see(text)


async def test_a_change_arrives_without_a_reload(officer, desk):
    await officer.open("/cameras")
    desk.watching = [node()]
    desk.tell("nodes")
    await officer.should_see("Semua kamera mengawasi (1).", retries=20)


async def test_a_node_that_is_there_does_not_watch_with_a_camera_that_is_cut_off(officer, desk):
    one = node()
    desk.watching = [replace(one, cameras=(replace(one.cameras[0], state="offline"),))]
    await officer.open("/cameras")
    for text in ("Terhubung", "Terputus"):
        await officer.should_see(text)
    await officer.should_not_see("Mengawasi")
