import dataclasses
import threading

import pytest
from sqlalchemy import delete, select, update

from tapal_server.db.tables import AuditRow
from tapal_server.people.actor import SYSTEM


@pytest.fixture
def audit(parts):
    with parts.database.write() as session:
        session.execute(delete(AuditRow))
    for number in range(5):
        parts.services.audit.record(SYSTEM, "test", f"thing:{number}", number=number, share=0.1)
    return parts.services.audit


def test_an_untouched_chain_is_whole(audit):
    assert audit.verify((audit.head(),)) is None


@pytest.mark.parametrize(
    ("attack", "seq", "words"),
    [
        pytest.param(update(AuditRow).where(AuditRow.seq == 3).values(actor="other"), 3, "altered", id="altered"),
        pytest.param(delete(AuditRow).where(AuditRow.seq == 3), 3, "missing", id="removed"),
        pytest.param(delete(AuditRow).where(AuditRow.seq >= 4), 5, "anchored", id="cut-off"),
        pytest.param(delete(AuditRow), 5, "anchored", id="emptied"),
    ],
)
def test_an_attack_shows(parts, audit, attack, seq, words):
    head = audit.head()
    with parts.database.write() as session:
        session.execute(attack)
    flaw = audit.verify((head,))
    assert flaw.seq == seq
    assert words in flaw.reason


def test_a_rewritten_chain_does_not_fit_the_anchor(parts, audit):
    head = audit.head()
    with parts.database.write() as session:
        session.execute(delete(AuditRow))
    for _ in range(6):
        audit.record(SYSTEM, "test", "another story")
    assert audit.verify() is None, "the chain alone cannot tell"
    assert audit.verify((head,)).seq == head.seq


def test_a_forged_anchor_is_refused(audit):
    forged = dataclasses.replace(audit.head(), hash="f" * 64)
    assert "not signed" in audit.verify((forged,)).reason


def test_writers_at_once_make_one_chain(parts, audit):
    def write() -> None:
        for _ in range(10):
            audit.record(SYSTEM, "test", "busy")

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify() is None
    with parts.database.read() as session:
        assert list(session.scalars(select(AuditRow.seq).order_by(AuditRow.seq))) == list(range(1, 66))
