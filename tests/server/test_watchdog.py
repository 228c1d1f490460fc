import pytest

from tapal_contract.events import CameraEvent, dump
from tapal_contract.ids import new_id
from tapal_server.alerts.states import Outcome, State
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tests.server.edges import START, Edge
from tests.server.test_feeds import HEADER, SIMKIM, row


def blind(parts):
    page = parts.services.alerts.page(SYSTEM, Paging(), sort="raised_at")
    return [(one.reason.data["source"], one.reason.data["state"], one.state) for one in page.items]


def camera(edge: Edge, event: str):
    edge.seq += 1
    said = CameraEvent(
        id=new_id(), node=edge.node, boot=edge.boot, seq=edge.seq, site=edge.site, camera="gate-1",
        time=START, sent_at=START, model="default@1", event=event,
    )  # fmt: skip
    return edge.on("event", dump(said))


@pytest.fixture
def edge(parts) -> Edge:
    made = Edge()
    parts.intake.take([made.state()])
    return made


def test_a_silent_node_is_blind_until_it_speaks(parts, clock, edge):
    parts.watchdog.look()
    assert blind(parts) == []
    clock.move(121)
    parts.watchdog.look()
    parts.watchdog.look()
    assert blind(parts) == [("node", "silent", State.NEW)]
    parts.intake.take([edge.health()])
    parts.watchdog.look()
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    assert (alert.state, alert.outcome, alert.closed_because.code) == (
        State.RESOLVED, Outcome.EXPLAINED, "sees_again",
    )  # fmt: skip


def test_the_last_will_makes_it_blind_at_once(parts, edge):
    parts.intake.take([edge.state("offline")])
    parts.watchdog.look()
    assert blind(parts) == [("node", "offline", State.NEW)]


def test_a_covered_camera_is_blind_until_it_sees(parts, edge):
    parts.intake.take([camera(edge, "covered")])
    parts.watchdog.look()
    assert blind(parts) == [("camera", "covered", State.NEW)]
    parts.intake.take([camera(edge, "online")])
    parts.watchdog.look()
    assert blind(parts) == [("camera", "covered", State.RESOLVED)]


def test_a_dead_node_is_one_alert_and_not_one_per_camera(parts, edge):
    parts.intake.take([camera(edge, "dark"), edge.state("offline")])
    parts.watchdog.look()
    assert blind(parts) == [("node", "offline", State.NEW)]


def test_a_silent_feed_is_blind(parts, clock):
    parts.services.feeds.save(SYSTEM, "simkim", SIMKIM)
    clock.move(3601)
    parts.watchdog.look()
    assert blind(parts) == [("feed", "silent", State.NEW)]


def test_a_dropped_file_is_taken_in_when_it_has_stopped_growing(parts, settings):
    parts.services.feeds.save(SYSTEM, "simkim", SIMKIM)
    parts.folder.look()
    folder = settings.data_dir / "incoming" / "simkim"
    file = folder / "today.csv"
    file.write_text(HEADER + row(1))
    assert parts.folder.look() == []
    file.write_text(HEADER + row(1) + row(2, arah="?"))
    assert parts.folder.look() == [], "it grew meanwhile"
    (view,) = parts.folder.look()
    assert (view.added, view.rejected) == (1, 1)
    assert (folder / "done" / "today.csv").exists()
    assert (folder / "done" / "today.csv.rejected.csv").read_text().splitlines()[1].startswith("3,")
    (folder / "junk.csv").write_bytes(b"\xff\xfe\xff\n")
    parts.folder.look()
    assert parts.folder.look() == []
    assert "not utf-8" in (folder / "refused" / "junk.csv.why.txt").read_text()
