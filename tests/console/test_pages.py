"""Every page of the console opens in both languages, and every page has a test that says what it is for."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui import Client

from tapal_server.alerts.states import Outcome
from tapal_server.console.frame import GROUPS
from tapal_server.console.i18n import words
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.voyages.entries import VoyageEntry
from tests.console.test_camera import report
from tests.console.test_feeds import send
from tests.console.test_review import judged
from tests.server.conftest import START

HERE = Path(__file__)
OPENED = re.compile(r"(?:open|goto)\(f?[\"'](?:\{\w+\})?(/[^\"'?]*)")
SAMPLES = {
    "alert_id": "", "node": "nunukan-01", "camera": "gate-1", "review_id": "", "voyage_id": "TWU-7", "name": "ksop",
}  # fmt: skip
OTHERS = {"/alerts/{alert_id}", "/cameras/{node}/{camera}", "/feeds/{name}", "/review/{review_id}", "/more"}
OTHERS |= {"/voyages/{voyage_id}"}


def registered() -> set[str]:
    return set(Client.page_routes.values())


def opened_elsewhere() -> set[str]:
    """Every address that another test of the console opens."""
    found = set()
    for module in sorted(HERE.parent.glob("test_*.py")):
        if module != HERE:
            found |= set(OPENED.findall(module.read_text(encoding="utf-8")))
    return found


def matches(route: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", route), address) is not None


async def fill(running) -> dict[str, str]:
    """Something for every page to show; what the addresses need."""
    parts = running.parts
    (review_id,) = judged(parts, Outcome.CONFIRMED)
    parts.services.clock.move(7200)
    report(parts)
    voyage = VoyageEntry(
        id="TWU-7", site="tunon-taka", direction="inbound", vessel="KM Labuan Express", starts_at=START,
        ends_at=START + timedelta(hours=1), declared=12,
    )  # fmt: skip
    parts.services.voyages.enter(SYSTEM, voyage)
    user = await running.sign_in("budi")
    await send(user, "save")
    (alert, *_) = parts.services.alerts.page(SYSTEM, Paging()).items
    return SAMPLES | {"alert_id": alert.id, "review_id": review_id}


@pytest.mark.parametrize("language", ["id", "en"])
async def test_every_page_opens_without_a_fault(running, language, caplog):
    values = await fill(running)
    user = await running.sign_in("admin")
    user.http_client.cookies.set("tapal_language", language)
    for route in sorted(registered()):
        await user.open(route.format(**values))
        await user.should_see(words(language)("nav.duty"))
        assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == [], route


async def test_every_page_has_a_test_of_its_own(running):
    opened = opened_elsewhere()
    without = {route for route in registered() if not any(matches(route, address) for address in opened)}
    assert without == set(), "open them in a test of tests/console and say what must be seen"


async def test_every_page_is_in_the_menu_or_behind_one_that_is(running):
    listed = {place.path for places in GROUPS.values() for place in places}
    assert registered() == listed | OTHERS


def test_no_two_entries_of_the_menu_look_alike_or_share_a_key():
    entries = [place for places in GROUPS.values() for place in places]
    assert len({place.icon for place in entries}) == len(entries)
    letters = [place.letter for place in entries if place.letter]
    assert len(set(letters)) == len(letters)
