"""Vessels heard over AIS: real sentences over real sockets, on both databases."""

import asyncio
import contextlib
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.encode import encode_dict

from tapal_server.ais.address import ais_url
from tapal_server.ais.listener import MOST_WAITING, AisListener
from tapal_server.ais.sentences import Sentences
from tapal_server.ais.service import VesselService
from tapal_server.correlation.types import Site
from tapal_server.errors import NotFoundError
from tapal_server.paging import Paging
from tests.server.test_voyages import voyage
from tests.support.patience import PATIENCE_S

SITES = (
    Site(id="tunon-taka", kind="checkpoint", gates=(), location=(4.143, 117.664)),
    Site(id="bambangan", kind="unofficial", gates=(), location=(4.06, 117.76)),
)
FERRY = 525_012_345


def position(mmsi: int = FERRY, lat: float = 4.145, lon: float = 117.665) -> list[bytes]:
    return _encoded({"type": 1, "mmsi": mmsi, "lat": lat, "lon": lon, "speed": 7.3, "course": 90.0})


def who(mmsi: int = FERRY) -> list[bytes]:
    said = {"type": 5, "mmsi": mmsi, "imo": 9_074_729, "shipname": "KM LABUAN EXPRESS", "ship_type": 60}
    return _encoded(said | {"callsign": "YB1234", "destination": "NUNUKAN"})


def _encoded(said: dict) -> list[bytes]:
    return [line.encode() for line in encode_dict(said, talker_id="AI", sentence_type="VDM")]


@pytest.fixture
def vessels(parts, clock) -> VesselService:
    return VesselService(parts.database, SITES, near_km=10.0, clock=clock)


def told(*lines: bytes):
    sentences = Sentences()
    return [report for report in map(sentences.take, lines) if report is not None]


def test_a_vessel_says_where_and_who_it_is():
    where, name = told(*position(), *who())
    assert (where.mmsi, where.latitude, where.speed_knots) == (FERRY, pytest.approx(4.145), pytest.approx(7.3))
    assert (name.imo, name.name, name.call_sign, name.ship_type) == (9_074_729, "KM LABUAN EXPRESS", "YB1234", 60)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"hello", id="text"),
        pytest.param(b"!AIVDM,1,1,,A,17ld=N@0198JVe02GW83Q001P000,0*00", id="checksum"),
        pytest.param(b"!AIVDM,9,8,1,A,xx,0*00" + b"x" * 200, id="too-long"),
        pytest.param(b"!AIVDM,1,2,,A,xx,0*00", id="second-of-one"),
        pytest.param(b"\xff\xfe!", id="bytes"),
    ],
)
def test_noise_is_counted_and_left_alone(line):
    sentences = Sentences()
    assert sentences.take(line) is None
    assert sentences.refused == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120), st.integers(1, 3), st.integers(1, 3))
def test_no_sentence_breaks_the_reader(payload, total, place):
    sentences = Sentences()
    told = [
        sentences.take(payload),
        sentences.take(b"!AIVDM,%d,%d,1,A,%b,0*00" % (total, place, payload)),
    ]
    assert told == [None, None]


def test_halves_that_never_meet_are_forgotten():
    sentences, first = Sentences(), who()[0]
    for number in range(500):
        sentences.take(first.replace(b",0,A", b",%d,A" % number))
    assert len(sentences._halves) <= 64


def test_the_latest_position_near_a_site_is_kept(vessels, people, clock):
    assert vessels.take(told(*position(), *who(), *position(525_000_001, lat=5.9))) == 1
    clock.move(600)
    vessels.take(told(*position(lat=4.1431)))
    (one,) = vessels.page(people.officer, Paging()).items
    assert (one.mmsi, one.site, one.name, one.imo) == (FERRY, "tunon-taka", "KM LABUAN EXPRESS", 9_074_729)
    assert (one.heard_at - one.near_since).total_seconds() == 600
    assert one.distance_km < 0.2
    assert vessels.page(people.elsewhere, Paging()).total == 0
    assert vessels.page(people.officer, Paging(), site="bambangan").total == 0
    clock.move(3601)
    vessels.take(told(*position()))
    (again,) = vessels.page(people.officer, Paging()).items
    assert again.near_since == again.heard_at, "not heard for an hour: it arrived anew"
    vessels.take(told(*position(lat=5.9)))
    assert vessels.page(people.officer, Paging()).total == 0


def test_a_voyage_shows_that_its_vessel_came(parts, vessels, people):
    parts.services.voyages.enter(people.officer, voyage(mmsi=None))
    assert vessels.of_voyage(people.officer, "TWU-7") is None
    vessels.take(told(*position(), *who()))
    found = vessels.of_voyage(people.officer, "TWU-7")
    assert (found.mmsi, found.site) == (FERRY, "tunon-taka")
    with pytest.raises(NotFoundError):
        vessels.of_voyage(people.elsewhere, "TWU-7")


@contextlib.asynccontextmanager
async def running(listener: AisListener):
    task = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Told:
    """The service, and an event for when something near a site was stored."""

    def __init__(self, vessels: VesselService) -> None:
        self._vessels, self._loop, self.stored = vessels, asyncio.get_running_loop(), asyncio.Event()

    def take(self, reports) -> int:
        count = self._vessels.take(reports)
        if count:
            self._loop.call_soon_threadsafe(self.stored.set)
        return count


async def soon(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await event.wait()


async def test_sentences_come_over_udp(vessels, people):
    told_ = Told(vessels)
    listener = AisListener("udp://127.0.0.1:0", told_)
    async with running(listener):
        await soon(listener.listening)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"noise\r\n" + b"\r\n".join([*position(), *who()]), ("127.0.0.1", listener.port))
        await soon(told_.stored)
    (one,) = vessels.page(people.officer, Paging()).items
    assert (one.mmsi, one.name, listener.refused) == (FERRY, "KM LABUAN EXPRESS", 1)


async def test_sentences_come_from_a_tcp_receiver(vessels, people):
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\r\n".join([*position(), *who()]) + b"\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told_ = Told(vessels)
        async with running(AisListener(f"tcp://127.0.0.1:{port}", told_)):
            await soon(told_.stored)
    assert vessels.page(people.officer, Paging()).total == 1


async def test_a_flood_keeps_the_newest(vessels):
    listener = AisListener("udp://127.0.0.1:0", vessels)
    (line,) = position()
    for _ in range(MOST_WAITING + 10):
        listener.hear(line)
    assert listener.dropped == 10


@pytest.mark.parametrize("url", ["udp://", "http://x:1", "udp://host", "tcp://host:x", "udp:10110"])
def test_a_wrong_address_gets_a_sentence(url):
    with pytest.raises(ValueError, match="is no AIS address"):
        ais_url(url)
