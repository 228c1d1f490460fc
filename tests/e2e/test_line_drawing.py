"""A line drawn in the console takes effect on a running edge: broker, server and node as processes, and a browser."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tapal.demo.files import CAMERA, NODE
from tests.e2e.system import PASSWORD, Api, served, tapal
from tests.support.services import stop
from tests.support.services.chromium import chromium, tab

pytestmark = pytest.mark.services
ANSWER_MS = 60_000
FROM, TO = (0.62, 0.95), (0.47, 0.5)  # beside the sample's own line, across the way people walk


@contextmanager
def watching(folder: Path) -> Iterator[None]:
    """An edge node on the sample feed, round and round."""
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tapal", "edge", "run", "--config", "edge.yaml"],
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        stop(process)


def draw(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, drag, release."""
    box = page.locator("svg.drawing").bounding_box()
    assert box is not None
    for step, (x, y) in enumerate((start, end)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        (page.mouse.up if step else page.mouse.down)()


def sign_in(page: Page, api: Api) -> None:
    page.goto(f"{api.address}/cameras/{NODE}/{CAMERA}")
    page.get_by_label("Nama pengguna").fill("admin")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()


def online(nodes: dict) -> bool:
    return any(camera["state"] == "online" for node in nodes["items"] for camera in node["cameras"])


def test_a_line_drawn_with_the_mouse_counts_on_a_running_edge(tmp_path):
    with served(tmp_path) as api, watching(tmp_path), chromium() as browser, tab(browser) as page:
        add = ("server", "user", "add", "admin", "--role", "admin", "--password-stdin", "--config", "server.yaml")
        tapal(*add, folder=tmp_path, stdin=PASSWORD + "\n")
        api.until("/api/v1/nodes", online)
        sign_in(page, api)
        expect(page.locator(".live.seen img")).to_be_visible(timeout=ANSWER_MS)
        page.get_by_role("button", name="Gambar garis").click()
        draw(page, FROM, TO)
        page.get_by_label("Nama garis 2").fill("dermaga")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Kirim ke kamera").click()
        expect(page.get_by_role("status").filter(has_text="Berlaku")).to_be_visible(timeout=ANSWER_MS)
        expect(page.get_by_text("gate, dermaga")).to_be_visible()  # in the list of who changed it
        crossed = api.until("/api/v1/events?type=crossing&line=dermaga", lambda found: found["total"], seconds=90)
        assert {event["camera"] for event in crossed["items"]} == {CAMERA}
        page.get_by_role("button", name="Hapus gate").click()
        page.get_by_label("Nama garis 1").fill("Nama Salah")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Kirim ke kamera").click()
        expect(page.locator(".said-box")).to_contain_text("Tidak terkirim")
