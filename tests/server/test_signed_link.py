"""A real link, a real broker with the ACL we write, and the real intake: signed both ways."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from tapal_contract.clip import PIECE_BYTES, cut
from tapal_contract.errors import MessageError
from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.node import Ack, Command, Health
from tapal_edge.config import Mqtt
from tapal_edge.keyring import Keyring, require_fresh
from tapal_edge.messages import Author
from tapal_edge.outbox import Outbox
from tapal_edge.transport import Identity, Link, Pace
from tapal_server.enrolment.acl import broker_acl
from tapal_server.enrolment.service import server_key
from tapal_server.ingest.subscriber import Subscriber
from tapal_server.settings import MqttSettings
from tests.server.test_enrolment import KEY, enrolled, stored
from tests.support.films import film
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

pytestmark = pytest.mark.services
IDENTITY = Identity("tunon-taka", "nunukan-01", new_id())
USERS = {"nunukan-01": "n", "sebatik-01": "s", "tapal-server": "t"}


def health() -> Health:
    return Health(node=IDENTITY.node, site=IDENTITY.site, boot=IDENTITY.boot, time=datetime.now(UTC), queue=0)


@pytest.fixture
def backend() -> str:
    return "sqlite"


async def cancel(*tasks: asyncio.Task) -> None:
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_all_that_is_said_is_signed_and_a_forged_answer_deletes_nothing(parts, tmp_path: Path) -> None:
    enrolled(parts)
    ring = Keyring(KEY, server_key(parts.keys).public_key())
    author = Author(IDENTITY.node, IDENTITY.site, "gate-1", IDENTITY.boot, "test@1")
    (tmp_path / "password").write_text("n")
    acl = tmp_path / "acl"
    acl.write_text(broker_acl(parts.services.enrolment.all(), "tapal-server") + "user thief\ntopic readwrite #\n")
    users = USERS | {"thief": "x"}
    with (
        mosquitto(tmp_path / "broker", users=users, extra=f"acl_file {acl}") as broker,
        Outbox(tmp_path / "outbox.db") as outbox,
    ):
        settings = Mqtt(url=broker.url, username="nunukan-01", password_file=tmp_path / "password")
        pace = Pace(first_retry_s=0.05, last_retry_s=0.2, resend_s=0.5)
        link = Link(settings, IDENTITY, outbox, health=health, pace=pace, keyring=ring)
        linking = asyncio.create_task(link.run())
        await asyncio.wait_for(link.connected.wait(), PATIENCE_S)

        drafts = [author.camera_changed("online", f"number {number}", 1e9) for number in range(20)]
        for draft in drafts:
            outbox.add(draft.id, lambda seq, draft=draft: dump(draft.numbered(seq)), b"\xff\xd8 picture \xff\xd9")
        # of a film nobody asked for: acknowledged as everything signed is, and dropped
        outbox.add_pieces([(piece.id, piece.dump()) for piece in cut(film(2 * PIECE_BYTES), new_id())])
        async with aiomqtt.Client(broker.host, broker.port, username="thief", password="x") as thief:
            lie = dump(Ack(through=20, boot=IDENTITY.boot))
            await thief.publish(IDENTITY.topic("ack"), lie, qos=1)
            while link.forged == 0:  # noqa: ASYNC110 - nothing rings for what is ignored
                await asyncio.sleep(0.02)
        assert outbox.backlog().messages == 20

        office = MqttSettings(url=broker.url, username="tapal-server", password="t")
        serving = asyncio.create_task(Subscriber(office, parts.intake).run())
        await asyncio.wait_for(link.drained(), PATIENCE_S)
        while outbox.backlog().pictures:  # noqa: ASYNC110 - pictures ring no bell
            await asyncio.sleep(0.02)
        await cancel(linking, serving)
    assert stored(parts) == [draft.id for draft in drafts]


async def test_at_the_broker_a_node_speaks_for_itself_only(parts, tmp_path: Path) -> None:
    enrolled(parts)
    acl = tmp_path / "acl"
    acl.write_text(broker_acl(parts.services.enrolment.all(), "tapal-server"))
    heard: list[str] = []
    with mosquitto(tmp_path / "broker", users=USERS, extra=f"acl_file {acl}") as broker:
        async with (
            aiomqtt.Client(broker.host, broker.port, username="tapal-server", password="t") as office,
            aiomqtt.Client(broker.host, broker.port, username="nunukan-01", password="n") as node,
            aiomqtt.Client(broker.host, broker.port, username="sebatik-01", password="s") as stranger,
        ):
            await office.subscribe("tapal/1/+/+/event", qos=1)
            for client in (stranger, node):
                await client.publish("tapal/1/tunon-taka/sebatik-02/event", b"another's", qos=1)
                await client.publish("tapal/1/elsewhere/nunukan-01/event", b"another site", qos=1)
                await client.publish("tapal/1/tunon-taka/nunukan-01/event", b"own", qos=1)
                await client.publish("tapal/1/tunon-taka/nunukan-01/ack", b"not the server", qos=1)
            await office.publish("tapal/1/tunon-taka/nunukan-01/command", b"{}", qos=1)
            message = await asyncio.wait_for(anext(office.messages), PATIENCE_S)
            heard.append(f"{message.topic} {message.payload.decode()}")
            assert not len(office.messages)
    assert heard == ["tapal/1/tunon-taka/nunukan-01/event own"]


def test_a_command_that_was_kept_back_is_not_obeyed() -> None:
    now = datetime.now(UTC)
    command = Command(id=new_id(), name="snapshot", camera="gate-1", issued_at=now, issued_by="sari")
    require_fresh(command, now)
    with pytest.raises(MessageError, match="check both clocks"):
        require_fresh(command, now + timedelta(minutes=11))
