"""What is not of the contract is refused, counted and harms nothing else."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tapal_contract.events import dump
from tapal_contract.media import wrap
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow, MediaRow, NodeRow, RejectedRow
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.sorting import Incoming
from tapal_server.ingest.subscriber import take_apart
from tests.chaos.hostile import EXTREMES, broken, flood
from tests.server.edges import JPEG, Edge


def rows(database: Database, table: type) -> list:
    with database.read() as session:
        return list(session.scalars(select(table)))


def test_extreme_values_in_every_field_harm_nobody(database: Database, intake: Intake) -> None:
    good, bad = Edge(node="good"), Edge(node="bad")
    for number, message in enumerate(broken(bad)):
        batch = [message]
        if number % 50 == 0:
            batch += good.sent(good.crossing())
        intake.take(batch)  # raises nothing: none of them gets as far as the database
    stored = [row for row in rows(database, EventRow) if row.node == "good"]
    assert sorted(row.seq for row in stored) == list(range(1, good.seq + 1))
    assert intake.counts.messages["refused"] > 500
    assert {row.node for row in rows(database, NodeRow)} == {"good", "bad"}
    assert all(row.reason and "\x00" not in row.reason for row in rows(database, RejectedRow))


@pytest.mark.timeout(3600)
def test_a_flood_is_refused_counted_and_delays_nobody(database: Database, intake: Intake) -> None:
    count, good, bad = int(os.environ.get("TAPAL_FLOOD", "5000")), Edge(node="good"), Edge(node="bad")
    batch: list[Incoming] = []
    for number, payload in enumerate(flood(bad, count), start=1):
        batch.append(bad.on("event", payload))
        if number % 500 == 0:
            answers = {answer.topic: answer.ack for answer in intake.take([*batch, *good.sent(good.crossing())])}
            assert answers["tapal/1/tunon-taka/good/ack"].through == good.seq, "answered in the same batch"
            batch.clear()
    told = intake.counts.messages
    assert told["refused"] + told["crossing"] == count + good.seq
    assert told["refused"] > count * 0.9
    with database.read() as session:
        assert session.scalar(select(func.max(RejectedRow.number))) == told["refused"]
        assert session.scalar(select(func.count()).select_from(RejectedRow)) <= 1000


def test_a_node_whose_message_was_refused_goes_on(intake: Intake) -> None:
    edge = Edge(node="one")
    first = json.loads(dump(edge.crossing())) | {"confidence": 7}
    answers = intake.take([edge.on("event", json.dumps(first).encode()), *edge.sent(edge.crossing())])
    assert [answer.ack.through for answer in answers] == [2]


FIELDS = st.sampled_from((*json.loads(dump(Edge().crossing())), "surplus"))
VALUES = st.sampled_from(EXTREMES) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=int(os.environ.get("TAPAL_FUZZ", "150")), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.dictionaries(FIELDS, VALUES, max_size=4),
    tail=st.binary(max_size=6),
    leaf=st.sampled_from(["event", "media"]),
)
def test_nothing_that_can_be_sent_stops_the_intake(database: Database, intake: Intake, changes, tail, leaf) -> None:
    edge = Edge(node="fuzzed")
    document = json.loads(dump(edge.crossing())) | changes
    before = len(rows(database, EventRow))
    intake.take([edge.on(leaf, json.dumps(document).encode() + tail)])
    assert before <= len(rows(database, EventRow)) <= before + 1


class Choking(Intake):
    """Fails on one message in a way nobody foresaw."""

    def take(self, batch, *, unstorable=None):
        if unstorable is None and any(b"poison" in message.payload for message in batch):
            raise ArithmeticError("a bug of ours")
        return super().take(batch, unstorable=unstorable)


def test_one_message_that_breaks_its_batch_is_refused_alone(database: Database, intake: Intake, caplog) -> None:
    intake.__class__ = Choking
    edge = Edge(node="one")
    events = edge.crossings(20)
    events[7] = events[7].model_copy(update={"model": "poison"})
    answers = take_apart(intake, edge.sent(*events))
    assert max(answer.ack.through for answer in answers) == 20
    assert [row.seq for row in rows(database, EventRow) if row.type == "refused"] == [8]
    assert [row.reason for row in rows(database, RejectedRow)] == ["cannot be stored: ArithmeticError"]
    assert "cannot be stored; refused" in caplog.text


def test_a_database_that_is_away_is_waited_for(intake: Intake) -> None:
    def away(*_, **__):
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    intake.take = away  # type: ignore[method-assign]
    with pytest.raises(OperationalError):
        take_apart(intake, [Incoming("x", b""), Incoming("y", b"")])


def test_a_picture_that_was_stored_is_never_replaced(database: Database, intake: Intake) -> None:
    edge = Edge(node="one")
    event = edge.crossing()
    intake.take([*edge.sent(event), edge.picture(event)])
    (before,) = rows(database, MediaRow)
    answers = intake.take([edge.on("media", wrap(JPEG + b"another", event.id))])
    (after,) = rows(database, MediaRow)
    assert after.sha256 == before.sha256
    assert answers[0].ack.media == (event.id,), "else the node would send it for ever"
    assert intake.counts.messages["replaced_picture"] == 1


def test_two_nodes_of_one_name_lose_nothing(database: Database, intake: Intake) -> None:
    old, new = Edge(node="twin"), Edge(node="twin")
    sent = []
    for _ in range(30):
        for edge in (old, new):
            event = edge.crossing()
            sent.append(event.id)
            intake.take(edge.sent(event))
    assert sorted(row.id for row in rows(database, EventRow)) == sorted(sent)
    (node,) = rows(database, NodeRow)
    assert node.conflicts > 0, "and it shows"


def test_a_node_restored_from_an_old_backup_loses_nothing(database: Database, intake: Intake) -> None:
    edge = Edge(node="restored")
    before = edge.crossings(50)
    intake.take(edge.sent(*before))
    again = edge.restarted()
    again.seq = 20
    intake.take([again.state(oldest_seq=21)])
    after = again.crossings(40)
    answers = intake.take(again.sent(*after))
    assert answers[-1].ack.through == 60
    assert {row.id for row in rows(database, EventRow)} == {event.id for event in before + after}


def test_a_clock_that_jumps_an_hour_changes_neither_order_nor_count(database: Database, intake: Intake) -> None:
    edge = Edge(node="jumpy")
    events = [edge.crossing(second) for second in (0, 1, 3601, 3602, 3, 4, -3600, 5)]
    answers = intake.take(edge.sent(*events))
    assert answers[0].ack.through == 8
    with database.read() as session:
        stored = session.scalars(select(EventRow.id).order_by(EventRow.seq)).all()
        assert list(stored) == [event.id for event in events]
        assert session.scalar(select(func.count()).select_from(RejectedRow)) == 0
