"""Models on the server: bundles in and out, and their way to the nodes."""

import hashlib
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tapal_contract import bundle
from tapal_contract.ids import new_id
from tapal_contract.node import Command, CommandAnswer
from tapal_contract.updates import ModelBounds, ModelHealth
from tapal_server.bootstrap import build_server
from tapal_server.db.tables import CommandRow
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tapal_server.events import RolloutChanged
from tapal_server.media import MediaStore
from tapal_server.models.registry import ModelService
from tapal_server.models.steps import At, Seen, next_of_node, stage_in_turn
from tapal_server.people.passwords import Passwords
from tapal_server.settings import ModelSettings
from tests.server.conftest import QUICK
from tests.server.edges import START, Edge
from tests.server.test_api import bearer

NEW, OLD = "default@2", "default@1"


def bundle_of(folder: Path, version: str = "2", content: bytes = b"onnx", **card: object) -> bytes:
    folder.mkdir(exist_ok=True)
    if not (folder / "key").exists():
        bundle.new_key(folder / "key")
    (folder / "model.onnx").write_bytes(content)
    file = folder / f"{version}.tapal"
    bundle.write(file, folder / "model.onnx", {"name": "default", "version": version, "card": card}, folder / "key")
    return file.read_bytes()


class Box:
    """A node that answers as the test says."""

    def __init__(self, parts, name: str, site: str = "tunon-taka") -> None:
        self.parts = parts
        self.edge = Edge(node=name, site=site)
        parts.intake.take([self.edge.state()])
        self.says(OLD)
        self.asked: list[Command] = []

    def says(self, active: str, state: str = "steady", *, done=(), refused="", **fields) -> None:
        answers = [
            CommandAnswer(id=one, outcome="refused" if refused else "done", reason=refused, time=START) for one in done
        ]
        model = ModelHealth(active=active, state=state, **fields)
        self.parts.intake.take([self.edge.health(model=model, commands=tuple(answers))])
        self.parts.rollouts.work()

    def hears(self):
        """The newest command about models."""
        self.parts.rollouts.work()
        with self.parts.database.read() as session:
            rows = session.scalars(select(CommandRow).where(CommandRow.node == self.edge.node).order_by(CommandRow.id))
            self.asked = [Command.model_validate(row.body) for row in rows]
        return self.asked[-1] if self.asked else None

    def takes(self) -> None:
        """Take the offer to the end."""
        self.says(OLD, "shadow", candidate=NEW, done=[self.hears().id], frames=10)
        self.says(NEW, "watching", candidate=NEW)
        self.says(NEW, previous=OLD)


@pytest.fixture
def backend() -> str:
    """Enough on one kind of database; the tables themselves are tested on both."""
    return "sqlite"


@pytest.fixture
def services(parts, people, tmp_path):
    parts.services.models.upload(people.admin, bundle_of(tmp_path / "m", parent=OLD))
    return parts.services


def states(services, people) -> dict[str, str]:
    return {one.node: one.state for one in services.rollouts.all(people.admin)[0].nodes}


def test_a_bundle_is_kept_with_its_lineage_and_given_out_by_its_hash(services, people, tmp_path) -> None:
    (model,) = services.models.all(people.officer)
    data = bundle_of(tmp_path / "m", parent=OLD)
    assert (model.title, model.parent, model.bytes) == (NEW, OLD, len(data))
    assert services.models.path_of(hashlib.sha256(data).hexdigest()).read_bytes() == data
    assert services.models.upload(people.admin, data) == model, "the same one again changes nothing"
    with pytest.raises(ConflictError, match="its own version"):
        services.models.upload(people.admin, bundle_of(tmp_path / "m", content=b"another"))
    with pytest.raises(ForbiddenError):
        services.models.upload(people.officer, data)
    with pytest.raises(NotFoundError):
        services.models.path_of("../../etc/passwd")


def test_another_server_of_the_office_gives_it_out_too(parts, services, clock, tmp_path) -> None:
    data = bundle_of(tmp_path / "m", parent=OLD)
    digest = hashlib.sha256(data).hexdigest()
    shared = {"key": None, "audit": services.audit, "clock": clock}
    other = ModelService(parts.database, tmp_path / "other", MediaStore(parts.settings.media_folder), **shared)
    assert other.path_of(digest).read_bytes() == data
    assert other.path_of(digest).parent == tmp_path / "other"
    alone = ModelService(parts.database, tmp_path / "alone", MediaStore(tmp_path / "elsewhere"), **shared)
    with pytest.raises(NotFoundError):
        alone.path_of(digest)
    with pytest.raises(NotFoundError):
        other.path_of("0" * 64)


@pytest.mark.parametrize("data", [pytest.param(b"", id="nothing"), pytest.param(b"PK\x03\x04 rest", id="no-bundle")])
def test_what_is_no_bundle_is_refused_and_not_kept(parts, people, data) -> None:
    with pytest.raises(InvalidError, match="not a whole model bundle"):
        parts.services.models.upload(people.admin, data)
    assert not list((parts.settings.data_dir / "models").iterdir())


def test_a_server_with_a_key_takes_bundles_of_that_key_only(settings, clock, tmp_path) -> None:
    ours, theirs = bundle_of(tmp_path / "ours"), bundle_of(tmp_path / "theirs")
    held = settings.model_copy(update={"models": ModelSettings(key_file=tmp_path / "ours" / "key.pub")})
    app = build_server(held, clock=clock, passwords=Passwords(QUICK), console=False)
    with TestClient(app) as client:
        headers = bearer(client, "admin")
        assert client.post("/api/v1/models", content=theirs, headers=headers).status_code == 422
        assert client.post("/api/v1/models", content=ours, headers=headers).status_code == 201
        digest = hashlib.sha256(ours).hexdigest()
        part = client.get(f"/api/v1/bundles/{digest}", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, ours[10:20])
        assert client.get(f"/api/v1/bundles/{'0' * 64}").status_code == 404


def test_a_model_goes_out_stage_by_stage(parts, services, people) -> None:
    first, second = Box(parts, "nunukan-01"), Box(parts, "sebatik-01", "bambangan")
    heard: list = []
    services.bus.subscribe(heard.append)
    bounds = ModelBounds(frames=7)
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"], ["bambangan"]], bounds=bounds)
    command = first.hears()
    assert (command.name, command.offer.title, command.offer.bounds) == ("use-model", NEW, bounds)
    assert command.offer.url.endswith(f"/api/v1/bundles/{command.offer.sha256}")
    assert second.hears() is None, "its stage is not in turn"
    first.takes()
    assert states(services, people) == {"nunukan-01": "active", "sebatik-01": "asked"}
    assert second.hears() is not None
    second.takes()
    done = services.rollouts.get(people.admin, made.id)
    assert (done.state, {one.state for one in done.nodes}) == ("done", {"active"})
    assert RolloutChanged(rollout_id=made.id) in heard
    assert [one.active for one in services.rollouts.fleet(people.admin)] == [NEW, NEW]


@pytest.mark.parametrize(
    ("says", "detail"),
    [
        pytest.param({"state": "failed", "candidate": NEW, "detail": "agreement 0.10"}, "agreement 0.10", id="fails"),
        pytest.param({"refused": "this node trusts nobody's models"}, "trusts nobody", id="refuses"),
    ],
)
def test_it_halts_at_the_first_node_that_does_not_take_it_and_goes_on_when_told(
    parts, services, people, says, detail
) -> None:
    box, other = Box(parts, "nunukan-01"), Box(parts, "nunukan-02")
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"], ["nunukan-02"]])
    box.says(OLD, done=[box.hears().id], **says)
    halted = services.rollouts.get(people.admin, made.id)
    assert halted.state == "halted"
    assert detail in halted.detail
    assert other.hears() is None
    services.rollouts.go_on(people.admin, made.id)
    asked = len(box.asked)
    box.hears()
    assert len(box.asked) == asked + 1, "it is asked again"
    box.takes()
    assert states(services, people)["nunukan-01"] == "active"


def test_it_is_taken_back_from_every_node_that_has_it(parts, services, people) -> None:
    box, other, third = Box(parts, "nunukan-01"), Box(parts, "nunukan-02"), Box(parts, "nunukan-03")
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"], ["nunukan-02"], ["nunukan-03"]])
    box.hears()
    box.takes()
    other.says(OLD, "shadow", candidate=NEW, done=[other.hears().id])
    back = services.rollouts.roll_back(people.admin, made.id)
    assert back.state == "rolled_back"
    assert [one.state for one in back.nodes] == ["back", "back", "waiting"]
    assert [one.hears().name for one in (box, other)] == ["previous-model", "previous-model"]
    assert third.hears() is None
    with pytest.raises(ConflictError):
        services.rollouts.roll_back(people.admin, made.id)


def test_a_node_that_goes_back_by_itself_later_halts_it(parts, services, people) -> None:
    box, _ = Box(parts, "nunukan-01"), Box(parts, "nunukan-02")
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"], ["nunukan-02"]])
    box.hears()
    box.takes()
    box.says(OLD, "failed", candidate=NEW, detail="it takes 4 times as long")
    assert "4 times" in services.rollouts.get(people.admin, made.id).detail


def test_a_node_that_lost_the_offer_is_asked_again_but_not_for_ever(parts, services, people) -> None:
    box = Box(parts, "nunukan-01")
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"]])
    for _ in range(3):
        box.says(OLD, done=[box.hears().id])
    assert "began 3 times" in services.rollouts.get(people.admin, made.id).detail


def test_a_node_that_is_away_is_waited_for(parts, services, people) -> None:
    box = Box(parts, "nunukan-01")
    parts.intake.take([box.edge.state("offline")])
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"]])
    assert box.hears() is None
    assert services.rollouts.get(people.admin, made.id).nodes[0].detail == "it is not online"
    parts.intake.take([box.edge.state()])
    assert box.hears() is not None


@pytest.mark.parametrize(
    ("model", "stages", "error"),
    [
        pytest.param("default@9", [["nunukan-01"]], NotFoundError, id="no-such-model"),
        pytest.param(NEW, [["nowhere"]], InvalidError, id="no-such-node"),
        pytest.param(NEW, [[]], InvalidError, id="no-node"),
        pytest.param(NEW, [["nunukan-01"], ["tunon-taka"]], InvalidError, id="twice"),
    ],
)
def test_what_cannot_be_rolled_out_is_refused(parts, services, people, model, stages, error) -> None:
    Box(parts, "nunukan-01")
    with pytest.raises(error):
        services.rollouts.start(people.admin, model, stages)


def test_one_roll_out_at_a_time_and_only_by_who_may(parts, services, people) -> None:
    Box(parts, "nunukan-01")
    made = services.rollouts.start(people.admin, NEW, [["nunukan-01"]])
    with pytest.raises(ConflictError, match="another roll-out"):
        services.rollouts.start(people.admin, NEW, [["nunukan-01"]])
    with pytest.raises(ForbiddenError):
        services.rollouts.stop(people.officer, made.id)
    with pytest.raises(NotFoundError):
        services.rollouts.get(people.elsewhere, made.id)
    assert services.rollouts.all(people.elsewhere) == ()
    services.rollouts.stop(people.admin, made.id)
    assert services.rollouts.start(people.admin, NEW, [["nunukan-01"]]).state == "running"


@pytest.mark.parametrize(
    ("state", "seen", "expected"),
    [
        pytest.param("asked", {"command": "waiting"}, At("asked"), id="no-answer-yet"),
        pytest.param("asked", {"command": "expired"}, At("waiting", "it did not answer; asked again"), id="expired"),
        pytest.param("watching", {"model": {"active": NEW, "state": "steady"}}, At("active"), id="proven"),
        pytest.param("shadow", {"model": {}, "command": "none"}, At("shadow"), id="tells-nothing"),
        pytest.param("active", {"model": {}}, At("active"), id="through-and-silent"),
    ],
)
def test_the_next_state_of_a_node(state, seen, expected) -> None:
    assert next_of_node(NEW, state, Seen(**{"online": True, "model": {}} | seen), in_turn=True) == expected


def test_the_stage_in_turn_is_the_first_that_is_not_through() -> None:
    assert stage_in_turn([0, 0, 1], ["active", "failed", "waiting"]) == 0
    assert stage_in_turn([0, 1], ["active", "waiting"]) == 1
    assert stage_in_turn([0], ["active"]) == -1


def test_ids_that_are_none_are_not_known(services, people) -> None:
    for step in (services.rollouts.get, services.rollouts.stop, services.rollouts.go_on, services.rollouts.roll_back):
        with pytest.raises(NotFoundError):
            step(people.admin, new_id())
