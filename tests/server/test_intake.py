import dataclasses
import json
import random

import pytest
from sqlalchemy import func, select

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.topics import Topic
from tapal_server.db.tables import EventRow, NodeRow, RejectedRow
from tapal_server.events import Bus, EventsStored, MediaStored, NodeSeen
from tapal_server.ingest import intake as module
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.refusals import refusals
from tapal_server.ingest.sorting import Incoming
from tapal_server.media import MediaStore
from tests.server.edges import JPEG, Edge


@pytest.fixture
def heard() -> list:
    return []


@pytest.fixture
def intake(database, clock, tmp_path, heard) -> Intake:
    bus = Bus()
    bus.subscribe(heard.append)
    return Intake(database, MediaStore(tmp_path / "media"), bus=bus, clock=clock, largest_picture=100_000)


@pytest.fixture
def edge() -> Edge:
    return Edge()


def take(intake, messages):
    """The one acknowledgement a batch of one node gets."""
    (answer,) = intake.take(messages)
    return answer.ack


def stored(database) -> list[EventRow]:
    with database.read() as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.arrival)))


def node(database) -> NodeRow:
    with database.read() as session:
        return session.scalars(select(NodeRow)).one()


def test_a_batch_is_stored_in_order_and_acknowledged(intake, database, edge, heard):
    events = edge.crossings(3)
    (answer,) = intake.take(edge.sent(*events))
    assert answer.topic == "tapal/1/tunon-taka/nunukan-01/ack"
    assert (answer.ack.through, answer.ack.resend_from, answer.ack.boot) == (3, None, edge.boot)
    assert [row.id for row in stored(database)] == [event.id for event in events]
    assert stored(database)[0].body == events[0].model_dump(mode="json")
    assert EventsStored(count=3, sites=("tunon-taka",)) in heard


def test_a_repeat_is_harmless_and_acknowledged_again(intake, database, edge):
    messages = edge.sent(*edge.crossings(3))
    take(intake, messages)
    assert take(intake, messages[1:2]).through == 3
    assert len(stored(database)) == 3
    assert node(database).repeats == 1


def test_a_gap_holds_the_acknowledgement_and_asks(intake, database, edge):
    first, second, third, fourth = edge.sent(*edge.crossings(4))
    ack = take(intake, [first, third, fourth])
    assert (ack.through, ack.resend_from) == (1, 2)
    ack = take(intake, [second])
    assert (ack.through, ack.resend_from) == (4, None)


def test_any_order_with_repeats_is_stored_once(intake, database, edge):
    messages = edge.sent(*edge.crossings(60))
    chaos = random.Random(7)
    shuffled = [chaos.choice(messages) for _ in range(200)] + messages
    chaos.shuffle(shuffled)
    for start in range(0, len(shuffled), 13):
        ack = take(intake, shuffled[start : start + 13])
    assert ack.through == 60
    assert sorted(row.seq for row in stored(database)) == list(range(1, 61))


def test_nothing_is_acknowledged_that_this_start_of_the_node_did_not_send(intake, edge):
    """Else a node restored from a backup would delete what it has just written under old numbers."""
    events = edge.crossings(55)
    take(intake, edge.sent(*events))
    restored = Edge(boot=new_id(), seq=50)
    mine = restored.crossings(8)
    resent = [event.model_copy(update={"boot": restored.boot}) for event in events[47:50]]
    assert take(intake, restored.sent(*resent)).through == 50
    assert take(intake, restored.sent(mine[0])).through == 51
    assert take(intake, restored.sent(*mine[1:])).through == 58


def test_a_number_used_twice_keeps_both_messages_and_is_reported(intake, database, edge):
    take(intake, edge.sent(*edge.crossings(10)))
    restored = Edge(boot=new_id(), seq=4)
    again = restored.crossings(3)
    ack = take(intake, restored.sent(*again))
    assert (ack.through, ack.resend_from) == (7, None)
    assert len(stored(database)) == 13
    assert (node(database).conflicts, node(database).epoch) == (1, 2)


def test_after_a_restore_a_lost_first_message_is_asked_for(intake, edge):
    take(intake, edge.sent(*edge.crossings(10)))
    restored = Edge(boot=new_id(), seq=4)
    again = restored.sent(*restored.crossings(3))
    intake.take([restored.state(oldest_seq=5)])
    ack = take(intake, again[1:])
    assert (ack.through, ack.resend_from) == (4, 5)
    assert take(intake, again[:1]).through == 7


def test_a_second_node_of_the_same_name_neither_loses_nor_blocks(intake, database):
    older = Edge()
    newer = Edge()
    mine, others = newer.crossings(4), older.crossings(4)
    for one, two in zip(mine, others, strict=True):
        take(intake, newer.sent(one))
        ack = take(intake, older.sent(two))
        assert ack.boot == newer.boot, "the older one must not take it for its own"
    assert len(stored(database)) == 8
    assert node(database).through == 4
    assert node(database).conflicts == 4


def test_what_a_node_no_longer_has_is_counted_as_lost_and_not_asked_for(intake, database, edge):
    take(intake, edge.sent(*edge.crossings(2)))
    edge.seq = 10
    late = edge.sent(*edge.crossings(2))
    assert take(intake, late).resend_from == 3
    intake.take([edge.health(oldest_seq=11)])
    ack = take(intake, late[:1])
    assert (ack.through, ack.resend_from) == (12, None)
    assert node(database).lost == 8


def test_a_node_met_late_is_not_stuck_and_has_lost_nothing(intake, database, edge):
    edge.seq = 5000
    intake.take([edge.state(oldest_seq=5001)])
    assert take(intake, edge.sent(*edge.crossings(2))).through == 5002
    assert node(database).lost == 0


MALFORMED = [
    pytest.param(b"", id="empty"),
    pytest.param(b"{", id="half"),
    pytest.param(b"\x00\xff" * 50, id="bytes"),
    pytest.param(b"[" * 10_000, id="deep"),
    pytest.param(b'{"type": "crossing"}', id="fields-missing"),
    pytest.param(b'"' + b"x" * 200_000 + b'"', id="huge"),
    pytest.param(b'{"type":"camera","seq":1e400}', id="infinite"),
]


@pytest.mark.parametrize("payload", MALFORMED)
@pytest.mark.parametrize("leaf", ["event", "media", "state", "health"])
def test_malformed_messages_are_kept_as_a_reason_and_harm_nothing(intake, database, edge, leaf, payload):
    good = edge.sent(*edge.crossings(1))
    assert take(intake, [edge.on(leaf, payload), *good]).through == 1
    with database.read() as session:
        row = session.scalars(select(RejectedRow)).one()
    assert row.reason
    assert row.bytes == len(payload)


@pytest.mark.parametrize(
    ("site", "name"),
    [pytest.param("bambangan", "nunukan-01", id="site"), pytest.param("tunon-taka", "other-01", id="node")],
)
def test_who_speaks_for_another_is_refused(intake, database, edge, site, name):
    event = edge.crossing()
    assert intake.take([Incoming(Topic(site, name, "event").path, dump(event))]) == []
    assert stored(database) == []


def test_an_unknown_kind_of_message_keeps_its_place(intake, database, edge):
    """A newer edge may send what this server cannot read; it must not be asked for it for ever."""
    first, second, third = edge.crossings(3)
    unknown = json.loads(dump(second)) | {"type": "drone"}
    ack = take(intake, [*edge.sent(first), edge.on("event", json.dumps(unknown).encode()), *edge.sent(third)])
    assert (ack.through, ack.resend_from) == (3, None)
    assert [row.type for row in stored(database)] == ["crossing", "refused", "crossing"]


def test_only_the_newest_rejected_messages_are_kept_and_all_are_counted(intake, database, edge, monkeypatch):
    monkeypatch.setattr(module, "REJECTED_KEPT", 5)
    for number in range(4):
        intake.take([edge.on("event", b"bad %d" % number)] * 3)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(RejectedRow)) == 5
        assert session.scalar(select(func.max(RejectedRow.number))) == 12
    assert intake.counts.messages["refused"] == 12


def test_a_picture_is_stored_and_acknowledged_by_its_event(intake, tmp_path, edge, heard):
    event = edge.crossing()
    ack = take(intake, [*edge.sent(event), edge.picture(event)])
    assert ack.media == (event.id,)
    (file,) = (tmp_path / "media").rglob("*.jpg")
    assert file.read_bytes().startswith(JPEG[:2])
    assert MediaStored(event_id=event.id) in heard
    assert take(intake, [edge.picture(event), edge.picture(event)]).media == (event.id,), "a repeat is answered"


def test_a_picture_of_somebody_elses_event_is_not_kept(intake, tmp_path, edge):
    event = edge.crossing()
    take(intake, edge.sent(event))
    other = Edge(node="other-01")
    assert take(intake, [other.picture(event)]).media == (event.id,)
    assert list((tmp_path / "media").rglob("*.jpg")) == []


def test_state_and_health_are_noted(intake, database, edge, heard, clock):
    intake.take([edge.state()])
    intake.take([edge.health(temperature_c=61.5)])
    row = node(database)
    assert (row.status, row.since, row.health["temperature_c"]) == ("online", clock.now(), 61.5)
    assert [event.status for event in heard if isinstance(event, NodeSeen)] == ["online", "online"]


def test_the_will_of_a_start_that_is_over_changes_nothing(intake, database, edge):
    later = edge.restarted()
    intake.take([later.state()])
    intake.take([edge.state("offline")])
    assert node(database).status == "online"
    intake.take([later.state("offline")])
    assert node(database).status == "offline"


def test_nothing_is_answered_when_the_database_fails(database, clock, tmp_path, edge):
    class Full(MediaStore):
        def put(self, event_id, jpeg):
            raise OSError(28, "No space left on device")

    intake = Intake(database, Full(tmp_path), bus=Bus(), clock=clock, largest_picture=1000)
    event = edge.crossing()
    with pytest.raises(OSError, match="No space"):
        intake.take([*edge.sent(event), edge.picture(event)])
    assert stored(database) == [], "the event is not stored either, and will be sent again"


def test_the_counts_of_two_nodes_do_not_mix(intake, edge):
    other = dataclasses.replace(Edge(node="other-01"), seq=7)
    answers = intake.take([*edge.sent(*edge.crossings(2)), *other.sent(*other.crossings(1))])
    assert {answer.topic.split("/")[3]: answer.ack.through for answer in answers} == {"nunukan-01": 2, "other-01": 0}


def test_refused_messages_are_counted_by_node_and_reason_for_ever(intake, database, edge, parts, people):
    take(intake, edge.sent(*edge.crossings(1)))
    foreign = Incoming(Topic("bambangan", edge.node, "event").path, dump(edge.crossing()))
    stranger = Edge(node="never-seen-01")
    batch = [
        edge.on("event", b"bad"),
        edge.on("state", b"bad"),
        edge.on("event", b" " * 20_000),
        foreign,
        edge.on("ack", b"{}"),
        stranger.on("event", b"bad"),
        Incoming("somewhere/else", b""),
    ]
    intake.take(batch)
    parts.intake.take(batch[:1])  # another process on the same database
    (view,) = parts.services.nodes.all(people.auditor)
    assert view.refused == {"foreign": 1, "malformed": 3, "too_large": 1, "topic": 1}
    assert view.refused_at is not None
    with database.read() as session:
        assert refusals(session)[""].by_reason == {"malformed": 1, "topic": 1}
