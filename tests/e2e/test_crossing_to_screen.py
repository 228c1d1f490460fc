"""One real crossing travels through everything: video, model, MQTT, passage log, alert, screen."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tapal.demo.files import CHECKPOINT
from tapal_contract.media import unwrap
from tapal_contract.times import to_wire
from tests.e2e.system import OFFICER, PASSWORD, Api, served, tapal, true_crossings, watch_sample_once
from tests.support.services.chromium import chromium, tab

pytestmark = pytest.mark.services

LEFT_OUT = {1, 7}  # one inbound, one outbound, neither so close behind another that they could be a double count
DELAY_S = 2.5


@pytest.fixture(scope="module")
def start() -> datetime:
    """The clip was recorded some minutes ago, so that every decision is due when its events arrive."""
    return datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, start: datetime):
    folder = tmp_path_factory.mktemp("system")
    with served(folder) as running:
        log = folder / "passages.csv"
        write_log(log, start)
        report = tapal("server", "import-passages", str(log), "--config", "server.yaml", folder=folder)
        assert f"{len(true_crossings()) - len(LEFT_OUT)} added" in report
        watch_sample_once(folder, start)
        yield running


def write_log(path: Path, start: datetime) -> None:
    """Everybody of the clip except those left out, some seconds after the line."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "recorded_at", "direction", "checkpoint"])
        for crossing in true_crossings():
            if crossing["person"] not in LEFT_OUT:
                moment = start + timedelta(seconds=crossing["time_s"] + DELAY_S)
                writer.writerow([f"R{crossing['person']}", to_wire(moment), crossing["direction"], CHECKPOINT])


def open_alerts(answer: Any) -> list[Any]:
    return [alert for alert in answer["items"] if alert["status"] == "open" and alert["kind"] == "unlogged_crossing"]


def of_person(alert: Any, person: int, start: datetime) -> bool:
    true = next(crossing for crossing in true_crossings() if crossing["person"] == person)
    seconds = (datetime.fromisoformat(alert["time"]) - start).total_seconds()
    return abs(seconds - true["time_s"]) < 1.0 and alert["direction"] == true["direction"]


def test_those_left_out_of_the_log_are_alerts_and_nobody_else_is(api: Api, start: datetime):
    answer = api.until("/api/v1/alerts?size=100", lambda answer: len(open_alerts(answer)) >= len(LEFT_OUT))
    alerts = open_alerts(answer)
    for person in LEFT_OUT:
        assert any(of_person(alert, person, start) for alert in alerts), f"no alert for person {person}: {alerts}"
    assert all(0.5 < alert["probability"] <= 1.0 for alert in alerts)
    assert len(alerts) == len(LEFT_OUT), alerts


def test_every_alert_has_a_picture_of_its_event(api: Api):
    for alert in open_alerts(api.ask("/api/v1/alerts?size=100")):
        (event_id,) = alert["event_ids"]
        named, picture = unwrap(api.raw(f"/api/v1/media/{event_id}"))
        assert named == event_id
        assert len(picture) > 5_000


def test_the_officer_sees_it_in_the_browser_and_closes_it(api: Api):
    with chromium() as browser, tab(browser, phone=True) as page:
        page.goto(api.address)
        page.get_by_label("Nama pengguna").fill(OFFICER)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        cards = page.get_by_role("article").filter(has_text="Lintasan tanpa catatan")
        expect(cards).to_have_count(len(LEFT_OUT))
        picture = cards.first.locator("img")  # beside a link that says it all, so without a role of its own
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        cards.first.get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Keputusan Anda")).to_be_visible()
        page.get_by_label("Catatan", exact=True).fill("Awak kapal, sudah diperiksa.")
        page.get_by_role("button", name=re.compile("^Terjelaskan")).click()
        expect(page.get_by_text("Awak kapal, sudah diperiksa.")).to_be_visible()
    outcomes = [alert["outcome"] for alert in api.ask("/api/v1/alerts?size=100")["items"]]
    assert outcomes.count("explained") == 1
