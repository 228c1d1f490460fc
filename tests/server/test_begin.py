"""When a server begins, one share of the sites after the other is made ready, and each is live as soon as it is."""

import asyncio
import threading
from contextlib import suppress

import pytest

from tapal_server.events import AlertRaised, EventsStored, PassagesStored, ScheduleChanged
from tapal_server.live.begin import Beginning
from tapal_server.live.correlator import Correlator
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tests.server.edges import Edge
from tests.support.patience import PATIENCE_S

POSTS = ("old", "quiet", "busy")
OFFICE = "sites:\n" + "\n".join(
    f"  - {{id: {name}, share: {name}, name: {name}, kind: unofficial, timezone: Asia/Makassar,"
    " gates: [{line: jetty, direction: inbound}]}"
    for name in POSTS
)


@pytest.fixture
def backend() -> str:
    """Who begins when does not depend on the database."""
    return "sqlite"


async def eventually(holds) -> None:
    """Wait until something holds that rings no bell."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


def take_turns(beginning: Beginning, begun: list[str], *ranks: tuple[str, float]) -> dict[str, asyncio.Task[None]]:
    async def begin(name: str, rank: float) -> None:
        async with beginning.turn(rank):
            begun.append(name)
            await asyncio.sleep(0)

    return {name: asyncio.create_task(begin(name, rank)) for name, rank in ranks}


async def test_one_at_a_time_begins_the_lowest_rank_first():
    beginning, begun = Beginning(), []
    async with beginning.turn(9):
        tasks = take_turns(beginning, begun, ("last", 3), ("first", 1), ("second", 2), ("third", 2))
        await eventually(lambda: len(beginning._waiting) == 4)
        assert begun == []
    await asyncio.gather(*tasks.values())
    assert begun == ["first", "second", "third", "last"]
    async with asyncio.timeout(PATIENCE_S), beginning.turn(1):
        assert not beginning._waiting


@pytest.mark.parametrize(
    ("event", "whom"),
    [
        pytest.param(EventsStored(count=1, sites=("busy", "elsewhere")), {"busy"}, id="of-one-share"),
        pytest.param(EventsStored(count=1, sites=("elsewhere",)), set(), id="of-no-share"),
        pytest.param(EventsStored(count=1), set(POSTS), id="of-anybody"),
        pytest.param(PassagesStored(source="log", count=1, checkpoints=("OLD",)), {"old"}, id="records"),
        pytest.param(PassagesStored(source="log", count=1), set(POSTS), id="records-of-anybody"),
        pytest.param(ScheduleChanged(site="quiet"), {"quiet"}, id="a-plan"),
        pytest.param(ScheduleChanged(site=""), set(POSTS), id="a-plan-that-was-missed"),
        pytest.param(AlertRaised(alert_id="a", site="busy", kind="presence"), set(), id="an-alert"),
    ],
)
def test_only_the_shares_that_something_came_of_look(settings, event, whom):
    """Of a country's thousand shares a batch concerns a few, and a look costs milliseconds whatever there is to see."""
    office = OFFICE.replace("{id: old,", "{id: old, checkpoint: OLD,")
    settings.sites.write_text(office, encoding="utf-8")
    parts = build_parts(settings)
    try:
        found = {share for share, one in parts.correlator.correlators.items() if one.concerns(event)}
    finally:
        parts.database.close()
    assert found == whom


@pytest.mark.parametrize("called", [False, True])
async def test_who_gives_up_waiting_holds_up_nobody(called):
    beginning, begun = Beginning(), []
    turn = beginning.turn(9)
    await turn.__aenter__()
    tasks = take_turns(beginning, begun, ("gives up", 1), ("next", 2))
    await eventually(lambda: len(beginning._waiting) == 2)
    if called:
        await turn.__aexit__(None, None, None)  # it has its turn, and does not know yet
    tasks["gives up"].cancel()
    with suppress(asyncio.CancelledError):
        await tasks["gives up"]
    if not called:
        await turn.__aexit__(None, None, None)
    await asyncio.wait_for(tasks["next"], PATIENCE_S)
    assert begun == ["next"]
    assert not beginning._busy


async def test_a_share_is_live_while_others_are_made_ready_and_the_newest_is_first(settings, clock, monkeypatch):
    settings.sites.write_text(OFFICE, encoding="utf-8")
    parts = build_parts(settings, clock=clock)
    edges = {name: Edge(node=name, site=name, line="jetty") for name in POSTS}
    parts.intake.take(edges["old"].sent(edges["old"].crossing(0)))
    parts.intake.take(edges["busy"].sent(edges["busy"].crossing(600)))
    clock.move(700)
    begun, on = [], threading.Event()
    rebuild = Correlator._rebuild

    def slowly(self):
        begun.append(self._share)
        if self._share == "old":
            on.wait(PATIENCE_S)
        return rebuild(self)

    monkeypatch.setattr(Correlator, "_rebuild", slowly)
    shares = parts.correlator.correlators
    beginning = shares["busy"]._beginning
    async with beginning.turn(0):
        tasks = [asyncio.create_task(share.run()) for share in shares.values()]
        await eventually(lambda: len(beginning._waiting) == 3)

    def landed() -> set[str]:
        return {one.site for one in parts.services.alerts.page(SYSTEM, Paging(), sort="time").items}

    try:
        await eventually(lambda: begun == ["busy", "old"])
        assert [name for name in POSTS if shares[name].running] == ["busy"]
        assert landed() == {"busy"}
        before = parts.services.alerts.page(SYSTEM, Paging(), sort="time").total
        clock.move(7200)
        parts.intake.take(edges["busy"].sent(edges["busy"].crossing(7800)))
        await eventually(lambda: parts.services.alerts.page(SYSTEM, Paging(), sort="time").total == before + 1)
        on.set()
        await eventually(lambda: all(share.running for share in shares.values()))
        assert begun == ["busy", "old", "quiet"]
        assert landed() == {"busy", "old"}
    finally:
        on.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        parts.database.close()
