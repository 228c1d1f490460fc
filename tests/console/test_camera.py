"""One camera's page: what it counts at, what is sent to its node, and what the node said."""

import json
from dataclasses import replace

import pytest

from tapal_contract.events import dump
from tapal_contract.media import wrap
from tapal_contract.node import Health
from tapal_server.commands.views import CommandView
from tapal_server.console.around import Drawing
from tapal_server.console.i18n import words
from tapal_server.console.views.around import overlay
from tapal_server.console.views.camera import outcome
from tapal_server.people.actor import SYSTEM
from tests.console.test_serving import landing
from tests.server.edges import JPEG, START, Edge

LINE = {"id": "gate", "from": [0.45, 0.24], "to": [0.45, 0.56], "inbound": "left_to_right"}
COMMAND = CommandView(
    id="c",
    node="nunukan-01",
    site="tunon-taka",
    camera="gate-1",
    name="set-geometry",
    state="waiting",
    reason="",
    issued_at=START,
    issued_by="budi",
    answered_at=None,
)


def report(parts) -> None:
    """A node tells of its camera."""
    edge = Edge()
    camera = {"camera": "gate-1", "state": "online", "fps": 7.0, "lines": [LINE], "zones": []}
    said = Health(node=edge.node, site=edge.site, boot=edge.boot, time=START, queue=0, cameras=[camera])
    parts.intake.take([edge.state(), edge.on("health", dump(said))])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "Waiting for the node", id="waiting"),
        pytest.param({"state": "done"}, "In force", id="done"),
        pytest.param({"state": "refused", "reason": "the line is off"}, "The node says: the line is off", id="refused"),
        pytest.param({"state": "expired"}, "No answer", id="silent"),
    ],
)
def test_what_the_node_said_is_shown_with_who_asked(changes, said):
    shown = outcome(replace(COMMAND, **changes), {"budi": "Budi Santoso"}, "Asia/Makassar", words("en"))
    assert said in shown
    assert "Budi Santoso" in shown


def test_the_line_and_the_person_are_drawn_over_the_picture():
    drawn = overlay(Drawing((0.1, 0.2, 0.3, 0.9), ((0.4, 0.2), (0.4, 0.6))))
    assert 'x1="0.4"' in drawn
    assert 'width="0.2"' in drawn
    assert overlay(Drawing()) is None
    way = overlay(Drawing(path=((0.1, 0.5), (0.2, 0.55))))
    assert 'points="0.1000,0.5000 0.2000,0.5500"' in way
    assert overlay(Drawing(path=((0.1, 0.5),))) is None, "one point is no way"


async def test_lines_are_sent_to_the_node_and_what_it_cannot_be_is_refused(running):
    report(running.parts)
    user = await running.sign_in("admin")
    await user.open("/cameras/nunukan-01/gate-1")
    await user.should_see("Belum ada yang mengubah kamera ini dari sini.")
    drawn = json.dumps({"lines": [LINE | {"id": "dermaga"}], "zones": []})
    user.find(content="data-geometry").trigger("geometry", {"detail": drawn})
    await user.should_see("Menunggu node", retries=20)
    last = running.parts.services.commands.geometry(SYSTEM, "nunukan-01", "gate-1").last
    assert (last.name, last.issued_by) == ("set-geometry", "admin")


async def test_the_reference_view_is_taken_anew_and_shown_with_its_maker(running):
    report(running.parts)
    user = await running.sign_in("admin")
    await user.open("/cameras/nunukan-01/gate-1")
    await user.should_see("belum ada gambar acuan yang diambil")
    user.find(marker="reference").trigger("click", {"act": "learn_view", "id": "gate-1"})
    await user.should_see("Menunggu node", retries=30)
    asked = running.parts.services.commands.reference(SYSTEM, "nunukan-01", "gate-1").last
    running.parts.intake.take([Edge().on("media", wrap(JPEG, asked.id))])
    await user.should_see("/api/v1/nodes/nunukan-01/cameras/gate-1/view.jpg", retries=30)
    await user.should_see("Diambil oleh Admin")
    await running.sign_in("sari")
    await user.open("/cameras/nunukan-01/gate-1")
    await user.should_see("Diambil oleh Admin")
    await user.should_not_see("Ambil pandangan sekarang")


async def test_the_wall_shows_each_camera_that_can_be_reached(running):
    report(running.parts)
    user = await running.sign_in("sari")
    await user.open("/cameras")
    await user.should_see('data-live="nunukan-01/gate-1"')


async def test_a_camera_that_is_not_known_says_so(running):
    user = await running.sign_in("sari")
    await user.open("/cameras/nunukan-01/gate-1")
    await user.should_see("Sudah tidak ada, atau bukan pos Anda.")


async def test_an_alert_is_given_to_a_colleague_by_name(running):
    alert = landing(running.parts)
    user = await running.sign_in("budi")
    await user.open(f"/alerts/{alert}")
    for text in ("Tidak ada kamera lain", "Belum ada jenis ini yang diputuskan", "Serahkan kepada rekan"):
        await user.should_see(text)
    user.find(marker="give").trigger("submit", {"to": "sari"})
    await user.should_see("Ditugaskan", retries=30)
    assert running.parts.services.alerts.get(SYSTEM, alert).assignee == "sari"
