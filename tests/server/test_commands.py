"""What people ask of nodes, how it is sent, and what becomes of it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import new_id
from tapal_contract.media import wrap
from tapal_contract.node import CameraHealth, CommandAnswer
from tapal_server.bootstrap import build_server
from tapal_server.db.tables import AlertRow, CameraPictureRow, CommandRow
from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.events import CameraPictured, CommandAnswered, CommandIssued
from tapal_server.paging import Paging
from tapal_server.people.passwords import Passwords
from tests.server.conftest import QUICK
from tests.server.edges import JPEG, START, Edge
from tests.server.test_api import bearer

LINE = LineSpec.model_validate({"id": "gate", "from": (0.2, 0.2), "to": (0.2, 0.8)})
ZONE = ZoneSpec.model_validate({"id": "desk", "kind": "counter", "polygon": ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))})
PLACE = ("nunukan-01", "gate-1")


@pytest.fixture
def edge(parts) -> Edge:
    node = Edge()
    camera = CameraHealth(camera="gate-1", state="online", fps=7, lines=(LINE,), zones=())
    parts.intake.take([node.state(), node.health(cameras=(camera,))])
    return node


def answer(edge: Edge, command_id: str, outcome="done", reason=""):
    camera = CameraHealth(camera="gate-1", state="online", fps=7, lines=(LINE,), zones=(ZONE,))
    said = CommandAnswer(id=command_id, outcome=outcome, reason=reason, time=START)
    return edge.health(cameras=(camera,), commands=(said,))


def test_lines_are_asked_for_sent_answered_and_audited(parts, people, edge, heard):
    commands = parts.services.commands
    asked = commands.set_geometry(people.admin, *PLACE, [LINE], [ZONE])
    assert (asked.state, asked.issued_by) == ("waiting", "admin")
    assert CommandIssued(command_id=asked.id, node="nunukan-01") in heard
    geometry_, *_ = [one for one in parts.dispatcher.due() if one.command.id == asked.id]
    assert geometry_.topic == "tapal/1/tunon-taka/nunukan-01/command"
    assert (geometry_.command.lines, geometry_.command.zones) == ((LINE,), (ZONE,))
    parts.intake.take([answer(edge, asked.id)])
    assert CommandAnswered(command_id=asked.id, node="nunukan-01", camera="gate-1", state="done") in heard
    assert commands.command(people.officer, asked.id).state == "done"
    now = commands.geometry(people.officer, *PLACE)
    assert [line["from"] for line in now.lines] == [[0.2, 0.2]]
    assert [zone["id"] for zone in now.zones] == ["desk"]
    assert now.last is not None
    assert now.last.id == asked.id
    entry = parts.services.audit.page(people.auditor, Paging()).items[0]
    assert (entry.action, entry.subject) == ("camera.geometry", "camera:nunukan-01/gate-1")


def test_a_refusal_comes_with_the_nodes_reason(parts, people, edge):
    asked = parts.services.commands.set_geometry(people.admin, *PLACE, [LINE], [])
    parts.intake.take([answer(edge, asked.id, "refused", "line 'gate' lies along the left edge")])
    found = parts.services.commands.command(people.admin, asked.id)
    assert (found.state, found.reason) == ("refused", "line 'gate' lies along the left edge")


def test_only_the_node_that_was_asked_can_answer(parts, people, edge):
    asked = parts.services.commands.set_geometry(people.admin, *PLACE, [LINE], [])
    parts.intake.take([answer(Edge("tarakan-01"), asked.id)])
    assert parts.services.commands.command(people.admin, asked.id).state == "waiting"


def test_what_is_not_answered_is_sent_again_and_expires(parts, people, edge, clock):
    asked = parts.services.commands.set_geometry(people.admin, *PLACE, [LINE], [])
    sent = lambda: [one.command.id for one in parts.dispatcher.due()]  # noqa: E731 - said three times
    assert sent() == [asked.id]
    assert sent() == []
    clock.move(6)
    assert sent() == [asked.id]
    clock.move(600)
    assert sent() == []
    assert parts.services.commands.command(people.admin, asked.id).state == "expired"


@pytest.mark.parametrize(
    ("who", "node", "lines", "error", "says"),
    [
        pytest.param("officer", "nunukan-01", [LINE], ForbiddenError, "settings", id="no-permission"),
        pytest.param("admin", "nobody", [LINE], NotFoundError, "not known", id="no-such-node"),
        pytest.param("admin", "nunukan-01", [LINE, LINE], InvalidError, "'gate' is used twice", id="repeated-id"),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_sent(parts, people, edge, who, node, lines, error, says):
    with pytest.raises(error, match=says):
        parts.services.commands.set_geometry(getattr(people, who), node, "gate-1", lines, [])
    assert parts.dispatcher.due() == []


def test_who_may_not_see_the_site_sees_no_camera_of_it(parts, people, edge):
    for ask in (parts.services.commands.snapshot, parts.services.commands.geometry, parts.services.commands.picture):
        with pytest.raises(NotFoundError, match="not known"):
            ask(people.elsewhere, *PLACE)


def test_many_who_look_at_one_camera_ask_it_once_a_second(parts, people, edge, clock):
    ask = parts.services.commands.snapshot
    first = ask(people.officer, *PLACE)
    assert ask(people.supervisor, *PLACE).id == first.id
    clock.move(1.5)
    assert ask(people.officer, *PLACE).id != first.id
    clock.move(60)
    ask(people.officer, *PLACE)
    with parts.database.read() as session:
        assert len(session.scalars(select(CommandRow)).all()) == 1, "looks that are over leave no rows"
    actions = [one.action for one in parts.services.audit.page(people.auditor, Paging()).items]
    assert actions.count("camera.watch") == 2, "one for each who looks, not for each look"


def test_the_newest_picture_replaces_the_one_before(parts, people, edge, clock, heard, tmp_path):
    commands = parts.services.commands
    assert commands.picture(people.officer, *PLACE) is None
    old = commands.snapshot(people.officer, *PLACE)
    clock.move(2)
    new = commands.snapshot(people.officer, *PLACE)
    fresh = JPEG[:2] + b"\xff\xfe\x00\x03a" + JPEG[2:]
    (told,) = parts.intake.take([edge.on("media", wrap(fresh, new.id))])
    assert told.ack.media == (new.id,)
    parts.intake.take([edge.on("media", wrap(JPEG, old.id))])
    found = commands.picture(people.officer, *PLACE)
    assert found is not None
    assert (found.command_id, found.jpeg) == (new.id, wrap(fresh, new.id))
    assert heard.count(CameraPictured(node="nunukan-01", camera="gate-1")) == 1
    assert len(list(tmp_path.rglob("*.jpg"))) == 1
    clock.move(3600 + 60)
    assert parts.retention.work()["looks"] == 1
    assert commands.picture(people.officer, *PLACE) is None
    assert list(tmp_path.rglob("*.jpg")) == []


def test_the_view_to_compare_with_is_taken_kept_and_told_with_its_maker(parts, people, edge, clock, heard, tmp_path):
    commands = parts.services.commands
    with pytest.raises(ForbiddenError):
        commands.learn_view(people.officer, *PLACE)
    assert commands.reference(people.officer, *PLACE).taken_at is None
    asked = commands.learn_view(people.admin, *PLACE)
    (sent,) = [one.command for one in parts.dispatcher.due() if one.command.id == asked.id]
    assert (sent.name, sent.camera) == ("learn-view", "gate-1")
    parts.intake.take([answer(edge, asked.id), edge.on("media", wrap(JPEG, asked.id))])
    assert CommandAnswered(command_id=asked.id, node="nunukan-01", camera="gate-1", state="done") in heard
    found = commands.reference(people.officer, *PLACE)
    assert (found.taken_by, found.taken_at, found.last.state) == ("admin", clock.now(), "done")
    assert commands.reference_picture(people.officer, *PLACE).jpeg == wrap(JPEG, asked.id)
    assert commands.picture(people.officer, *PLACE) is None, "it is no look at now"
    clock.move(2 * 86400)
    parts.retention.work()
    assert commands.reference_picture(people.officer, *PLACE) is not None
    clock.move(400 * 86400)
    parts.retention.work()
    assert commands.reference_picture(people.officer, *PLACE) is None
    assert list(tmp_path.rglob("*.jpg")) == []


def test_a_picture_nobody_asked_for_is_not_shown(parts, people, edge):
    parts.intake.take([edge.on("media", wrap(JPEG, new_id()))])
    stranger = Edge("tarakan-01")
    asked = parts.services.commands.snapshot(people.officer, *PLACE)
    parts.intake.take([stranger.on("media", wrap(JPEG, asked.id))])
    with parts.database.read() as session:
        assert session.scalars(select(CameraPictureRow)).all() == []


def test_nodes_are_told_what_open_alerts_rest_on(parts, people, clock):
    landing = Edge(site="bambangan", line="jetty")
    event = landing.crossing()
    parts.intake.take([landing.state(), *landing.sent(event)])
    parts.correlator.step()

    def kept() -> list[tuple[str, ...]]:
        clock.move(16)
        return [command.events for _, command in parts.dispatcher.keeper.due()]

    assert kept() == [(event.id,)]
    assert kept() == [], "nothing changed"
    clock.move(600)
    assert kept() == [(event.id,)], "said again, in case the node did not hear it"
    again = landing.restarted()
    parts.intake.take([again.state()])
    assert kept() == [(event.id,)], "a new start has to be told"
    with parts.database.write() as session:
        for alert in session.scalars(select(AlertRow)):
            alert.state = "resolved"
    assert kept() == [()]
    assert kept() == []


def test_the_api_asks_and_tells(settings, clock, people, parts, edge):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    client = TestClient(app)
    url = "/api/v1/nodes/nunukan-01/cameras/gate-1"
    officer, admin = bearer(client, "sari"), bearer(client, "admin")
    body = {"lines": [LINE.model_dump(mode="json", by_alias=True)]}
    assert client.post(f"{url}/geometry", json=body, headers=officer).status_code == 403
    asked = client.post(f"{url}/geometry", json=body, headers=admin)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    off = {"lines": [body["lines"][0] | {"to": [0.2, 1.2]}]}
    wrong = client.post(f"{url}/geometry", json=off, headers=admin)
    assert wrong.status_code == 422
    assert "less than or equal to 1" in wrong.text
    assert client.get(f"{url}/geometry", headers=officer).json()["last"]["id"] == asked.json()["id"]
    assert client.get(f"{url}/snapshot", headers=officer).status_code == 404
    look = client.post(f"{url}/snapshot", headers=officer).json()
    parts.intake.take([edge.on("media", wrap(JPEG, look["id"])), answer(edge, look["id"])])
    picture = client.get(f"{url}/snapshot", headers=officer)
    assert (picture.headers["content-type"], picture.headers["x-command"]) == ("image/jpeg", look["id"])
    assert client.get(f"{url}/view.jpg", headers=officer).status_code == 404
    learned = client.post(f"{url}/view", headers=admin).json()
    parts.intake.take([edge.on("media", wrap(JPEG, learned["id"]))])
    assert client.get(f"{url}/view", headers=officer).json()["taken_by"] == "admin"
    assert client.get(f"{url}/view.jpg", headers=officer).headers["content-type"] == "image/jpeg"
    assert client.get(f"/api/v1/commands/{look['id']}", headers=officer).json()["state"] == "done"
    assert client.post(f"{url}/restart", headers=admin).status_code == 202
    app.state.parts.database.close()
