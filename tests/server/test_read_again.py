"""The open alerts, read again and again: what did not change is not read, and nothing that changed is missed."""

from dataclasses import replace

from tapal_server.alerts.query import Kept
from tapal_server.alerts.states import OPEN, Outcome, State
from tapal_server.alerts.views import AlertFilter
from tapal_server.audit.log import AuditLog
from tapal_server.correlation.types import Alert, AlertRaised, AlertUpdated, Explanation, Reason
from tapal_server.live.ledger import Ledger
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tests.server.conftest import PASSWORD
from tests.server.edges import START, Edge

LISTS = ((AlertFilter(states=OPEN), 3), (AlertFilter(states=frozenset({State.RESOLVED})), 2))
SUSPECT = Alert(
    id="a-1",
    kind="unlogged_crossing",
    site="tunon-taka",
    line="gate",
    direction="inbound",
    status="open",
    probability=0.4,
    time=START.timestamp(),
    raised_at=START.timestamp() + 9 * 3600,
    reason=Reason("unlogged", {}),
    innocent=(Explanation("late_record", {"p": 0.2}),),
)


def land(parts, at_s: float, node: str = "nunukan-01"):
    edge = Edge(node=node, site="bambangan", line="jetty")
    event = edge.crossing(at_s)
    parts.intake.take([*edge.sent(event), edge.picture(event)])
    parts.correlator.step()
    return next(one for one in parts.services.alerts.page(SYSTEM, Paging()).items if event.id in one.event_ids)


def listed(alerts, actor):
    """The same lists, read whole."""
    return tuple(view for wanted, most in LISTS for view in alerts.page(actor, Paging(size=most), wanted).items)


def test_a_kept_list_is_the_list_whatever_happens(parts, people, clock):
    alerts, kept = parts.services.alerts, Kept()
    parts.services.people.add(SYSTEM, "ani", PASSWORD, role=Role.PARTNER, agency="BP3MI", sites=frozenset())
    partner = parts.services.auth.actor_named("ani")
    ledger = Ledger(clock, AuditLog(parts.database, parts.keys, clock))
    landed = [land(parts, 3600.0 * number, f"node-{number}") for number in range(4)]
    first, second = landed[2].id, landed[3].id

    def told(change) -> None:
        with parts.database.write() as session:
            ledger.write(session, [change])

    steps = {
        "raised": lambda: told(AlertRaised(SUSPECT)),
        "a little likelier": lambda: told(AlertUpdated(replace(SUSPECT, probability=0.41))),
        "read otherwise": lambda: told(AlertUpdated(replace(SUSPECT, probability=0.41, innocent=()))),
        "acknowledged": lambda: alerts.acknowledge(people.officer, first),
        "noted": lambda: alerts.note(people.officer, first, "A boat left."),
        "handed on": lambda: alerts.assign(people.supervisor, first, "dewi"),
        "welfare": lambda: alerts.flag_welfare(people.officer, first, on=True),
        "shared": lambda: parts.services.sharing.share(people.supervisor, first, "BP3MI", "one of theirs"),
        "resolved": lambda: alerts.resolve(people.officer, second, Outcome.CONFIRMED, "Two people."),
        "reopened": lambda: alerts.reopen(people.officer, second, "Not those two."),
        "another": lambda: land(parts, 5 * 3600.0, "node-9"),
    }
    for name, step in steps.items():
        step()
        clock.move(0.001)
        for actor in (people.officer, people.elsewhere, partner):
            assert alerts.newest(actor, LISTS, kept) == listed(alerts, actor), name


def test_only_what_changed_is_read(parts, people, clock):
    kept, first = Kept(), land(parts, 0.0)
    clock.move(1)
    second = land(parts, 3600.0, "nunukan-02")
    before = parts.services.alerts.newest(people.officer, LISTS, kept)
    parts.services.alerts.note(people.officer, first.id, "A boat left.")
    after = parts.services.alerts.newest(people.officer, LISTS, kept)
    assert [one.id for one in after] == [one.id for one in before] == [second.id, first.id]
    assert [now is then for now, then in zip(after, before, strict=True)] == [True, False]
