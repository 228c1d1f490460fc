"""Two people change the same thing at the same moment, on a database that lets them: one of them is told."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tapal_server.errors import ConflictError
from tapal_server.notify.book import read_rules
from tests.server.test_rule_book import QUIET
from tests.server.test_voyages import plan, voyage
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.services)])


def late(parts, update, act):
    """What happens to a change that is asked for while another of the same row is not committed yet."""
    with ThreadPoolExecutor(1) as pool:
        with parts.database.write() as session:
            session.execute(text(update))
            asked = pool.submit(act)
            deadline = time.monotonic() + PATIENCE_S
            with parts.database.engine.connect() as connection:
                waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                while not connection.scalar(waiting):
                    assert time.monotonic() < deadline, "it does not wait for the other change"
                    assert not asked.done(), "it does not wait for the other change"
        return asked.result(PATIENCE_S)


@pytest.mark.parametrize("action", ["change", "cancel"])
def test_of_two_changes_of_a_plan_the_later_is_told(parts, people, action):
    plans = parts.services.plans
    entered = plans.enter(people.officer, plan())
    acts = {
        "change": lambda: plans.change(people.officer, entered.id, plan(note="later"), expected_version=1),
        "cancel": lambda: plans.cancel(people.officer, entered.id, expected_version=1),
    }
    with pytest.raises(ConflictError, match="changed meanwhile"):
        late(parts, "UPDATE planned_movements SET version = 2, note = 'sooner'", acts[action])
    found = plans.get(people.officer, entered.id)
    assert (found.note, found.version) == ("sooner", 2)


def test_of_two_changes_of_a_voyage_the_later_is_told(parts, people):
    voyages = parts.services.voyages
    voyages.enter(people.officer, voyage())
    with pytest.raises(ConflictError, match="changed meanwhile"):
        late(
            parts,
            "UPDATE voyages SET version = 2, declared = 13",
            lambda: voyages.change(people.officer, "TWU-7", voyage(declared=14), expected_version=1),
        )
    assert voyages.get(people.officer, "TWU-7").version == 2


def test_of_two_changes_of_the_rules_the_later_is_told(parts, people):
    book = parts.services.rules
    book.change(people.admin, read_rules(QUIET), expected_version=0)
    with pytest.raises(ConflictError, match="somebody else changed the rules"):
        late(
            parts,
            "UPDATE notify_rules SET version = 2",
            lambda: book.forget(people.admin, expected_version=1),
        )
    assert book.get(people.admin).version == 2


def test_of_two_who_are_the_first_to_change_the_rules_the_later_is_told(parts, people):
    book = parts.services.rules
    sooner = "INSERT INTO notify_rules (number, body, version, changed_at, changed_by) VALUES (1, NULL, 1, 0, 'x')"
    with pytest.raises(ConflictError, match="somebody else changed the rules"):
        late(parts, sooner, lambda: book.change(people.admin, read_rules(QUIET), expected_version=0))
    assert book.get(people.admin).version == 1
