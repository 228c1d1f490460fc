"""Who may speak for a node: codes, keys, signatures, and what becomes of messages without."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlalchemy import select

from tapal_contract.enrolment import Enrolment, code_name, code_proof, prove
from tapal_contract.errors import TapalError
from tapal_contract.signing import key_id, public_bytes, sign, split
from tapal_server.bootstrap import build_server
from tapal_server.db.tables import AlertRow, EventRow
from tapal_server.errors import ForbiddenError, NotFoundError
from tapal_server.ingest.proof import Proof
from tapal_server.ingest.sorting import Incoming
from tapal_server.people.actor import SYSTEM
from tests.server.edges import Edge

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def asking(code: str, node: str = "nunukan-01", key: Ed25519PrivateKey = KEY, **changes) -> Enrolment:
    public = public_bytes(key.public_key()).hex()
    proof = prove(code_proof(code), "node", node, "tunon-taka", public)
    fields = {"code": code_name(code), "node": node, "site": "tunon-taka", "public": public, "proof": proof}
    return Enrolment(**(fields | changes))


def enrolled(parts, node: str = "nunukan-01", key: Ed25519PrivateKey = KEY) -> None:
    code = parts.services.enrolment.new_code(SYSTEM, node, "tunon-taka")
    parts.services.enrolment.enrol(asking(code, node, key))
    parts.intake.proof._read_at = None  # as after some seconds


def signed(messages: list[Incoming], key: Ed25519PrivateKey = KEY) -> list[Incoming]:
    return [Incoming(one.topic, sign(one.payload, one.topic, key)) for one in messages]


def stored(parts) -> list[str]:
    with parts.database.read() as session:
        return list(session.scalars(select(EventRow.id).order_by(EventRow.arrival)))


def refused(parts) -> dict[str, int]:
    (node,) = parts.services.nodes.all(SYSTEM)
    return node.refused


def test_an_enrolled_node_is_believed_and_its_answer_is_signed(parts) -> None:
    enrolled(parts)
    edge = Edge()
    events = edge.crossings(3)
    (answer,) = parts.intake.take(signed([edge.state(), *edge.sent(*events), edge.picture(events[0]), edge.health()]))
    assert (answer.ack.through, answer.ack.media) == (3, (events[0].id,))
    assert stored(parts) == [event.id for event in events]
    assert refused(parts) == {}
    sealed = split(parts.intake.proof.seal(b'{"through":3}', answer.topic))
    assert sealed.is_by(parts.intake.proof._own.public_key(), answer.topic)


def unsigned(edge: Edge) -> list[Incoming]:
    return edge.sent(edge.crossing())


def forged(edge: Edge) -> list[Incoming]:
    (one,) = signed(unsigned(edge))
    return [Incoming(one.topic, one.payload.replace(b"inbound", b"outbound"))]


def by_another_key(edge: Edge) -> list[Incoming]:
    return signed(unsigned(edge), OTHER)


def by_another_node(edge: Edge) -> list[Incoming]:
    return signed(unsigned(edge), Ed25519PrivateKey.from_private_bytes(b"x" * 32))


def meant_for_another_topic(edge: Edge) -> list[Incoming]:
    (one,) = unsigned(edge)
    return [Incoming(one.topic, sign(one.payload, one.topic.replace("nunukan-01", "nunukan-02"), KEY))]


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        (unsigned, "unsigned"),
        (forged, "forged"),
        (by_another_key, "wrong_key"),
        (by_another_node, "wrong_key"),
        (meant_for_another_topic, "forged"),
    ],
)
def test_what_an_enrolled_node_did_not_sign_is_refused_counted_alarmed_and_takes_nobodys_place(
    parts, attempt, reason
) -> None:
    enrolled(parts)
    enrolled(parts, "sebatik-01", Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    edge, thief = Edge(), Edge()
    parts.intake.take(signed([edge.health()]))
    assert parts.intake.take(attempt(thief)) == []
    assert stored(parts) == []
    assert refused(parts) == {reason: 1}
    parts.watchdog.look()
    with parts.database.read() as session:
        (alert,) = session.scalars(select(AlertRow))
    assert (alert.kind, alert.status, alert.reason["data"]["state"]) == ("blind", "open", "forged")
    own = edge.crossing()
    (answer,) = parts.intake.take(signed(edge.sent(own)))
    assert answer.ack.through == 1
    assert stored(parts) == [own.id]


def test_the_alarm_ends_when_nobody_tries_any_more(parts, clock) -> None:
    enrolled(parts)
    edge = Edge()
    parts.intake.take([*signed([edge.health()]), *unsigned(edge)])
    parts.watchdog.look()
    clock.move(660)
    parts.intake.take(signed([edge.health()]))
    parts.watchdog.look()
    with parts.database.read() as session:
        assert session.scalars(select(AlertRow.status)).all() == ["explained"]


def test_a_message_played_again_is_stored_once(parts) -> None:
    enrolled(parts)
    edge = Edge()
    messages = signed(edge.sent(*edge.crossings(2)))
    parts.intake.take(messages)
    parts.intake.take(messages)
    assert len(stored(parts)) == 2


def test_a_revoked_node_is_not_believed_until_it_is_enrolled_anew(parts) -> None:
    enrolled(parts)
    edge = Edge()
    parts.intake.take(signed([edge.health()]))
    assert parts.services.enrolment.revoke(SYSTEM, "nunukan-01") == 1
    parts.intake.proof._read_at = None
    assert parts.intake.take(signed(edge.sent(edge.crossing()))) == []
    assert refused(parts) == {"revoked": 1}
    enrolled(parts, key=OTHER)
    edge.seq = 0
    (answer,) = parts.intake.take(signed(edge.sent(edge.crossing()), OTHER))
    assert answer.ack.through == 1
    with pytest.raises(NotFoundError, match="no key that could be revoked"):
        parts.services.enrolment.revoke(SYSTEM, "sebatik-09")


def test_a_node_without_a_key_is_believed_unless_all_must_sign(parts) -> None:
    edge = Edge()
    parts.intake.take(edge.sent(edge.crossing()))
    assert len(stored(parts)) == 1
    parts.intake.proof = Proof(parts.database, "required")
    parts.intake.take(edge.sent(edge.crossing()))
    assert len(stored(parts)) == 1
    assert refused(parts) == {"unsigned": 1}


def test_a_code_works_once_for_its_node_for_a_while(parts, clock) -> None:
    service = parts.services.enrolment
    code = service.new_code(SYSTEM, "nunukan-01", "tunon-taka")
    with pytest.raises(ForbiddenError, match="does not let this box in"):
        service.enrol(asking(code, "sebatik-01"))
    service.enrol(asking(code.lower()))
    with pytest.raises(ForbiddenError):
        service.enrol(asking(code, key=OTHER))
    late = service.new_code(SYSTEM, "nunukan-01", "tunon-taka")
    clock.move(24 * 3600 + 1)
    with pytest.raises(ForbiddenError):
        service.enrol(asking(late, key=OTHER))
    with pytest.raises(ForbiddenError):
        service.enrol(asking("AAAA-" * 6 + "AAAA", key=OTHER))
    assert [one.key for one in service.all()] == [key_id(KEY.public_key())]


def test_a_code_that_is_guessed_at_is_burnt(parts) -> None:
    code = parts.services.enrolment.new_code(SYSTEM, "nunukan-01", "tunon-taka")
    for number in range(5):
        with pytest.raises(ForbiddenError):
            parts.services.enrolment.enrol(asking(code, proof=f"{number}" * 64))
    with pytest.raises(ForbiddenError):
        parts.services.enrolment.enrol(asking(code))


def test_a_box_enrols_over_the_api_and_notices_a_server_that_does_not_hold_the_code(
    settings, clock, parts, tmp_path, monkeypatch
) -> None:
    from tapal_edge import keyring

    def through(client: TestClient):
        def post(server, request, tls):
            answer = client.post("/api/v1/enrolments", json=request.model_dump())
            assert answer.status_code == 201, answer.text
            return keyring.Enrolled.model_validate_json(answer.content)

        return post

    client = TestClient(build_server(settings, clock=clock, console=False))  # not entered: none of its tasks is needed
    monkeypatch.setattr(keyring, "_post", through(client))
    code = parts.services.enrolment.new_code(SYSTEM, "nunukan-01", "tunon-taka")
    try:
        key = keyring.enrol(tmp_path, "nunukan-01", "tunon-taka", "https://server", code)
    finally:
        client.app.state.parts.database.close()
    assert [one.key for one in parts.services.enrolment.all()] == [key]
    ring = keyring.Keyring.load(tmp_path)
    assert ring is not None
    assert key_id(ring.own.public_key()) == key
    assert (tmp_path / "keys" / "node.key").stat().st_mode & 0o777 == 0o600

    between = keyring.Enrolled(server="1" * 64, proof="2" * 64)
    monkeypatch.setattr(keyring, "_post", lambda *_: between)
    with pytest.raises(TapalError, match="somebody may stand in between"):
        keyring.enrol(tmp_path / "other", "nunukan-01", "tunon-taka", "https://server", code)
    assert keyring.Keyring.load(tmp_path / "other") is None
