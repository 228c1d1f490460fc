"""Judged alerts leave the server as pictures to label, over its real API."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from tapal_contract.errors import TapalError
from tapal_contract.media import wrap
from tapal_datasets import provenance, review, yolofiles
from tapal_server.alerts.states import Outcome
from tapal_server.bootstrap import build_server
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

    def bytes(self, path: str) -> bytes:
        return self._get(path, {}).content

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


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("tapal.example", "is not an address"),
        ("file:///etc/passwd", "is not an address"),
        ("http://127.0.0.1:9", "does not answer"),
    ],
)
def test_a_server_that_cannot_be_asked_is_named(server: str, sentence: str) -> None:
    with pytest.raises(TapalError, match=sentence):
        review.HttpApi(server, "t").json("/alerts")
