import pytest
from sqlalchemy import select

from tapal_server.alerts.states import Outcome
from tapal_server.audit.log import AuditLog
from tapal_server.correlation.types import Alert, AlertRaised, Reason
from tapal_server.db.tables import DeliveryRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.live.ledger import Ledger
from tapal_server.notify.rules import NotifySettings, Occasion, Rule
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tests.server.edges import START, Edge

NOTIFY = NotifySettings.model_validate(
    {
        "channels": [
            {"name": "duty", "url": "json://localhost", "language": "id", "at_most_per_hour": 3},
            {"name": "protection", "url": "json://elsewhere", "language": "en"},
        ],
        "rules": [
            {"channel": "duty", "least_severity": "medium"},
            {"channel": "protection", "on": ["welfare"]},
        ],
        "escalation": [{"after_minutes": 5}, {"after_minutes": 15}],
    }
)


class Post:
    """Keeps what was sent; refuses while it is down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.down = False

    def __call__(self, url: str, title: str, body: str) -> bool:
        if self.down:
            return False
        self.sent.append((url, title, body))
        return True


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def office(settings, clock, post, people):
    built = build_parts(settings.model_copy(update={"notify": NOTIFY}), clock=clock, send=post)
    yield built
    built.database.close()


@pytest.fixture
def edge(office) -> Edge:
    return Edge(site="bambangan", line="jetty")


def land(office, edge):
    """Somebody lands; the newest alert."""
    office.intake.take(edge.sent(edge.crossing()))
    office.correlator.step()
    return office.services.alerts.page(SYSTEM, Paging()).items[0]


def test_a_new_alert_is_told_once(office, edge, post):
    land(office, edge)
    office.notifier.work()
    office.notifier.work()
    assert [(url, title) for url, title, _ in post.sent] == [
        ("json://localhost", "Petunjuk baru: kehadiran di luar layanan, Bambangan")
    ]
    assert "02-03-2026 14:00 WITA" in post.sent[0][2]


def believed(office, clock, probability: float) -> None:
    """An alert of the engine, as likely as that."""
    at = START.timestamp()
    alert = Alert(
        id="unlogged-1", kind="unlogged_crossing", site="bambangan", line="jetty", direction="inbound", status="open",
        probability=probability, time=at, raised_at=at, reason=Reason("unlogged_crossing", {}),
    )  # fmt: skip
    ledger = Ledger(clock, AuditLog(office.database, office.keys, clock))
    with office.database.write() as session:
        ledger.write(session, [AlertRaised(alert)])
    office.notifier.work()


def test_looking_for_what_is_to_be_told_holds_up_nobody_who_writes(office, edge, post, monkeypatch):
    land(office, edge)
    office.notifier.work()

    def writes(_: object) -> None:
        raise AssertionError("there is nothing new to tell")

    monkeypatch.setattr(type(office.database), "write", writes)
    office.notifier._write()
    assert len(post.sent) == 1


def test_what_was_raised_early_and_quietly_is_told_when_it_becomes_likely(office, post, clock):
    believed(office, clock, 0.58)
    assert post.sent == [], "nobody is woken by what is likely to explain itself"
    clock.move(3 * 3600)
    believed(office, clock, 0.61)
    assert len(post.sent) == 1
    believed(office, clock, 0.55)
    clock.move(60)
    believed(office, clock, 0.95)
    assert len(post.sent) == 1, "once is enough"
    clock.move(299)
    office.notifier.work()
    assert len(post.sent) == 1, "it escalates by how long it has been sure, not by how long it has been known"
    clock.move(2)
    office.notifier.work()
    assert len(post.sent) == 2


def test_what_is_not_taken_is_sent_later_and_only_once(office, edge, post, clock):
    land(office, edge)
    post.down = True
    office.notifier.work()
    office.notifier.work()
    post.down = False
    clock.move(21)
    office.notifier.work()
    clock.move(21)
    office.notifier.work()
    assert len(post.sent) == 1


def test_nobody_takes_it_so_it_is_told_again_and_then_not_more(office, edge, post, clock):
    alert = land(office, edge)
    for _ in range(30):
        office.notifier.work()
        clock.move(60)
    assert [title.split(":")[0] for _, title, _ in post.sent] == ["Petunjuk baru", "Belum ditangani", "Belum ditangani"]
    assert office.services.alerts.get(SYSTEM, alert.id).escalation == 2


def test_each_step_of_escalation_goes_to_whom_it_concerns(settings, post, clock, people):
    names = ("officer", "section-head", "timpora")
    rules = [
        {"channel": "officer", "on": ["raised"]},
        {"channel": "section-head", "on": ["escalated"], "levels": [1]},
        {"channel": "timpora", "on": ["escalated"], "levels": [2]},
    ]
    channels = [{"name": name, "url": f"json://{name}"} for name in names]
    told = NotifySettings.model_validate({"channels": channels, "rules": rules})
    office = build_parts(settings.model_copy(update={"notify": told}), clock=clock, send=post)
    land(office, Edge(site="bambangan", line="jetty"))
    for _ in range(20):
        office.notifier.work()
        clock.move(60)
    assert [url for url, _, _ in post.sent] == [f"json://{name}" for name in names]
    office.database.close()


def test_an_acknowledged_alert_does_not_escalate(office, edge, people, clock, post):
    alert = land(office, edge)
    office.services.alerts.acknowledge(people.officer, alert.id)
    clock.move(3600)
    office.notifier.work()
    assert office.services.alerts.get(SYSTEM, alert.id).escalation == 0


def test_welfare_goes_to_the_protection_contact(office, edge, people, post):
    alert = land(office, edge)
    office.services.alerts.flag_welfare(people.officer, alert.id, "children")
    office.notifier.work()
    assert ("json://elsewhere", "Protection needed: presence outside service, Bambangan") in [
        one[:2] for one in post.sent
    ]
    assert "children" not in str(post.sent), "notes do not leave the office"


@pytest.mark.parametrize("minutes", [10, 600])
def test_a_shelved_gate_keeps_its_alerts_and_tells_nobody(office, edge, people, post, clock, minutes):
    desk = office.services.desk
    shelf = desk.shelve(people.officer, "bambangan", "jetty", minutes=minutes, reason="exercise of the navy")
    alert = land(office, edge)
    office.notifier.work()
    assert (alert.shelved, post.sent) == (True, [])
    assert [one.id for one in desk.shelves(people.officer)] == [shelf.id]
    clock.move(60 * minutes + 1)
    assert desk.shelves(people.officer) == ()
    office.notifier.work()
    assert not office.services.alerts.get(SYSTEM, alert.id).shelved
    told = [title.split(":")[0] for _, title, _ in post.sent]
    assert told == ["Petunjuk baru"], "what waited is told when the time is over, and has not waited for anybody yet"


@pytest.mark.parametrize(
    ("site", "minutes", "reason", "error"),
    [
        pytest.param("mars", 10, "why not", NotFoundError, id="site"),
        pytest.param("bambangan", 1441, "too long", InvalidError, id="too-long"),
        pytest.param("bambangan", 0, "no time", InvalidError, id="no-time"),
        pytest.param("bambangan", 10, " ", InvalidError, id="no-reason"),
    ],
)
def test_shelving_has_limits(office, people, site, minutes, reason, error):
    with pytest.raises(error):
        office.services.desk.shelve(people.officer, site, None, minutes=minutes, reason=reason)


def test_a_shelved_camera_waits_and_another_of_its_gate_does_not(office, people, post, clock):
    desk, edge = office.services.desk, Edge(site="bambangan", line="jetty")
    office.intake.take(edge.sent(edge.crossing(0)))
    camera = f"{edge.node}/gate-1"
    with pytest.raises(NotFoundError, match="NODE/CAMERA"):
        desk.shelve(people.officer, "bambangan", None, camera="elsewhere/gate-1", minutes=10, reason="lens is cleaned")
    shelf = desk.shelve(people.officer, "bambangan", None, camera=camera, minutes=10, reason="lens is cleaned")
    assert (shelf.camera, shelf.line) == (camera, None)
    office.correlator.step()
    (waits,) = office.services.alerts.page(SYSTEM, Paging()).items
    assert waits.shelved
    other = Edge(site="bambangan", line="jetty", node="second")
    office.intake.take(other.sent(other.crossing(600)))
    clock.move(601)
    desk.shelve(people.officer, "bambangan", None, camera=camera, minutes=10, reason="still at it")
    office.correlator.step()
    heard = {one.id: one.shelved for one in office.services.alerts.page(SYSTEM, Paging()).items}
    assert heard == {waits.id: True} | dict.fromkeys(heard.keys() - {waits.id}, False)
    assert len(heard) == 2


def test_a_shift_is_given_and_taken_by_name(office, edge, people):
    alert, desk = land(office, edge), office.services.desk
    office.services.alerts.acknowledge(people.officer, alert.id)
    given = desk.hand_over(people.officer, "budi", "ferry is late")
    assert given.open_alerts == (alert.id,)
    with pytest.raises(NotFoundError):
        desk.accept(people.officer, given.id)
    assert desk.accept(people.supervisor, given.id).accepted_at is not None
    assert office.services.alerts.get(SYSTEM, alert.id).assignee == "budi"
    with pytest.raises(ConflictError):
        desk.accept(people.supervisor, given.id)
    with pytest.raises(InvalidError):
        desk.hand_over(people.officer, "nobody")
    assert desk.handovers(people.elsewhere, Paging()).total == 0


def test_a_resolved_alert_is_not_handed_over(office, edge, people):
    alert = land(office, edge)
    office.services.alerts.resolve(people.officer, alert.id, Outcome.EXPLAINED, "fishermen")
    assert office.services.desk.hand_over(people.officer, "budi").open_alerts == ()


def test_more_than_the_limit_is_held_back_but_written_down(settings, post, clock):
    rules = NotifySettings.model_validate(
        {
            "channels": [{"name": "duty", "url": "json://localhost", "at_most_per_hour": 3}],
            "rules": [{"channel": "duty", "least_severity": "low"}],
        }
    )
    office = build_parts(settings.model_copy(update={"notify": rules}), clock=clock, send=post)
    for number in range(5):
        office.intake.take([Edge(node=f"node-{number}").state("offline")])
    office.watchdog.look()
    office.notifier.work()
    office.notifier.work()
    with office.database.read() as session:
        assert sorted(session.scalars(select(DeliveryRow.state))) == ["held_back"] * 2 + ["sent"] * 4
    assert [title for _, title, _ in post.sent].count("Peringatan lebih banyak daripada yang dikirim ke sini") == 1
    clock.move(3700)
    office.intake.take([Edge(node="node-9").state("offline")])
    office.watchdog.look()
    office.notifier.work()
    assert len(post.sent) == 5, "what was held back takes nobody's place an hour later"
    office.database.close()


def test_quiet_hours_are_kept_unless_it_is_urgent(clock):
    values = {"channel": "duty", "least_severity": "low", "quiet_hours": [12, 16], "timezone": "Asia/Makassar"}
    rule = Rule.model_validate(values)  # 06:00 UTC is 14:00 there
    about = {"alert_id": "a", "action": "raised", "site": "s", "kind": "blind"}
    assert not rule.wants(Occasion.model_validate(about | {"severity": "low"}), clock.now())
    assert rule.wants(Occasion.model_validate(about | {"severity": "high"}), clock.now())
    clock.move(3 * 3600)
    assert rule.wants(Occasion.model_validate(about | {"severity": "low"}), clock.now())
