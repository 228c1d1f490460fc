"""Every endpoint as nobody and as every role: refused without the permission, and never a word of another's site."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tapal_server.bootstrap import build_server
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import PERMISSIONS, Permission, Role
from tapal_server.voyages.entries import PlanEntry, VoyageEntry
from tests.server.conftest import PASSWORD, QUICK
from tests.server.edges import START, Edge

OPEN = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("POST", "/sessions"),
    ("POST", "/enrolments"),
    ("GET", "/bundles/{sha256}"),
}
OWN = None  # whoever is signed in, about nobody but themselves
ROW = {"record_id": "1", "recorded_at": "2026-03-02T14:00:25+08:00", "direction": "masuk", "checkpoint": "TTK"}
WINDOW = {"site": "tunon-taka", "starts_at": "2026-03-02T14:00:00+08:00", "ends_at": "2026-03-02T15:00:00+08:00"}
VOYAGE = {**WINDOW, "direction": "inbound", "vessel": "KM Labuan Express"}
PLAN = {**WINDOW, "kind": "exercise", "note": "ordered by the head of office"}
NEEDS: dict[tuple[str, str], tuple[Permission | None, object]] = {
    ("GET", "/sessions/current"): (OWN, None),
    ("GET", "/alerts"): (Permission.SEE, None),
    ("GET", "/alerts/{alert_id}"): (Permission.SEE, None),
    ("POST", "/alerts/{alert_id}/acknowledge"): (Permission.JUDGE, {}),
    ("POST", "/alerts/{alert_id}/start"): (Permission.JUDGE, {}),
    ("POST", "/alerts/{alert_id}/assign"): (Permission.ASSIGN, {"to": "walker-officer"}),
    ("POST", "/alerts/{alert_id}/notes"): (Permission.JUDGE, {"note": "seen"}),
    ("POST", "/alerts/{alert_id}/welfare"): (Permission.JUDGE, {}),
    ("POST", "/alerts/{alert_id}/resolve"): (Permission.JUDGE, {"note": "seen", "outcome": "confirmed"}),
    ("POST", "/alerts/{alert_id}/reopen"): (Permission.JUDGE, {"note": "seen"}),
    ("POST", "/alerts/{alert_id}/attachments"): (Permission.JUDGE, "x"),
    ("GET", "/alerts/{alert_id}/attachments/{attachment_id}"): (Permission.SEE, None),
    ("DELETE", "/alerts/{alert_id}/attachments/{attachment_id}"): (Permission.JUDGE, None),
    ("POST", "/alerts/{alert_id}/links"): (Permission.JUDGE, {"to": "nothing"}),
    ("DELETE", "/alerts/{alert_id}/links/{other_id}"): (Permission.JUDGE, None),
    ("POST", "/alerts/{alert_id}/shares"): (Permission.SHARE, {"agency": "BP3MI", "why": "protection"}),
    ("DELETE", "/alerts/{alert_id}/shares/{share_id}"): (Permission.SHARE, None),
    ("GET", "/agencies"): (Permission.SHARE, None),
    ("GET", "/alerts/{alert_id}/cap"): (Permission.EXPORT, None),
    ("GET", "/alerts/{alert_id}/pdf"): (Permission.EXPORT, None),
    ("GET", "/notifications"): (Permission.SETTINGS, None),
    ("GET", "/notifications/channels"): (Permission.SETTINGS, None),
    ("POST", "/notifications/channels/{name}/test"): (Permission.SETTINGS, None),
    ("GET", "/notifications/rules"): (Permission.SETTINGS, None),
    ("PUT", "/notifications/rules"): (Permission.SETTINGS, {"expected_version": 0}),
    ("GET", "/me/browsers/key"): (OWN, None),
    ("GET", "/me/browsers"): (OWN, None),
    ("POST", "/me/browsers"): (OWN, {"endpoint": "https://push.example.org/x", "keys": {"p256dh": "A", "auth": "A"}}),
    ("DELETE", "/me/browsers/{browser_id}"): (OWN, None),
    ("GET", "/gates"): (Permission.SEE, None),
    ("GET", "/nodes/{node}/cameras/{camera}/geometry"): (Permission.SEE, None),
    ("POST", "/nodes/{node}/cameras/{camera}/geometry"): (Permission.SETTINGS, {"lines": [], "zones": []}),
    ("GET", "/nodes/{node}/cameras/{camera}/snapshot"): (Permission.SEE, None),
    ("POST", "/nodes/{node}/cameras/{camera}/snapshot"): (Permission.SEE, None),
    ("GET", "/nodes/{node}/cameras/{camera}/view"): (Permission.SEE, None),
    ("POST", "/nodes/{node}/cameras/{camera}/view"): (Permission.SETTINGS, None),
    ("GET", "/nodes/{node}/cameras/{camera}/view.jpg"): (Permission.SEE, None),
    ("POST", "/nodes/{node}/cameras/{camera}/restart"): (Permission.SETTINGS, None),
    ("GET", "/commands/{command_id}"): (Permission.SEE, None),
    ("GET", "/models"): (Permission.SEE, None),
    ("POST", "/models"): (Permission.SETTINGS, "x"),
    ("GET", "/models/{title}"): (Permission.SEE, None),
    ("GET", "/fleet"): (Permission.SEE, None),
    ("GET", "/review"): (Permission.REVIEW, None),
    ("GET", "/review/deleted"): (Permission.REVIEW, None),
    ("POST", "/review/disagreement"): (Permission.REVIEW, {"between": "default@1 and teacher", "scores": []}),
    ("POST", "/review/missed"): (Permission.JUDGE, {"node": "x", "camera": "y", "at": "2026-03-02T06:00:00Z"}),
    ("GET", "/review/{review_id}"): (Permission.REVIEW, None),
    ("GET", "/review/{review_id}/picture"): (Permission.REVIEW, None),
    ("PUT", "/review/{review_id}/boxes"): (Permission.REVIEW, {"boxes": [], "negative": True}),
    ("POST", "/review/{review_id}/skip"): (Permission.REVIEW, None),
    ("POST", "/review/{review_id}/reopen"): (Permission.REVIEW, None),
    ("POST", "/review/{review_id}/propagate"): (Permission.REVIEW, None),
    ("DELETE", "/review/{review_id}"): (Permission.REVIEW, None),
    ("GET", "/rollouts"): (Permission.SEE, None),
    ("POST", "/rollouts"): (Permission.SETTINGS, {"model": "default@1", "stages": [["hidden-node"]]}),
    ("GET", "/rollouts/{rollout_id}"): (Permission.SEE, None),
    ("POST", "/rollouts/{rollout_id}/stop"): (Permission.SETTINGS, None),
    ("POST", "/rollouts/{rollout_id}/go-on"): (Permission.SETTINGS, None),
    ("POST", "/rollouts/{rollout_id}/back"): (Permission.SETTINGS, None),
    ("GET", "/sites"): (OWN, None),
    ("GET", "/nodes"): (Permission.SEE, None),
    ("GET", "/nodes/refused"): (Permission.SEE, None),
    ("GET", "/events"): (Permission.SEE, None),
    ("GET", "/media/{event_id}"): (Permission.SEE, None),
    ("GET", "/media/{event_id}/clip"): (Permission.SEE, None),
    ("POST", "/media/{event_id}/clip"): (Permission.JUDGE, None),
    ("GET", "/media/{event_id}/clip.mp4"): (Permission.SEE, None),
    ("GET", "/passages"): (Permission.SEE, None),
    ("POST", "/passages"): (Permission.PASSAGES, [ROW]),
    ("GET", "/passages/imports"): (Permission.PASSAGES, None),
    ("GET", "/passages/imports/{import_id}/rejected.csv"): (Permission.PASSAGES, None),
    ("POST", "/passages/withdraw"): (Permission.PASSAGES, {"record_ids": ["nothing"]}),
    ("GET", "/users"): (Permission.PEOPLE, None),
    ("POST", "/users"): (Permission.PEOPLE, {"name": "new-one", "password": PASSWORD, "role": "officer"}),
    ("PATCH", "/users/{name}"): (Permission.PEOPLE, {"role": "admin"}),
    ("PUT", "/users/{name}/password"): (Permission.PEOPLE, {"password": PASSWORD}),
    ("DELETE", "/users/{name}/second-factor"): (Permission.PEOPLE, None),
    ("GET", "/me/sessions"): (OWN, None),
    ("GET", "/me/tokens"): (OWN, None),
    ("POST", "/me/tokens"): (OWN, {"name": "t", "scopes": ["see"]}),
    ("POST", "/me/second-factor"): (OWN, None),
    ("PUT", "/me/second-factor"): (OWN, {"secret": "x", "code": "000000", "password": PASSWORD}),
    ("PUT", "/me/password"): (OWN, {"old": "wrong", "new": "wrong-too-long"}),
    ("DELETE", "/sessions/{session_id}"): (Permission.PEOPLE, None),
    ("DELETE", "/tokens/{token_id}"): (Permission.PEOPLE, None),
    ("GET", "/audit"): (Permission.AUDIT, None),
    ("GET", "/audit/head"): (Permission.AUDIT, None),
    ("GET", "/audit/verify"): (Permission.AUDIT, None),
    ("GET", "/feeds"): (Permission.PASSAGES, None),
    ("GET", "/feeds/{name}"): (Permission.PASSAGES, None),
    ("PUT", "/feeds/{name}"): (Permission.PASSAGES, {"source": "x"}),
    ("DELETE", "/feeds/{name}"): (Permission.PASSAGES, None),
    ("POST", "/feeds/{name}/preview"): (Permission.PASSAGES, "x"),
    ("POST", "/feeds/{name}/import"): (Permission.PASSAGES, "x"),
    ("GET", "/reports/period"): (Permission.REPORT, None),
    ("GET", "/reports/period.xlsx"): (Permission.REPORT, None),
    ("GET", "/reports/period.pdf"): (Permission.EXPORT, None),
    ("GET", "/voyages"): (Permission.SEE, None),
    ("POST", "/voyages"): (Permission.PLAN, {**VOYAGE, "id": "V1"}),
    ("POST", "/voyages/preview"): (Permission.PLAN, None),
    ("POST", "/voyages/import"): (Permission.PLAN, None),
    ("GET", "/voyages/{voyage_id}"): (Permission.SEE, None),
    ("PUT", "/voyages/{voyage_id}"): (Permission.PLAN, VOYAGE),
    ("POST", "/voyages/{voyage_id}/cancel"): (Permission.PLAN, {}),
    ("GET", "/voyages/{voyage_id}/versions"): (Permission.SEE, None),
    ("GET", "/voyages/{voyage_id}/manifest"): (Permission.SEE, None),
    ("PUT", "/voyages/{voyage_id}/manifest"): (Permission.PLAN, {"documents": ["C1234567"]}),
    ("POST", "/voyages/{voyage_id}/manifest/import"): (Permission.PLAN, "document_number\nC1234567\n"),
    ("GET", "/voyages/{voyage_id}/vessel"): (Permission.SEE, None),
    ("GET", "/vessels"): (Permission.SEE, None),
    ("GET", "/planned"): (Permission.SEE, None),
    ("POST", "/planned"): (Permission.PLAN, PLAN),
    ("GET", "/planned/{plan_id}"): (Permission.SEE, None),
    ("PUT", "/planned/{plan_id}"): (Permission.PLAN, PLAN),
    ("POST", "/planned/{plan_id}/cancel"): (Permission.PLAN, {}),
    ("GET", "/planned/{plan_id}/versions"): (Permission.SEE, None),
    ("GET", "/reconciliation"): (Permission.REPORT, None),
    ("GET", "/reconciliation/sources"): (Permission.REPORT, None),
    ("GET", "/reconciliation/differences.csv"): (Permission.EXPORT, None),
    ("GET", "/reconciliation/differences.xlsx"): (Permission.EXPORT, None),
    ("POST", "/reconciliation/alert"): (Permission.PASSAGES, None),
    ("GET", "/shelves"): (Permission.SEE, None),
    ("POST", "/shelves"): (Permission.SHELVE, {"site": "tunon-taka", "minutes": 5, "reason": "none of theirs"}),
    ("DELETE", "/shelves/{shelf_id}"): (Permission.SHELVE, None),
    ("GET", "/handovers"): (Permission.SEE, None),
    ("POST", "/handovers"): (Permission.JUDGE, {"to": "sari"}),
    ("POST", "/handovers/{handover_id}/accept"): (Permission.JUDGE, {}),
    ("DELETE", "/sessions/current"): (OWN, None),  # last: it ends the session
}


@pytest.fixture
def backend() -> str:
    """Who may do what does not depend on the database."""
    return "sqlite"


QUERY = "source=log&first=simkim&second=ksop&name=x&since=2026-03-01T00:00:00Z&until=2026-03-03T00:00:00Z"


class World:
    """A server with something of everything, all of it at Bambangan, and a way to ask it."""

    def __init__(self, client: TestClient, edge: Edge) -> None:
        self.client = client
        parts = client.app.state.parts
        event = edge.crossing()
        parts.intake.take([*edge.sent(event), edge.picture(event)])
        parts.correlator.step()
        with client:
            (alert,) = self.ask("GET", "/alerts", self.sign_in("sari")).json()["items"]
        self.ids = {"alert_id": alert["id"], "event_id": event.id, "name": "sari"}
        self.ids |= {"node": edge.node, "camera": "gate-1"}
        self.ids["voyage_id"], self.ids["plan_id"] = "HIDDEN-1", self._schedule(parts)
        others = "session token import shelf handover attachment share other command browser rollout review"
        nothing = "00000000-0000-4000-8000-000000000000"
        self.ids |= {f"{name}_id": nothing for name in others.split()}
        self.ids |= {"node": edge.node, "camera": "gate-1", "title": "default@1"}
        with client:
            self.client.post("/api/v1/handovers", json={"to": "budi"}, headers=self.sign_in("sari"))
        self.secrets = (alert["id"], event.id, "bambangan", edge.node, "HIDDEN-1", self.ids["plan_id"])

    @staticmethod
    def _schedule(parts) -> str:
        """A voyage and a planned movement at Bambangan; the id of the movement."""
        window = {"site": "bambangan", "starts_at": START, "ends_at": START + timedelta(hours=1)}
        parts.services.voyages.enter(
            SYSTEM, VoyageEntry(id="HIDDEN-1", direction="inbound", vessel="KM Hidden", **window)
        )
        return parts.services.plans.enter(SYSTEM, PlanEntry(kind="exercise", note="hidden exercise", **window)).id

    @property
    def operations(self) -> list[tuple[str, str]]:
        paths = self.client.app.openapi()["paths"]
        return [(method.upper(), path.removeprefix("/api/v1")) for path, found in paths.items() for method in found]

    def sign_in(self, name: str) -> dict[str, str]:
        answer = self.client.post("/api/v1/sessions", json={"name": name, "password": PASSWORD})
        self.client.cookies.clear()
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def ask(self, method: str, path: str, headers: dict[str, str], body: object = None):
        filled = re.sub(r"{(\w+)}", lambda found: self.ids[found[1]], path)
        site = "&site=tunon-taka" if path.startswith("/reconciliation") else ""
        return self.client.request(method, f"/api/v1{filled}?{QUERY}{site}", headers=headers, json=body)


@pytest.fixture
def world(settings, clock, parts):
    for role in Role:
        name = f"walker-{role.value}"
        parts.services.people.add(SYSTEM, name, PASSWORD, role=role, sites=frozenset({"tunon-taka"}))
    parts.services.people.add(SYSTEM, "partner-without-sites", PASSWORD, role=Role.PARTNER, sites=frozenset())
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    yield World(TestClient(app), Edge(site="bambangan", line="jetty", node="hidden-node"))
    app.state.parts.database.close()


def test_every_endpoint_is_in_the_table(world: World) -> None:
    assert set(world.operations) - OPEN == set(NEEDS), "say who may use a new endpoint in NEEDS"


def test_nobody_gets_anything(world: World) -> None:
    for method, path in NEEDS:
        assert world.ask(method, path, {}, NEEDS[method, path][1]).status_code == 401, (method, path)


@pytest.mark.parametrize("name", [*(f"walker-{role.value}" for role in Role), "partner-without-sites"])
def test_a_role_gets_what_it_may_and_nothing_of_another_site(world: World, name: str) -> None:
    role = Role.PARTNER if name.startswith("partner") else Role(name.removeprefix("walker-"))
    headers = world.sign_in(name)
    for (method, path), (permission, body) in NEEDS.items():
        answer = world.ask(method, path, headers, body)
        about = (method, path, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, about
        assert answer.status_code != 401 or path == "/me/password", about
        if permission is not OWN and permission not in PERMISSIONS[role]:
            assert answer.status_code in {403, 404, 422}, about
            assert answer.status_code != 422 or path.startswith("/feeds"), about
        if re.search("{(alert|event|voyage|plan)_id}", path):
            assert answer.status_code in {403, 404}, about
        if permission is not Permission.AUDIT and permission is not Permission.PEOPLE:
            named = [secret for secret in world.secrets if secret in answer.text and secret not in answer.url.path]
            assert not named, about


def test_a_program_with_a_token_for_reading_may_not_write(world: World) -> None:
    headers = world.sign_in("admin")
    made = world.client.post("/api/v1/me/tokens", json={"name": "reader", "scopes": ["see"]}, headers=headers).json()
    token = {"Authorization": f"Bearer {made['token']}"}
    assert world.ask("GET", "/alerts", token).status_code == 200
    for method, path in (("POST", "/passages"), ("GET", "/users"), ("GET", "/audit"), ("POST", "/users")):
        assert world.ask(method, path, token, NEEDS[method, path][1]).status_code == 403, (method, path)


@pytest.mark.parametrize("odd", ["../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "x" * 3000, "';--"])
def test_odd_ids_find_nothing(world: World, odd: str) -> None:
    headers = world.sign_in("sari")
    for path in ("/alerts/", "/media/", "/passages/imports/"):
        answer = world.client.get(f"/api/v1{path}{odd}", headers=headers)
        assert answer.status_code in {404, 422}
        assert "root:" not in answer.text


@pytest.mark.parametrize("path", ["/health", "/alerts", "/nothing", "/media/x"])
def test_every_answer_tells_the_browser_what_not_to_do(world: World, path: str) -> None:
    headers = world.client.get(f"/api/v1{path}").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
