"""Judged alerts leave the server as pictures to label, over its real API."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_contract.media import wrap
from tapal_datasets import cli, disagreement, provenance, review, yolofiles
from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.provenance import Provenance
from tapal_datasets.versions import build, checking, manifest
from tapal_detector.detections import Detections
from tapal_server.alerts.states import Outcome
from tapal_server.bootstrap import build_server
from tapal_server.models.propagating import ReviewBox
from tapal_server.paging import Paging
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission
from tests.server.conftest import QUICK
from tests.server.edges import Edge

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def backend() -> str:
    return "sqlite"


class Asked:
    """The API of an application in this process."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client, self.token = client, token

    def json(self, path: str, **query: str | int | list[str]) -> Any:
        return self._get(path, query).json()

    def raw(self, path: str) -> bytes:
        return self._get(path, {}).content

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.client.post(f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _get(self, path: str, query: dict[str, Any]) -> httpx2.Response:
        answer = self.client.get(f"/api/v1{path}", params=query, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, answer.text
        return answer


def test_a_judged_alert_becomes_a_picture_with_the_box_the_edge_saw(settings, clock, tmp_path: Path) -> None:
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    parts = app.state.parts
    edge = Edge(site="bambangan", line="jetty")
    seen, unseen = edge.crossing(box=(0.25, 0.5, 0.75, 1.0)), edge.crossing(7200)
    _, jpeg = cv2.imencode(".jpg", np.full((120, 160, 3), 80, np.uint8))
    picture = edge.on("media", wrap(jpeg.tobytes(), seen.id))
    parts.intake.take([*edge.sent(seen, unseen), picture])
    parts.correlator.step()
    supervisor = parts.services.auth.actor_named("budi")
    token = parts.services.tokens.create(supervisor, "review", frozenset({Permission.SEE})).token
    with TestClient(app) as client:
        api = Asked(client, token)
        assert review.export(api, tmp_path / "none", since=SINCE, licence="office", origin="test") == {}
        for alert in api.json("/alerts")["items"]:
            parts.services.alerts.resolve(supervisor, alert["id"], Outcome.FALSE_ALARM, "a porter")
        written = review.export(api, tmp_path / "out", since=SINCE, licence="office", origin="test")
    assert written == {"gate-1-2026-03-02": 1}
    folder = tmp_path / "out/gate-1-2026-03-02"
    known = provenance.read(folder)
    assert (known.state, known.blurred, known.licence) == ("proposed", True, "office")
    assert known.clips == {f"false_alarm-{seen.id}": seen.id}
    _, (box,) = yolofiles.read(folder / "images" / f"false_alarm-{seen.id}.jpg")
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((40, 60, 120, 120), abs=0.1)


def test_what_people_labelled_becomes_a_dataset_and_what_is_deleted_leaves_it(settings, clock, tmp_path: Path) -> None:
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    parts = app.state.parts
    edge = Edge(site="bambangan", line="jetty")
    events = [edge.crossing(number * 3600) for number in range(3)]
    for number, event in enumerate(events):
        _, jpeg = cv2.imencode(".jpg", np.full((120, 160, 3), 60 + 40 * number, np.uint8))
        parts.intake.take([*edge.sent(event), edge.on("media", wrap(jpeg.tobytes(), event.id))])
    parts.correlator.step()
    supervisor, admin = (parts.services.auth.actor_named(name) for name in ("budi", "admin"))
    with TestClient(app) as client:
        api = Asked(client, parts.services.tokens.create(admin, "r", frozenset({Permission.REVIEW})).token)
        for alert in parts.services.alerts.page(supervisor, Paging()).items:
            parts.services.alerts.resolve(supervisor, alert.id, Outcome.CONFIRMED, "seen")
        parts.collector.work()
        items = {item.event_id: item for item in parts.services.review.page(admin, Paging()).items}
        first, second, _ = (items[event.id] for event in events)
        parts.services.review.save(admin, first.id, [ReviewBox(label="boat", x1=0.25, y1=0.5, x2=0.75, y2=1.0)])
        parts.services.review.save(admin, second.id, [], negative=True)
        written = review.reviewed(api, tmp_path / "out", since=SINCE, licence="office", origin="test")
        assert written == {"gate-1-2026-03-02": 2}, "the third was not looked at"
        folder = tmp_path / "out/gate-1-2026-03-02"
        _, (box,) = yolofiles.read(folder / "images" / f"confirmed-{events[0].id}.jpg")
        assert (NAMES[box.number], box.x1, box.y2) == ("boat", pytest.approx(40, abs=0.1), pytest.approx(120, abs=0.1))
        assert yolofiles.read(folder / "images" / f"negative-{events[1].id}.jpg")[1] == []
        recipe = build.Recipe(name="pier", split_within_a_day=True, val=0.0)
        dataset = build.build([folder], tmp_path / "datasets", recipe)

        parts.services.review.delete(admin, first.id)
        assert review.deleted(api, SINCE) == [events[0].id]
        assert checking.forget(dataset, events[0].id) == 1
    assert [item.clip for item in manifest.read(dataset).items] == [events[1].id]
    assert manifest.read(dataset).withdrawn == (events[0].id,)


class Sees:
    """A model that takes a picture brighter than it can bear for nothing."""

    def __init__(self, most: float) -> None:
        self.most = most

    def detect(self, frame: yolofiles.Image) -> Detections:
        seen = [(10, 10, 60, 90)] if frame.mean() <= self.most else []
        return Detections.of(seen, ["person"] * len(seen))


def test_the_queue_begins_with_what_two_models_see_differently(settings, clock) -> None:
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    parts = app.state.parts
    edge = Edge(site="bambangan", line="jetty")
    events = [edge.crossing(number * 3600, confidence=0.9) for number in range(3)]
    for number, event in enumerate(events):
        _, jpeg = cv2.imencode(".jpg", np.full((120, 160, 3), 60 + 40 * number, np.uint8))
        parts.intake.take([*edge.sent(event), edge.on("media", wrap(jpeg.tobytes(), event.id))])
    parts.correlator.step()
    supervisor, admin = (parts.services.auth.actor_named(name) for name in ("budi", "admin"))
    for alert in parts.services.alerts.page(supervisor, Paging()).items:
        parts.services.alerts.resolve(supervisor, alert.id, Outcome.CONFIRMED, "seen")
    parts.collector.work()
    with TestClient(app) as client:
        api = Asked(client, parts.services.tokens.create(admin, "r", frozenset({Permission.REVIEW})).token)
        scores = disagreement.rank(api, Sees(200), Sees(120), between="a and b")
        first, *others = api.json("/review", order="uncertain")["items"]
    assert sorted(scores.values()) == pytest.approx([0.0, 0.0, 0.9], abs=0.001)
    assert (first["event_id"], first["disagreement"]) == (events[2].id, pytest.approx(0.9, abs=0.001))
    assert [one["disagreement"] for one in others] == [0.0, 0.0]


def test_a_folder_of_proposals_is_not_mixed_with_labels(tmp_path: Path) -> None:
    folder = tmp_path / "gate-1-2026-03-02"
    provenance.write(folder, Provenance(camera="gate-1", licence="x", origin="y", state="proposed"))
    item = {"id": "1", "event_id": "2", "camera": "gate-1", "why": "confirmed", "negative": False}
    item |= {"taken_at": "2026-03-02T06:00:00+00:00"}
    _, jpeg = cv2.imencode(".jpg", np.full((12, 16, 3), 60, np.uint8))

    class Api:
        def json(self, path: str, **_: object) -> Any:
            return {"items": [item], "pages": 1} if path == "/review" else {"boxes": []}

        def raw(self, _: str) -> bytes:
            return jpeg.tobytes()

    with pytest.raises(TapalError, match="nobody has looked at"):
        review.reviewed(Api(), tmp_path, since=SINCE, licence="office", origin="test")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "say what is to be forgotten", id="nothing"),
        pytest.param(["--clip", "a", "--server", "http://x"], "say what is to be forgotten", id="both"),
    ],
)
def test_forgetting_needs_to_know_what(tmp_path: Path, arguments: list[str], says: str) -> None:
    run = CliRunner().invoke(cli.app, ["forget", str(tmp_path), *arguments])
    assert run.exit_code == 2
    assert says in run.output
