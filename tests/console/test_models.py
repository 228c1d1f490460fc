"""Models and nodes: a bundle is brought in, rolled out, and taken back on a page."""

from tapal_server.ingest.sorting import Incoming
from tapal_server.people.actor import SYSTEM
from tests.server.edges import Edge
from tests.server.test_models import NEW, OLD, Box, bundle_of


async def test_a_model_is_brought_in_rolled_out_and_taken_back(running, tmp_path):
    parts = running.parts
    user = await running.sign_in("admin")
    await user.open("/models")
    await user.should_see("Belum ada model yang dimasukkan.")
    file = ("model.tapal", bundle_of(tmp_path / "m", parent=OLD, figures={"recall": 0.91}), "application/octet-stream")
    assert (await user.http_client.post("/models/offer", files={"file": file})).headers["location"] == "/models"
    box = Box(parts, "nunukan-01")
    await user.open("/models")
    for text in (NEW, "recall 0.910", "mantap", OLD):
        await user.should_see(text)
    user.find(marker="start-rollout").trigger("submit", {"model": NEW, "stages": "nunukan-01"})
    await user.should_see("Tahap 1", retries=30)
    box.takes()
    await user.should_see("memakainya", retries=30)
    (rollout,) = parts.services.rollouts.all(SYSTEM)
    user.find(marker="rollouts").trigger("click", {"act": "roll_back", "id": rollout.id})
    await user.should_see("ditarik kembali", retries=30)
    assert box.hears().name == "previous-model"


async def test_what_is_no_bundle_is_refused_with_what_to_do(running):
    user = await running.sign_in("admin")
    answer = await user.http_client.post("/models/offer", files={"file": ("x", b"PK", "x/y")})
    await user.open(answer.headers["location"])
    await user.should_see("Paket tidak diterima")


async def test_models_are_not_for_an_officer(running):
    user = await running.sign_in("sari")
    await user.open("/models")
    await user.should_see("Peran Anda tidak mencakup ini.")


async def test_refused_messages_are_counted_where_those_who_run_the_server_look(running):
    edge = Edge()
    sent = edge.sent(edge.crossing())
    broken = [edge.on("event", b"{<b>not json") for _ in range(3)]
    strangers = [Incoming("tapal/1/somewhere/box-9/event", b"\xff\xfe"), Incoming("tapal/2/x", b"")]
    running.parts.intake.take([*sent, *broken, *strangers])
    user = await running.sign_in("admin")
    await user.open("/models")
    for text in ("Pesan yang ditolak", "nunukan-01", "rusak", "tidak dikenal", "tapal/1/somewhere/box-9/event"):
        await user.should_see(text)
