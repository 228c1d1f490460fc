import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.node import Health
from tapal_edge.config import Mqtt
from tapal_edge.messages import Author
from tapal_edge.outbox import Outbox
from tapal_edge.transport import Identity, Link, Pace
from tests.edge.office import Office
from tests.support.certificates import certificate
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port
from tests.support.services.mosquitto import Mosquitto, mosquitto

IDENTITY = Identity("site", "node", new_id())
AUTHOR = Author("node", "site", "gate-1", IDENTITY.boot, "test@1")
QUICK = Pace(first_retry_s=0.05, last_retry_s=0.2, resend_s=0.3, media_resend_s=0.5)
JPEG = b"\xff\xd8 a picture \xff\xd9"

pytestmark = pytest.mark.services


@pytest.fixture
def broker(tmp_path: Path):
    with mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path):
    with Outbox(tmp_path / "outbox.db") as box:
        yield box


def see(outbox: Outbox, count: int, picture: bytes | None = None) -> list[str]:
    drafts = [AUTHOR.camera_changed("online", f"number {number}", 1e9) for number in range(count)]
    for draft in drafts:
        outbox.add(draft.id, lambda seq, draft=draft: dump(draft.numbered(seq)), picture)
    return [draft.id for draft in drafts]


def health() -> Health:
    return Health(node="node", site="site", boot=IDENTITY.boot, time=datetime.now(UTC), queue=0)


@asynccontextmanager
async def linked(outbox: Outbox, settings: Mqtt, pace: Pace = QUICK) -> AsyncIterator[Link]:
    link = Link(settings, IDENTITY, outbox, health=health, pace=pace)
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_events_and_pictures_arrive_and_leave_the_outbox(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    ids = see(outbox, 5, JPEG)
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url)) as link:
        await office.until(lambda: len(office.media) == 5)
        ids += see(outbox, 5)
        await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert [event.id for event in office.events] == ids
    assert office.media_before_event == 0
    assert set(office.media) == set(ids[:5])
    assert outbox.window(0, 9) == []


async def test_a_node_is_born_reports_and_says_goodbye(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    async with office.open(broker.port):
        async with linked(outbox, Mqtt(url=broker.url)):
            await office.until(lambda: office.healths)
        await office.until(lambda: len(office.states) == 2)
    assert [(state.state, state.boot) for state in office.states] == [
        ("online", IDENTITY.boot),
        ("offline", IDENTITY.boot),
    ]
    assert office.states[0].oldest_seq == 1


async def test_a_broker_that_is_killed_loses_nothing(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    async with linked(outbox, Mqtt(url=broker.url, window=8)) as link:
        async with office.open(broker.port):
            see(outbox, 100)
            await office.until(lambda: len(office.events) >= 20)
            broker.kill()
        see(outbox, 50)
        broker.start()
        async with office.open(broker.port):
            await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == list(range(1, 151))
    assert link.reconnects >= 1


async def test_what_the_server_missed_is_sent_again_from_there(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    office.deaf_to = {3, 7}
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url)) as link:
        see(outbox, 10)
        await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == list(range(1, 11))


async def test_what_an_earlier_start_left_behind_goes_out_under_the_present_start(
    broker: Mosquitto, outbox: Outbox
) -> None:
    earlier = Author("node", "site", "gate-1", new_id(), "test@1")
    draft = earlier.camera_changed("online", "before the power cut", 1e9)
    outbox.add(draft.id, lambda seq: dump(draft.numbered(seq)))
    office = Office()
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url)) as link:
        see(outbox, 1)
        await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.events[0].id == draft.id
    assert {event.boot for event in office.events} == {IDENTITY.boot}


async def test_without_acknowledgement_it_sends_again_and_keeps_all(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    office.silent = True
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url, window=4)) as link:
        see(outbox, 10)
        await office.until(lambda: office.deliveries >= 8)
        assert len(office.events) == 4, "no more than the window is sent ahead"
        assert len(outbox.window(0, 99)) == 10
        office.silent = False
        await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == list(range(1, 11))


async def test_a_server_that_does_not_answer_is_not_flooded_with_repeats(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    office.silent = True
    pace = Pace(first_retry_s=0.05, last_retry_s=0.2, resend_s=0.1)
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url, window=8), pace) as link:
        see(outbox, 20)
        await office.until(lambda: office.deliveries >= 16)
        assert office.heard[:16] == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 1, 2, 1, 1]
        office.silent = False
        await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == list(range(1, 21))


async def test_what_is_seen_meanwhile_does_not_put_off_a_repeat(broker: Mosquitto, outbox: Outbox) -> None:
    office = Office()
    office.silent = True

    async def go_on_seeing() -> None:
        while True:
            see(outbox, 1)
            await asyncio.sleep(0.05)

    see(outbox, 4)  # at once, as many as are sent without an answer: on a busy machine the first repeat came before
    async with office.open(broker.port), linked(outbox, Mqtt(url=broker.url, window=4)):
        seeing = asyncio.create_task(go_on_seeing())
        await office.until(lambda: office.deliveries >= 6)
        seeing.cancel()
    assert office.heard[:6] == [1, 2, 3, 4, 1, 2]


async def test_a_node_that_dies_is_declared_offline_by_its_will(broker: Mosquitto, tmp_path: Path) -> None:
    office = Office()
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.edge.test_transport import IDENTITY, Link, Mqtt, Outbox, health\n"
        "async def main():\n"
        "    outbox = Outbox(Path(sys.argv[1]))\n"
        "    await Link(Mqtt(url=sys.argv[2]), IDENTITY, outbox, health=health).run()\n"
        "asyncio.run(main())\n"
    )
    async with office.open(broker.port):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path / "o.db"), broker.url)
        await office.until(lambda: office.states)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await office.until(lambda: len(office.states) == 2)
    birth, will = office.states
    assert (birth.state, will.state) == ("online", "offline")
    assert birth.boot == will.boot


async def test_a_wrong_password_keeps_everything_and_tries_again(
    tmp_path: Path, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    see(outbox, 3)
    with mosquitto(tmp_path / "broker", users={"edge": "right", "office": "word"}) as broker:
        (tmp_path / "password").write_text("wrong")
        settings = Mqtt(url=broker.url, username="edge", password_file=tmp_path / "password")
        async with linked(outbox, settings) as link:
            await asyncio.wait_for(link.refused.wait(), PATIENCE_S)
        assert "trying again" in caplog.text
        assert len(outbox.window(0, 9)) == 3

        (tmp_path / "password").write_text("right\n")
        office = Office()
        async with (
            office.open(broker.port, username="office", password="word"),
            linked(outbox, settings) as link,
        ):
            await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == [1, 2, 3]


async def test_tls_with_an_authority_of_ones_own(tmp_path: Path, outbox: Outbox) -> None:
    see(outbox, 3)
    own, key = certificate(tmp_path)
    with mosquitto(tmp_path / "broker", tls=(own, key)) as broker:
        import ssl

        office = Office()
        context = ssl.create_default_context(cafile=str(own))
        async with (
            office.open(broker.port, tls_context=context),
            linked(outbox, Mqtt(url=broker.url, ca_file=own)) as link,
        ):
            assert broker.url.startswith("mqtts://")
            await asyncio.wait_for(link.drained(), PATIENCE_S)
    assert office.seqs == [1, 2, 3]


async def test_the_embedded_broker_of_the_demo(outbox: Outbox) -> None:
    from amqtt.broker import Broker

    port = free_port()
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        office = Office()
        async with office.open(port), linked(outbox, Mqtt(url=f"mqtt://127.0.0.1:{port}")) as link:
            see(outbox, 20, JPEG)
            await asyncio.wait_for(link.drained(), PATIENCE_S)
            await office.until(lambda: len(office.media) == 20)
        assert office.seqs == list(range(1, 21))
    finally:
        await broker.shutdown()
