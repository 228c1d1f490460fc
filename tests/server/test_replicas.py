"""Several servers on one database: who does what, what they tell each other, and who may write."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import aiomqtt
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract.node import Ack
from tapal_server.db.database import Database
from tapal_server.events import AlertChanged, AlertRaised, Bus, EventsStored, NodeSeen, PassagesStored
from tapal_server.ingest.streams import Gaps
from tapal_server.ingest.subscriber import topics
from tapal_server.ingest.wire import Address, connect
from tapal_server.live.correlator import LostError
from tapal_server.live.terms import begin_term
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.replicas.elected import Elected, owner_among
from tapal_server.replicas.ownership import Alone
from tapal_server.replicas.relay import Relay, pack, unpack
from tests.server.conftest import SITES, START
from tests.server.edges import Edge
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

services = pytest.mark.services
on_postgresql = pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=services)])


async def eventually(holds) -> None:
    """Wait until something holds that rings no bell."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


class Worker:
    """Does one duty, and says whether it does it now."""

    def __init__(self) -> None:
        self.works = asyncio.Event()
        self.times = 0

    async def work(self) -> None:
        self.times += 1
        self.works.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.works.clear()


@asynccontextmanager
async def member(database: Database, *duties: str):
    """A server that takes part, and its workers."""
    elected, workers = Elected(database.url, look_every_s=0.05), {duty: Worker() for duty in duties}
    tasks = [asyncio.create_task(elected.run())]
    tasks += [asyncio.create_task(elected.keep(duty, worker.work)) for duty, worker in workers.items()]
    try:
        yield elected, workers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settled(servers, duties) -> list[int]:
    """How many servers do each duty, once all agree on who does what; never was one done by two."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            owners = {duty: owner_among([server._number for server, _ in servers], duty) for duty in duties}
            doing = [sum(workers[duty].works.is_set() for _, workers in servers) for duty in duties]
            if max(doing) > 1 or all(
                workers[duty].works.is_set() == server.owns(duty) == (owners[duty] == server._number)
                for server, workers in servers
                for duty in duties
            ):
                return doing
            await asyncio.sleep(0.02)


@on_postgresql
async def test_each_duty_is_done_by_one_server_whoever_comes_and_goes(database):
    duties = [f"duty {number}" for number in range(12)]
    async with member(database, *duties) as first:
        assert await settled([first], duties) == [1] * 12
        async with member(database, *duties) as second, member(database, *duties) as third:
            assert await settled([first, second, third], duties) == [1] * 12
        assert await settled([first], duties) == [1] * 12


@on_postgresql
async def test_a_server_whose_connection_ends_stops_its_work_and_takes_it_up_again(database):
    async with member(database, "duty") as (server, workers):
        assert await settled([(server, workers)], ["duty"]) == [1]
        with psycopg.connect(str(database.url.set(drivername="postgresql")), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        await eventually(lambda: workers["duty"].times == 2 and workers["duty"].works.is_set())
        assert server.owns("duty")


@on_postgresql
async def test_work_that_is_done_is_not_begun_again(database):
    begun: list[str] = []

    async def work() -> None:
        begun.append("once")

    async with member(database, "other") as (server, workers):
        task = asyncio.create_task(server.keep("duty", work))
        await eventually(lambda: begun and workers["other"].works.is_set())
        for _ in range(100):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert begun == ["once"]


async def test_one_server_on_sqlite_does_everything():
    worker = Worker()
    task = asyncio.create_task(Alone().keep("duty", worker.work))
    async with asyncio.timeout(PATIENCE_S):
        await worker.works.wait()
    assert Alone().owns("duty")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@given(st.sets(st.integers(0, 2**31 - 1), min_size=2, max_size=8))
def test_when_a_server_dies_only_its_own_duties_move(members):
    duties = [f"correlation of site-{number}" for number in range(50)]
    before = {duty: owner_among(sorted(members), duty) for duty in duties}
    dead = min(members)
    after = {duty: owner_among(sorted(members - {dead}), duty) for duty in duties}
    assert all(before[duty] in {dead, after[duty]} for duty in duties)
    assert owner_among([], "duty") is None


@on_postgresql
async def test_what_one_server_tells_is_told_by_the_other_and_not_sent_back(database):
    buses, heard = (Bus(), Bus()), ([], [])
    for bus, ear in zip(buses, heard, strict=True):
        bus.subscribe(ear.append)
    tasks = [asyncio.create_task(Relay(database.url, bus).run()) for bus in buses]
    told = [
        AlertRaised(alert_id="a", site="tunon-taka", kind="presence"),
        NodeSeen(node="n", site="tunon-taka", status="online", at=START),
    ]
    await eventually(lambda: all(heard))  # each looks at everything once it listens
    buses[0].publish(*told)
    await eventually(lambda: set(told) <= set(heard[1]))
    buses[1].publish(EventsStored(count=7))
    await eventually(lambda: EventsStored(count=7) in heard[0])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [heard[0].count(one) for one in told] == [1, 1]
    assert heard[1].count(EventsStored(count=7)) == 1


def test_a_hint_of_a_newer_version_is_passed_over():
    event = NodeSeen(node="n", site="s", status="online", at=START)
    assert unpack(pack(event)) == event
    assert unpack('["Unheard", {}]') is None
    assert unpack("nonsense") is None


@pytest.mark.parametrize(
    ("event", "short"),
    [
        (EventsStored(count=9, sites=("a", "b")), EventsStored(count=9, sites=("a", "b"))),
        (EventsStored(count=9, sites=tuple(f"site-{n:03}" for n in range(500))), EventsStored(count=9)),
        (
            PassagesStored(source="log", count=9, checkpoints=tuple("\u6e2f" * 60 + str(n) for n in range(9))),
            PassagesStored(source="log", count=9),
        ),
        (
            AlertChanged(alert_id="a" * 3000, site="s", action="x"),
            AlertChanged(alert_id="a" * 3000, site="s", action="x"),
        ),
    ],
)
def test_a_hint_of_many_places_names_none(event, short):
    """A notice of PostgreSQL holds 8,000 bytes; who is told no place looks everywhere."""
    assert unpack(pack(event)) == short


def test_only_the_last_who_took_the_correlation_over_may_write(settings, clock):
    """A server that stood still while another took over must not write what it had in hand."""
    one, other = build_parts(settings, clock=clock), build_parts(settings, clock=clock)
    try:
        edge = Edge(site="bambangan", line="jetty")
        one.correlator.step()
        other.correlator.step()
        one.intake.take(edge.sent(edge.crossing(0)))
        with pytest.raises(LostError, match="another server"):
            one.correlator.step()
        other.correlator.step()
        assert len(other.services.alerts.page(SYSTEM, Paging()).items) == 1
    finally:
        one.database.close()
        other.database.close()


def test_a_gap_is_asked_for_only_when_another_server_had_time_to_fill_it():
    gaps, now = Gaps(timedelta(seconds=2)), START
    gap = Ack(through=5, resend_from=6)
    assert gaps.patient("n", gap, now).resend_from is None
    assert gaps.patient("n", gap, now + timedelta(seconds=1)).resend_from is None
    assert gaps.patient("n", gap, now + timedelta(seconds=2)).resend_from == 6
    moved = Ack(through=8, resend_from=9)
    assert gaps.patient("n", moved, now + timedelta(seconds=3)).resend_from is None
    assert gaps.patient("n", Ack(through=12), now + timedelta(seconds=9)) == Ack(through=12)
    assert Gaps(timedelta()).patient("n", gap, now).resend_from == 6


def test_parts_of_a_stream_may_come_through_two_servers_in_any_order(settings, clock):
    one, other = build_parts(settings, clock=clock), build_parts(settings, clock=clock)
    try:
        edge = Edge()
        sent = edge.sent(*edge.crossings(30))
        answers = []
        for number in (3, 0, 4, 2, 1, 5):
            server = (one, other)[number % 2]
            answers += server.intake.take(sent[number::6])
        assert answers[-1].ack.through == 30
        again = [answer for part in (one, other) for answer in part.intake.take(sent)]
        assert {answer.ack.through for answer in again} == {30}
        (node,) = one.services.nodes.all(SYSTEM)
        assert (node.conflicts, node.lost, node.repeats) == (0, 0, 60)
    finally:
        one.database.close()
        other.database.close()


@services
async def test_two_servers_share_a_subscription_and_each_message_reaches_one_of_them(tmp_path):
    assert topics("office")[0] == "$share/office/tapal/1/+/+/event"
    assert topics(None)[0] == "tapal/1/+/+/event"

    async def take(wire, found):
        while True:
            found += [int(one.payload) for one in await wire.batch(50)]

    with mosquitto(tmp_path / "broker", extra="max_queued_messages 0") as broker:
        addresses = [Address(host="127.0.0.1", port=broker.port, client_id=f"r{n}", version=5) for n in range(2)]
        async with connect(addresses[0]) as one, connect(addresses[1]) as other:
            found: tuple[list[int], list[int]] = ([], [])
            for wire in (one, other):
                await wire.subscribe(topics("office")[0])
            tasks = [asyncio.create_task(take(*pair)) for pair in zip((one, other), found, strict=True)]
            async with aiomqtt.Client("127.0.0.1", broker.port) as edge:
                for number in range(200):
                    await edge.publish("tapal/1/site/node/event", b"%d" % number, qos=1)
                await eventually(lambda: sum(map(len, found)) == 200)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(found[0] + found[1]) == list(range(200))
    assert all(found)


SHARED_SITES = SITES.replace("  - id: bambangan\n", "  - id: bambangan\n    share: islands\n")


def test_shares_find_together_what_one_engine_finds_alone(settings, clock):
    settings.sites.write_text(SHARED_SITES, encoding="utf-8")
    parts = build_parts(settings, clock=clock)
    try:
        assert set(parts.correlator.correlators) == {"all", "islands"}
        edges = Edge(), Edge(node="bambangan-01", site="bambangan", line="jetty")
        for edge in edges:
            parts.intake.take(edge.sent(edge.crossing(0)))
        clock.move(7200)
        parts.correlator.step()
        assert parts.correlator.gate_report("tunon-taka", "gate", "inbound") is not None
        assert parts.correlator.gate_report("nowhere", "gate", "inbound") is None
        found = parts.services.alerts.page(SYSTEM, Paging(size=500)).items
        assert "bambangan" in {alert.site for alert in found}
    finally:
        parts.database.close()


def test_a_share_that_begins_late_decides_what_nobody_decided_before_it(settings, clock):
    settings.sites.write_text(SHARED_SITES, encoding="utf-8")
    parts = build_parts(settings, clock=clock)
    try:
        for edge in (Edge(node="bambangan-01", site="bambangan", line="jetty"), Edge()):
            parts.intake.take(edge.sent(edge.crossing(0)))
        clock.move(7200)
        for share in ("all", "islands"):  # the first has read further than the other's events before that begins
            parts.correlator.correlators[share].step()
        found = parts.services.alerts.page(SYSTEM, Paging(size=500)).items
        assert {alert.site for alert in found} == {"tunon-taka", "bambangan"}
    finally:
        parts.database.close()


def test_sites_that_are_shared_out_are_gone_on_with_where_they_stood(settings, clock):
    parts = build_parts(settings, clock=clock)
    edges = Edge(node="bambangan-01", site="bambangan", line="jetty"), Edge()
    for edge in edges:
        parts.intake.take(edge.sent(edge.crossing(0)))
    clock.move(7200)
    parts.correlator.step()
    parts.database.close()
    settings.sites.write_text(SHARED_SITES, encoding="utf-8")
    parts = build_parts(settings, clock=clock)
    try:
        for correlator in parts.correlator.correlators.values():
            _, known = begin_term(parts.database, correlator._share, correlator._of)
            assert known is not None, "what one engine decided need not be decided again"
        parts.correlator.step()
        found = parts.services.alerts.page(SYSTEM, Paging(size=500)).items
        assert sorted(alert.site for alert in found) == ["bambangan", "tunon-taka"], "each once"
    finally:
        parts.database.close()
