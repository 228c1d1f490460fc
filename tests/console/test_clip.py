"""The clip on an alert's page: asked for by a press, told how it stands, played where it is."""

import pytest
from playwright.sync_api import Page, expect

from tapal_contract.clip import cut
from tapal_contract.node import CameraHealth, CommandAnswer
from tapal_server.paging import Paging
from tapal_server.parts import Parts
from tapal_server.people.actor import SYSTEM
from tests.console.conftest import Running, clean_nicegui
from tests.console.office import office, served_office
from tests.console.test_accessibility import problems
from tests.server.conftest import PASSWORD
from tests.server.edges import START, Edge
from tests.support.films import draw
from tests.support.services.chromium import tab


def landed(parts: Parts) -> tuple[Edge, str, str]:
    """Somebody landed at Bambangan: the node, the event and the alert."""
    edge = Edge(site="bambangan", line="jetty")
    event = edge.crossing(path=((0.2, 0.9), (0.3, 0.9)))
    line = {"id": "jetty", "from": (0.5, 0.2), "to": (0.5, 0.8)}
    camera = CameraHealth.model_validate({"camera": "gate-1", "state": "online", "fps": 7, "lines": (line,)})
    parts.intake.take([edge.state(), edge.health(cameras=(camera,)), *edge.sent(event), edge.picture(event)])
    parts.correlator.step()
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    return edge, event.id, alert.id


def command(parts: Parts) -> str:
    """What the node was asked."""
    return [one.command.id for one in parts.dispatcher.due() if one.command.name == "clip"][-1]


def refused(edge: Edge, command_id: str, cause: str, reason: str = ""):
    answer = CommandAnswer.model_validate(
        {"id": command_id, "outcome": "refused", "reason": reason, "cause": cause, "time": START}
    )
    return edge.health(commands=(answer,))


async def test_the_page_says_how_it_stands_with_the_clip(running: Running) -> None:
    parts = running.parts
    edge, event_id, alert_id = landed(parts)
    user = await running.sign_in("sari")
    await user.open(f"/alerts/{alert_id}")
    await user.should_see("tetap di kotak kamera sampai diminta")
    await user.should_see("Ambil klip")
    parts.services.clips.ask(parts.services.auth.actor_named("sari"), event_id)
    await user.open(f"/alerts/{alert_id}")
    await user.should_see("oleh sari")
    await user.should_see("sedang menyiapkannya")
    parts.intake.take([edge.state("offline")])
    await user.open(f"/alerts/{alert_id}")
    await user.should_see("tidak terjangkau")
    asked = command(parts)
    parts.intake.take([edge.state(), refused(edge, asked, "no-clips")])
    await user.open(f"/alerts/{alert_id}")
    await user.should_see("Klip tidak dapat diperoleh: kamera ini tidak menyimpan klip.")
    await user.should_see("Minta lagi")


async def test_who_does_not_judge_sees_no_button(running: Running) -> None:
    _, _, alert_id = landed(running.parts)
    user = await running.sign_in("admin")
    await user.open(f"/alerts/{alert_id}")
    await user.should_see("Hanya yang memutus peringatan boleh mengambilnya.")
    await user.should_not_see("Ambil klip")


@pytest.fixture
def served(tmp_path):
    with clean_nicegui(), office(tmp_path) as parts, served_office(parts) as address:
        yield parts, address


def enter(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Nama pengguna").fill("sari")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Tugas")).to_be_visible()


@pytest.mark.services
def test_an_officer_fetches_the_clip_and_watches_it(browser, served, tmp_path) -> None:
    parts, address = served
    edge, event_id, alert_id = landed(parts)
    film = draw(tmp_path / "film.mp4", seconds=4).read_bytes()
    with tab(browser, phone=True) as page:
        enter(page, address)
        page.goto(f"{address}/alerts/{alert_id}")
        clip = page.get_by_role("region", name="Klip")
        clip.get_by_role("button", name="Ambil klip").tap()
        expect(clip).to_contain_text("oleh sari")
        asked = command(parts)
        parts.intake.take([refused(edge, asked, "failed", "the encoder is not there")])
        expect(clip).to_contain_text("the encoder is not there")
        clip.get_by_role("button", name="Minta lagi").tap()
        expect(clip).to_contain_text("sedang menyiapkannya")
        asked = command(parts)
        pieces = [edge.on("media", piece.dump()) for piece in cut(film, asked)]
        answer = CommandAnswer(id=asked, outcome="done", time=START)
        parts.intake.take([edge.health(commands=(answer,)), *pieces[:-1]])
        expect(clip).to_contain_text("Dalam perjalanan")
        parts.intake.take(pieces[-1:])
        video = clip.locator("video")
        expect(video).to_be_visible()
        over = clip.locator("svg.over-picture")
        expect(over.locator(".edge, .way")).to_have_count(4)
        expect(over.locator(".person-box")).to_have_count(0)  # it is where somebody was at one moment
        page.wait_for_function("document.querySelector('video').readyState >= 2")
        assert abs(video.evaluate("video => video.duration") - 4) < 0.2
        assert video.evaluate("video => video.videoWidth") == 320
        video.evaluate("video => { video.currentTime = 3; }")
        page.wait_for_function(
            "!document.querySelector('video').seeking && document.querySelector('video').currentTime > 2.5"
        )
        assert video.evaluate("video => video.error") is None
        assert over.bounding_box() == pytest.approx(video.bounding_box(), abs=1), "drawn where the film is"
        assert problems(page) == []
    with tab(browser) as stranger:
        answer = stranger.request.get(f"{address}/media/{event_id}.mp4")
        assert not answer.headers["content-type"].startswith("video")
