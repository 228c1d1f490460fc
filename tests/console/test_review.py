"""Review: pictures behind verdicts are labelled on a page, by mouse and by keyboard."""

import json

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tapal_contract.media import wrap
from tapal_contract.node import CommandAnswer
from tapal_server.alerts.states import Outcome
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tests.console.conftest import clean_nicegui
from tests.console.office import office, served_office
from tests.server.conftest import PASSWORD
from tests.server.edges import START, Edge
from tests.server.test_clips_in_review import brought
from tests.support.services.chromium import DESK, PHONE, tab
from tests.support.walking import walker

FRAME = cv2.imencode(".jpg", np.full((360, 640, 3), 90, np.uint8))[1].tobytes()


def judged(parts, *outcomes: Outcome) -> tuple[str, ...]:
    """People landed, somebody judged it; the pictures that came into the review."""
    edge = Edge(site="bambangan", line="jetty")
    events = [edge.crossing(7200 * number) for number in range(len(outcomes))]
    parts.intake.take([edge.state(), *edge.sent(*events), *(edge.on("media", wrap(FRAME, e.id)) for e in events)])
    parts.correlator.step()
    for alert, outcome in zip(parts.services.alerts.page(SYSTEM, Paging(), sort="time").items, outcomes, strict=True):
        parts.services.alerts.resolve(SYSTEM, alert.id, outcome, "looked at the picture")
    parts.collector.work()
    return tuple(one.id for one in parts.services.review.page(SYSTEM, Paging(), order="newest").items)


async def test_a_picture_is_labelled_and_the_next_one_follows(running):
    newest, oldest = judged(running.parts, Outcome.CONFIRMED, Outcome.FALSE_ALARM)
    user = await running.sign_in("admin")
    await user.open("/review?order=newest&state=nonsense")
    for text in ("2 gambar", "Alarm palsu: apa yang dikira orang", f"/review/{oldest}.jpg"):
        await user.should_see(text)
    await user.open(f"/review/{oldest}")
    box = {"label": "boat", "x1": 0.1, "y1": 0.2, "x2": 0.4, "y2": 0.9}
    user.find(marker="labeller").trigger("labelled", {"detail": json.dumps({"act": "save", "boxes": [box]})})
    await user.should_see(f"/review/{newest}.jpg", retries=30)
    (saved,) = running.parts.services.review.get(SYSTEM, oldest).boxes
    assert (saved.label, saved.x2, saved.confidence) == ("boat", 0.4, None)
    user.find(marker="labeller").trigger("labelled", {"detail": json.dumps({"act": "negative", "boxes": []})})
    await user.should_see("Tidak ada yang perlu dilabeli.", retries=30)
    assert running.parts.services.review.get(SYSTEM, newest).view.negative


@pytest.mark.parametrize(
    "boxes",
    [
        pytest.param([{"label": "person", "x1": 0.5, "y1": 0.1, "x2": 1.5, "y2": 0.9}], id="off-the-picture"),
        pytest.param([], id="nothing-said"),
    ],
)
async def test_what_cannot_be_is_refused(running, boxes):
    (one,) = judged(running.parts, Outcome.CONFIRMED)
    user = await running.sign_in("admin")
    await user.open(f"/review/{one}")
    user.find(marker="labeller").trigger("labelled", {"detail": json.dumps({"act": "save", "boxes": boxes})})
    await user.should_see("perlu dilabeli")
    assert running.parts.services.review.get(SYSTEM, one).boxes is None


async def test_a_skipped_picture_can_be_taken_up_again(running):
    (one,) = judged(running.parts, Outcome.CONFIRMED)
    user = await running.sign_in("admin")
    await user.open(f"/review/{one}")
    user.find(marker="review-acts").trigger("click", {"act": "skip", "id": one})
    await user.should_see("Tidak ada yang perlu dilabeli.", retries=30)
    await user.open(f"/review/{one}")
    user.find(marker="review-acts").trigger("click", {"act": "reopen", "id": one})
    await user.should_see("perlu dilabeli", retries=40)
    assert running.parts.services.review.get(SYSTEM, one).view.state == "open"


async def test_an_officer_says_that_somebody_was_missed(running):
    edge = Edge()
    camera = {"camera": "gate-1", "state": "online", "fps": 7.0}
    running.parts.intake.take([edge.state(), edge.health(cameras=[camera])])
    user = await running.sign_in("sari")
    await user.open("/cameras/nunukan-01/gate-1")
    user.find(marker="missed").trigger("submit", {"at": "2026-03-02T14:00", "note": "dua orang"})
    await user.should_see("Tercatat: 1 masuk tinjauan.", retries=40)
    (missed,) = running.parts.services.review.page(SYSTEM, Paging()).items
    assert (missed.why, missed.note, missed.changed_by) == ("missed", "dua orang", "sari")
    await user.open("/review")
    await user.should_see("Peran Anda tidak mencakup ini.")


@pytest.mark.services
def test_boxes_are_drawn_by_mouse_and_moved_by_keys(browser, tmp_path):
    with clean_nicegui(), office(tmp_path) as parts, served_office(parts) as address, tab(browser) as page:
        (one,) = judged(parts, Outcome.CONFIRMED)
        page.goto(address)
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("h1")
        page.goto(f"{address}/review/{one}")
        page.wait_for_function("document.querySelector('[data-boxes] img')?.naturalWidth === 640")
        expect(page.locator(".label-box")).to_have_count(1)
        page.set_viewport_size(PHONE)
        image, drawing = (page.locator(f"[data-boxes] {one}").bounding_box() for one in ("img", "svg.drawing"))
        assert image == pytest.approx(drawing, abs=1), "else a box would lie beside what it was drawn over"
        page.set_viewport_size(DESK)
        page.keyboard.press("Delete")
        expect(page.get_by_text("Tidak ada kotak.")).to_be_visible()
        area = page.locator("[data-boxes] svg.drawing").bounding_box()
        assert area is not None
        at = [(area["x"] + area["width"] * x, area["y"] + area["height"] * y) for x, y in ((0.5, 0.25), (0.75, 0.75))]
        page.mouse.move(*at[0])
        page.mouse.down()
        page.mouse.move(*at[1], steps=4)
        page.mouse.up()
        expect(page.locator(".label-box.mine")).to_have_count(1)
        page.keyboard.press("2")
        for _ in range(10):
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("s")
        expect(page.get_by_text("Tidak ada yang perlu dilabeli.")).to_be_visible()
        (box,) = parts.services.review.get(SYSTEM, one).boxes
        assert box.label == "bicycle"
        assert [box.x1, box.y1, box.x2, box.y2] == pytest.approx([0.45, 0.25, 0.7, 0.75], abs=0.01)


async def test_the_frames_of_a_clip_are_labelled_one_after_the_other(running):
    (picture,) = judged(running.parts, Outcome.CONFIRMED)
    review = running.parts.services.review
    brought(running.parts, review.get(SYSTEM, picture).view.event_id, walker(11)[0])
    running.parts.collector.work()
    first, second, third = sorted(
        (one for one in review.page(SYSTEM, Paging()).items if one.clip), key=lambda one: one.frame
    )
    user = await running.sign_in("admin")
    await user.open("/review")
    await user.should_see("dari klip")
    await user.open(f"/review/{first.id}")
    for text in ("Bingkai dari klip ini", "Bingkai 3, perlu dilabeli", f"/review/{second.id}"):
        await user.should_see(text)
    box = {"label": "person", "x1": 0.1, "y1": 0.2, "x2": 0.4, "y2": 0.9}
    user.find(marker="labeller").trigger("labelled", {"detail": json.dumps({"act": "save", "boxes": [box]})})
    await user.should_see(f"/review/{second.id}.jpg", retries=600)
    await user.open(f"/review/{third.id}")
    user.find(marker="labeller").trigger("labelled", {"detail": json.dumps({"act": "negative", "boxes": []})})
    await user.should_see(f"/review/{second.id}.jpg", retries=600)
    assert [one.state for one in review.frames(SYSTEM, first.id)] == ["done", "open", "done"]


async def test_a_picture_says_how_it_stands_with_its_clip(running):
    parts = running.parts
    (picture,) = judged(parts, Outcome.FALSE_ALARM)
    user = await running.sign_in("admin")
    await user.open("/review")
    await user.should_see("klip diminta")
    await user.open(f"/review/{picture}")
    await user.should_see("secara otomatis untuk tinjauan")
    event = parts.services.review.get(SYSTEM, picture).view.event_id
    (command,) = [one.command for one in parts.dispatcher.due() if one.command.name == "clip"]
    edge = Edge(site="bambangan", line="jetty")
    said = CommandAnswer(id=command.id, outcome="refused", cause="not-kept", time=START)
    parts.intake.take([edge.health(commands=(said,))])
    await user.should_see("kotak tidak menyimpannya lagi", retries=60)
    await user.open("/review")
    await user.should_see("tanpa klip")
    brought(parts, event, walker(11)[0])
    parts.collector.work()
    await user.open(f"/review/{picture}")
    for text in ("Klipnya sudah tiba", "Bingkai 3, perlu dilabeli", "Tonton klipnya", f"/media/{event}.mp4"):
        await user.should_see(text)


async def test_a_report_without_a_picture_says_so_and_waits_for_its_clip(running):
    parts = running.parts
    edge = Edge()
    parts.intake.take([edge.state(), edge.health(media_queue=40)])
    sari = parts.services.auth.actor_named("sari")
    (report,) = parts.services.review.report_missed(sari, "nunukan-01", "gate-1", START, "behind a truck")
    parts.collector.work()
    user = await running.sign_in("admin")
    await user.open(f"/review/{report.id}")
    for text in ("Laporan tanpa gambar", "Klip diambil secara otomatis", "masih mengirim kejadian"):
        await user.should_see(text)


@pytest.mark.services
def test_a_clip_is_labelled_by_keys_alone(browser, tmp_path):
    with clean_nicegui(), office(tmp_path) as parts, served_office(parts) as address, tab(browser) as page:
        (picture,) = judged(parts, Outcome.CONFIRMED)
        review = parts.services.review
        brought(parts, review.get(SYSTEM, picture).view.event_id, walker(16)[0])
        parts.collector.work()
        first, second, third, fourth = (one.id for one in review.frames(SYSTEM, picture))
        page.goto(address)
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector("h1")
        page.goto(f"{address}/review/{first}")
        expect(page.get_by_text("0 dari 4 bingkai klip ini selesai. Sisa antrean: 5.")).to_be_visible()
        page.keyboard.press("]")
        page.wait_for_url(f"**/review/{second}")
        expect(page.locator("[data-frames] [aria-current]")).to_have_text("2")
        page.keyboard.press("[")
        page.wait_for_url(f"**/review/{first}")
        expect(page.get_by_text("Tidak ada kotak.")).to_be_visible()
        page.get_by_text("Tonton klipnya").click()
        page.wait_for_function("document.querySelector('video').readyState >= 2")
        page.keyboard.press("a")
        expect(page.locator(".label-box.mine")).to_have_count(1)
        page.keyboard.press("c")
        page.wait_for_url(f"**/review/{second}")
        assert review.get(SYSTEM, first).view.state == "done"
        assert review.get(SYSTEM, fourth).proposals != (), "the box was carried on"
        expect(page.get_by_text("1 dari 4 bingkai klip ini selesai.")).to_be_visible()
        expect(page.locator(".label-box")).to_have_count(1)
        page.keyboard.press("k")
        page.wait_for_url(f"**/review/{third}")
        assert review.get(SYSTEM, second).view.state == "skipped"
