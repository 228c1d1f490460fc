"""The numbers of a shift are counted, not read off a page of alerts."""

from datetime import timedelta

import pytest

from tapal_server.alerts.states import Outcome, State
from tapal_server.alerts.tally import Tally
from tapal_server.db.tables import AlertRow
from tapal_server.paging import LARGEST
from tapal_server.people.actor import SYSTEM
from tests.server.conftest import START

MORE_THAN_A_PAGE = LARGEST + 101


def raised(number: int, **changes: object) -> AlertRow:
    at = START + timedelta(seconds=number)
    return AlertRow(
        id=f"a{number}", kind="presence", time=at, raised_at=at, changed_at=at, reason={"code": "no_service"},
        evidence={}, **({"site": "tunon-taka", "status": "open"} | changes),
    )  # fmt: skip


@pytest.fixture
def flood(parts) -> None:
    """More alerts than a list shows: two judged, two taken back, one explained before anybody looked, one elsewhere."""
    judged = {"state": State.RESOLVED, "outcome": Outcome.CONFIRMED, "acknowledged_at": START + timedelta(seconds=60)}
    odd = {
        0: judged,
        1: judged | {"outcome": Outcome.FALSE_ALARM},
        2: {"state": State.REOPENED, "acknowledged_at": START + timedelta(seconds=302)},
        3: {"status": "explained"},
        4: {"site": "bambangan"},
        5: {"status": "explained", "state": State.REOPENED},
    }
    with parts.database.write() as session:
        session.add_all(raised(number, **odd.get(number, {})) for number in range(MORE_THAN_A_PAGE))
        session.add(raised(-1))  # of the shift before


def test_every_alert_of_a_shift_is_counted_however_many_there_are(parts, flood):
    assert parts.services.alerts.tally(SYSTEM, START) == Tally(
        raised=MORE_THAN_A_PAGE,
        waiting=MORE_THAN_A_PAGE - 3,
        outcomes={"confirmed": 1, "false_alarm": 1},
        response_s=60.0,
    )


def test_a_person_of_one_site_is_told_of_its_alerts_alone(parts, people, flood):
    assert parts.services.alerts.tally(people.elsewhere, START) == Tally(raised=1, waiting=1)


def test_nothing_raised_is_nothing_to_tell(parts):
    assert parts.services.alerts.tally(SYSTEM, START) == Tally()
