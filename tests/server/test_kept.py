"""An engine that is kept and taken up again goes on as if nothing had happened; what was changed is left alone."""

import pickle
import random
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Planned, Record, Settings, Site, Voyage
from tapal_server.db.tables import CorrelatorRow
from tapal_server.live import correlator, kept
from tapal_server.live.correlator import LostError
from tapal_server.live.kept import Shelf
from tapal_server.live.terms import Known
from tapal_server.media import MediaStore
from tapal_server.parts import build_parts
from tests.server.conftest import StillClock
from tests.server.edges import Edge
from tests.server.test_correlator import JETTY, alerts, log, pass_gate, record

DELAY = Delay(typical_s=30, longest_s=600)
HALL = Gate(line="hall", direction="inbound", delay=DELAY, counter_zones=("desks",), confirmed_by=("door",))
EXIT = Gate(line="exit", direction="outbound", delay=DELAY)
GATE = Gate(line="gate", direction="inbound", delay=DELAY)
DAY = ((6 * 3600, 18 * 3600),)
SITES = (
    Site(id="port", kind="checkpoint", checkpoint="PRT", gates=(HALL, EXIT)),
    Site(id="post", kind="checkpoint", checkpoint="PST", gates=(GATE,), hours=DAY, location=(4.1, 117.6)),
    Site(id="jetty", kind="unofficial", gates=(Gate(line="sand", direction="inbound"),)),
)
PLACES = (("port", "hall", "inbound", "PRT"), ("port", "exit", "outbound", "PRT"), ("post", "gate", "inbound", "PST"))


def story(people: int, seed: int):
    """People, records and plans in order of arrival: some unlogged, some late, withdrawn, or by documents known."""
    dice, told, at = random.Random(seed), [], 0.0
    for number in range(people):
        at += dice.expovariate(1 / 40)
        site, line, direction, checkpoint = dice.choice(PLACES)
        came = at + dice.choice((0.0, 0.0, 0.0, 900.0))
        seen = Crossing(
            id=f"c{number}", site=site, line=line, direction=direction, time=at, received_at=came,
            visited={"desks": 5.0} if dice.random() < 0.9 else {},
        )  # fmt: skip
        told.append((came, "on_crossing", seen))
        if line == "hall" and dice.random() < 0.9:
            told.append((came, "on_crossing", replace(seen, id=f"w{number}", line="door", visited=None)))
        if dice.random() < 0.02:
            told.append((came, "on_crossing", replace(seen, id=f"l{number}", site="jetty", line="sand")))
        if dice.random() < 0.93:
            written = at + dice.lognormvariate(3.4, 0.4)
            arrives = written + dice.choice((0.0, 0.0, 0.0, 5000.0))
            row = Record(
                id=f"r{number}", checkpoint=checkpoint, direction=direction, time=written, received_at=arrives,
                persons=dice.choice((1, 1, 1, 2)),
                document_hash=f"document-{dice.randrange(people // 2)}" if dice.random() < 0.6 else None,
            )  # fmt: skip
            told.append((arrives, "on_record", row))
            if dice.random() < 0.03:
                told.append((arrives + 3000, "withdraw", row.id))
        if dice.random() < 0.01:
            told.append((at, "plan", Planned(id=f"p{number}", site=site, start=at - 600, end=at + 1200, persons=5)))
            call = Voyage(id=f"v{number}", site="port", direction="inbound", start=at, end=at + 900, declared=9)
            told.append((at, "voyage", call))
    return sorted(told, key=lambda one: one[0])


def tell(engine: Engine, told) -> list[object]:
    changes: list[object] = []
    for at, call, value in told:
        changes += engine.catch_up(at)
        getattr(engine, call)(value)
        changes += engine.advance(at)
    return changes


def beliefs(engine: Engine):
    return {one.crossing.id: (one.unmatched, one.unlogged) for one in engine.settled()}


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(MediaStore(tmp_path / "kept"))


@pytest.mark.parametrize("seed", [2, 5])
def test_an_engine_that_was_kept_goes_on_as_the_one_that_was_not(shelf, seed):
    told, engine = story(600, seed), Engine(SITES)
    kinds, again = {change.alert.kind for change in tell(engine, told[:40])}, engine
    for first, last in ((40, 300), (300, 700), (700, len(told))):
        again = shelf.get(shelf.put(again, "all", None), Engine(SITES))
        assert again is not None
        said = tell(engine, told[first:last])
        assert tell(again, told[first:last]) == said
        assert beliefs(again) == beliefs(engine)
        assert again.take_beliefs(most=10_000) == engine.take_beliefs(most=10_000)
        assert [again.gate_report(*gate) for gate in again.gates()] == [
            engine.gate_report(*gate) for gate in engine.gates()
        ]
        kinds |= {change.alert.kind for change in said}
    assert kinds >= {"unlogged_crossing", "presence", "bypass", "record_conflict"}


def test_gates_that_waited_for_a_lesson_when_they_were_kept_learn_where_they_stand(shelf):
    engine = Engine(SITES)
    engine.aside.begin()
    tell(engine, story(600, 5))
    assert {engine.params(*gate).crossings for gate in engine.gates()} == {0.0}
    known = Known((1, 2, 3), {**shelf.put(engine, "all", None), "through": [1, 2, 3]})
    again, reached = correlator._taken_up(shelf, known, Engine(SITES))
    again.advance(again.now)
    assert reached == (1, 2, 3)
    assert min(again.params(*gate).crossings for gate in again.gates()) >= 60.0


def test_the_columns_of_a_copy_lie_in_its_tables(shelf):
    engine = Engine(SITES)
    tell(engine, story(200, 5))
    copy = shelf.get(shelf.put(engine, "all", None), Engine(SITES))
    assert copy is not None
    for pool, other in zip(engine._pools.values(), copy._pools.values(), strict=True):
        for rows, others in ((pool.crossings, other.crossings), (pool.records, other.records)):
            columns = {name for name, value in vars(rows).items() if isinstance(value, np.ndarray)}
            assert columns >= {"table", "time", "handle"}
            for name in columns:
                shared = np.shares_memory(getattr(rows, name), rows.table)
                assert np.shares_memory(getattr(others, name), others.table) == shared, name


def test_a_copy_holds_no_document_longer_than_it_is_compared():
    engine, told = Engine(SITES), story(200, 5)
    tell(engine, told)
    assert re.search(rb"document-\d", zlib.decompress(kept._pack(engine)))
    later = told[-1][0] + 8 * 86400
    last = Record(
        id="last", checkpoint="PRT", direction="inbound", time=later, received_at=later, document_hash="newest"
    )
    tell(engine, [(later, "on_record", last)])
    copy = zlib.decompress(kept._pack(engine))
    assert b"newest" in copy
    assert not re.search(rb"document-\d", copy)


class Evil:
    def __reduce__(self):
        return eval, ("1/0",)


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(Evil(), id="a call"),
        pytest.param(correlator.Correlator, id="another part"),
        pytest.param(tell, id="a function"),
    ],
)
def test_a_copy_that_asks_for_anything_else_is_not_read(shelf, monkeypatch, what):
    with pytest.raises(pickle.UnpicklingError, match="is no part of an engine"):
        kept._unpack(zlib.compress(pickle.dumps(what)))
    monkeypatch.setattr(kept, "_pack", lambda _: zlib.compress(pickle.dumps(what)))
    assert shelf.get(shelf.put(Engine(SITES), "all", None), Engine(SITES)) is None


@pytest.mark.parametrize("what", ["bytes", "program", "sites", "settings", "gone"])
def test_a_copy_of_something_else_is_left_alone(shelf, monkeypatch, tmp_path, what):
    fresh, found = Engine(SITES), shelf.put(Engine(SITES), "all", None)
    assert shelf.get(found, fresh) is not None
    file = tmp_path / "kept" / found["path"]
    if what == "bytes":
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    elif what == "program":
        found |= {"program": "another"}
    elif what == "sites":
        fresh = Engine(SITES[:2])
    elif what == "settings":
        fresh = Engine(SITES, Settings(threshold=0.7))
    else:
        shelf.drop(found)
    assert shelf.get(found, fresh) is None


# -- in the server ----------------------------------------------------------------------------------------------------


@pytest.fixture
def keeps(monkeypatch) -> None:
    monkeypatch.setattr(correlator, "_KEEP_AFTER", 1)
    monkeypatch.setattr(correlator, "_KEEP_EVERY_S", 0.0)
    monkeypatch.setattr(correlator, "_KEEP_SHARE", 1e9)


def snapshot(parts):
    with parts.database.read() as session:
        return session.scalars(select(CorrelatorRow.snapshot)).one()


def pass_an_hour(parts, clock: StillClock, hour: int) -> None:
    """Twelve people, of whom one has no record; and one who lands where nobody should."""
    times = [3600.0 * hour + 300 * number for number in range(12)]
    edge, jetty = Edge(node=f"gate-{hour}"), Edge(node=f"jetty-{hour}", **JETTY)
    pass_gate(parts, edge, *times)
    pass_gate(parts, jetty, times[5])
    log(parts, *(record(100 * hour + number, at + 30) for number, at in enumerate(times) if number != hour % 12))
    clock.move(3600)


def said(parts):
    return [
        (one.kind, one.site, one.state, one.status, one.raised_at, one.probability)
        for one in sorted(alerts(parts), key=lambda one: (one.raised_at, one.kind, one.time))
    ]


@pytest.mark.usefixtures("keeps")
def test_a_server_that_was_ended_again_and_again_says_what_one_says_that_was_not(settings, parts, clock, monkeypatch):
    heard = []
    read = correlator.read_arrivals

    def listen(*args, **bounds):
        found = read(*args, **bounds)
        heard.append((bounds.get("events_until"), len(found.items)))
        return found

    monkeypatch.setattr(correlator, "read_arrivals", listen)
    current = parts
    for hour in range(6):
        pass_an_hour(current, clock, hour)
        current.correlator.step()
        if hour % 2:
            if current is not parts:
                current.database.close()
            heard.clear()
            current = build_parts(settings, clock=clock)
            current.correlator.step()
            assert sum(count for until, count in heard if until is not None) == 0, "it hears again what it knew"
    after = said(current)
    current.database.close()
    whole = build_parts(settings, clock=clock)
    with whole.database.write() as session:
        session.get_one(CorrelatorRow, "all").snapshot = None
    whole.correlator.step()
    assert said(whole) == after
    assert len([one for one in after if one[0] == "presence"]) == 6
    assert [one for one in after if one[0] == "unlogged_crossing"]
    whole.database.close()


def test_what_came_after_it_was_kept_is_heard_again_and_not_said_twice(settings, parts, clock, monkeypatch):
    monkeypatch.setattr(correlator, "_KEEP_AFTER", 1)
    pass_an_hour(parts, clock, 0)
    parts.correlator.step()
    first = snapshot(parts)
    assert first is not None
    for hour in (1, 2):
        pass_an_hour(parts, clock, hour)
        parts.correlator.step()
    assert snapshot(parts) == first, "it is not time yet"
    before = said(parts)
    again = build_parts(settings, clock=clock)
    again.correlator.step()
    assert said(again) == before
    pass_an_hour(again, clock, 3)
    again.correlator.step()
    assert said(again)[: len(before)] == before
    assert len(said(again)) > len(before)
    again.database.close()


@pytest.mark.usefixtures("keeps")
def test_only_the_newest_copy_lies_there_and_none_when_its_time_is_over(settings, parts, clock):
    for hour in range(3):
        pass_an_hour(parts, clock, hour)
        parts.correlator.step()
    assert len(list(settings.media_folder.rglob("*.engine"))) == 1
    shelf, engine = parts.correlator.correlators["all"]._shelf, Engine(SITES)
    for _ in range(3):
        shelf.put(engine, "all", snapshot(parts))  # and the server is killed before it can say so
    assert len(list(settings.media_folder.rglob("*.engine"))) == 2
    pass_an_hour(parts, clock, 3)
    parts.correlator.step()
    assert len(list(settings.media_folder.rglob("*.engine"))) == 1
    clock.move(8 * 86400)
    assert parts.retention.work()["engines"] == 1
    assert not list(settings.media_folder.rglob("*.engine"))
    assert snapshot(parts) is None


@pytest.mark.usefixtures("keeps")
def test_an_engine_for_whose_copy_alerts_would_wait_is_not_kept(parts, clock, monkeypatch):
    monkeypatch.setattr(correlator, "_KEEP_MOST", 11)
    pass_an_hour(parts, clock, 0)
    parts.correlator.step()
    assert snapshot(parts) is None
    monkeypatch.setattr(correlator, "_KEEP_MOST", 24)
    pass_an_hour(parts, clock, 1)
    parts.correlator.step()
    assert snapshot(parts) is not None


@pytest.mark.usefixtures("keeps")
def test_a_store_that_takes_nothing_stops_nothing(parts, clock, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Shelf, "put", full)
    pass_an_hour(parts, clock, 0)
    parts.correlator.step()
    assert snapshot(parts) is None
    assert said(parts)


@pytest.mark.usefixtures("keeps")
def test_who_lost_the_share_keeps_nothing(parts, clock):
    one = parts.correlator.correlators["all"]
    pass_an_hour(parts, clock, 0)
    one.step()
    before = snapshot(parts)
    with parts.database.write() as session:
        session.get_one(CorrelatorRow, "all").term += 1
    one._heard = 1
    with pytest.raises(LostError):
        one._keep(one._engine)
    assert snapshot(parts) == before
