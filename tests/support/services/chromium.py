"""A real Chromium, driven by Playwright, on a profile of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.support.services import require

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1366, "height": 850}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for the length of the block, on a new profile that is thrown away."""
    program = os.environ.get("TAPAL_CHROMIUM") or require("chromium", package="chromium")
    expect.set_options(timeout=PATIENCE_MS)  # a page is expected as patiently as it is asked: the machine may be busy
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, *, phone: bool = False) -> Iterator[Page]:
    """A page without cookies, as large as a phone or a desk screen."""
    with browser.new_context(viewport=PHONE if phone else DESK, has_touch=phone) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
