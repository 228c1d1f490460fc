import pytest
from fastapi.testclient import TestClient

from tapal_server.bootstrap import build_server
from tapal_server.people.passwords import Passwords
from tests.server.conftest import PASSWORD, QUICK
from tests.server.edges import Edge

V1 = "/api/v1"


@pytest.fixture
def client(settings, clock, people):
    """The application without console and tasks, on the database the people are in."""
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    yield TestClient(app)
    app.state.parts.database.close()


def bearer(client, name="sari") -> dict[str, str]:
    answer = client.post(f"{V1}/sessions", json={"name": name, "password": PASSWORD})
    client.cookies.clear()
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture
def sari(client):
    return bearer(client)


@pytest.fixture
def landing(client, clock):
    """Somebody landed at an unofficial path."""
    edge = Edge(site="bambangan", line="jetty")
    event = edge.crossing()
    parts = client.app.state.parts
    parts.intake.take([*edge.sent(event), edge.picture(event)])
    parts.correlator.step()
    return event


def only(answer):
    (item,) = answer.json()["items"]
    return item


def test_an_alert_is_listed_shown_judged_and_reopened(client, sari, landing):
    alert = only(client.get(f"{V1}/alerts", headers=sari))
    assert (alert["kind"], alert["state"], alert["severity"]) == ("presence", "new", "high")
    url = f"{V1}/alerts/{alert['id']}"
    detail = client.get(url, headers=sari).json()
    assert [(one["event_id"], one["member"], one["picture"]) for one in detail["crossings"]] == [
        (landing.id, True, True)
    ]
    assert client.post(f"{url}/acknowledge", json={}, headers=sari).json()["assignee"] == "sari"
    stale = client.post(f"{url}/start", json={"version": alert["version"]}, headers=sari)
    assert (stale.status_code, stale.json()["title"]) == (409, "Conflict")
    assert client.post(f"{url}/start", json={}, headers=sari).json()["state"] == "in_progress"
    assert client.post(f"{url}/resolve", json={"outcome": "welfare"}, headers=sari).status_code == 422
    resolved = client.post(f"{url}/resolve", json={"outcome": "welfare", "note": "two children"}, headers=sari).json()
    assert (resolved["state"], resolved["outcome"], resolved["welfare"]) == ("resolved", "welfare", True)
    assert client.post(f"{url}/acknowledge", json={}, headers=sari).status_code == 409
    assert client.post(f"{url}/reopen", json={"note": "more came"}, headers=sari).json()["state"] == "reopened"
    history = client.get(url, headers=sari).json()["history"]
    assert [(one["actor"], one["action"]) for one in history] == [
        ("system", "raised"), ("sari", "acknowledge"), ("sari", "start"), ("sari", "resolve"), ("sari", "reopen"),
    ]  # fmt: skip


def test_who_may_not_see_a_site_gets_the_same_answer_as_for_nothing(client, landing, people, parts):
    parts.services.people.change(people.admin, "dewi", sites=frozenset({"tunon-taka"}))
    dewi, sari = bearer(client, "dewi"), bearer(client)
    alert = only(client.get(f"{V1}/alerts", headers=sari))
    assert client.get(f"{V1}/alerts", headers=dewi).json()["total"] == 0
    for path in (f"alerts/{alert['id']}", f"media/{landing.id}", "alerts/nothing"):
        assert client.get(f"{V1}/{path}", headers=dewi).status_code == 404
    assert client.get(f"{V1}/events", headers=dewi).json()["total"] == 0
    assert client.get(f"{V1}/nodes", headers=dewi).json()["items"] == []
    assert [site["id"] for site in client.get(f"{V1}/sites", headers=dewi).json()["items"]] == ["tunon-taka"]


def test_the_administrator_does_not_judge(client, landing):
    admin = bearer(client, "admin")
    alert = only(client.get(f"{V1}/alerts", headers=admin))
    answer = client.post(f"{V1}/alerts/{alert['id']}/acknowledge", json={}, headers=admin)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_picture_is_given_and_that_it_was_seen_is_audited(client, sari, landing, parts, people):
    from tapal_server.paging import Paging

    answer = client.get(f"{V1}/media/{landing.id}", headers=sari)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    page = parts.services.audit.page(people.auditor, Paging(), subject=f"event:{landing.id}")
    assert [(link.actor, link.action) for link in page.items] == [("sari", "media.view")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param("state=new", 1, id="state"),
        pytest.param("state=resolved", 0, id="other-state"),
        pytest.param("state=resolved&state=new", 1, id="one-of-two"),
        pytest.param("kind=presence&site=bambangan&severity=high", 1, id="kind-site-severity"),
        pytest.param("since=2026-03-03T00:00:00Z", 0, id="since"),
        pytest.param("until=2026-03-03T00:00:00%2B08:00", 1, id="until"),
        pytest.param("welfare=true", 0, id="welfare"),
        pytest.param("page=2", 0, id="second-page"),
        pytest.param("sort=-probability", 1, id="sorted"),
    ],
)
def test_alerts_are_filtered(client, sari, landing, query, count):
    answer = client.get(f"{V1}/alerts?{query}", headers=sari)
    assert (answer.status_code, len(answer.json()["items"])) == (200, count)


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        pytest.param("alerts?sort=colour", 422, "sort", id="sort"),
        pytest.param("alerts?size=100000", 422, "size", id="size"),
        pytest.param("alerts?state=asleep", 422, "state.0", id="state"),
        pytest.param("alerts?since=yesterday", 422, "since", id="time"),
        pytest.param("alerts?since=2026-03-03T00:00:00", 422, "since", id="time-without-offset"),
        pytest.param("nothing", 404, None, id="path"),
    ],
)
def test_a_bad_question_gets_a_problem_document(client, sari, path, status, field):
    answer = client.get(f"{V1}/{path}", headers=sari)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ([field] if field else [])


def test_nothing_is_shown_to_nobody(client):
    for path, methods in client.get("/api/openapi.json").json()["paths"].items():
        if path in {f"{V1}/{name}" for name in ("sessions", "enrolments", "health", "ready", "bundles/{sha256}")}:
            continue
        for method in methods:
            answer = client.request(method, path.replace("{", "").replace("}", ""), json={})
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_foreign_page_cannot_use_the_cookie(client, landing):
    signed_in = client.post(f"{V1}/sessions", json={"name": "sari", "password": PASSWORD})
    assert "HttpOnly" in signed_in.headers["set-cookie"]
    assert "SameSite=strict" in signed_in.headers["set-cookie"]
    alert = only(client.get(f"{V1}/alerts"))
    url = f"{V1}/alerts/{alert['id']}/acknowledge"
    assert client.post(url, json={}).status_code == 403
    assert client.post(url, json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(url, json={}, headers={"Origin": "http://testserver"}).status_code == 200
    assert client.delete(f"{V1}/sessions/current", headers={"Origin": "http://testserver"}).status_code == 204
    assert client.get(f"{V1}/alerts").status_code == 401


def test_too_many_attempts_say_when_to_come_back(client):
    for _ in range(5):
        answer = client.post(f"{V1}/sessions", json={"name": "sari", "password": "wrong"})
        assert answer.status_code == 401
    answer = client.post(f"{V1}/sessions", json={"name": "sari", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


ROW = {"record_id": "1", "recorded_at": "2026-03-02T14:00:20+08:00", "direction": "masuk", "checkpoint": "TTK"}


def test_rows_are_pushed_corrected_and_withdrawn(client, people, parts):
    budi = bearer(client, "budi")
    url = f"{V1}/passages?source=simkim"
    bad = ROW | {"record_id": "2", "persons": "many"}
    first = client.post(url, json=[ROW, bad, ROW | {"record_id": "3", "name": "x"}], headers=budi).json()
    assert (first["added"], first["rejected"], first["ignored_columns"]) == (2, 1, ["name"])
    assert [(one["line"], "persons" in one["reason"]) for one in first["problems"]] == [(3, True)]
    again = client.post(url, json=[ROW], headers=budi).json()
    assert (again["added"], again["unchanged"], again["corrected"]) == (0, 1, 0)
    changed = client.post(url, json=[ROW | {"persons": 2}], headers=budi).json()
    assert (changed["added"], changed["unchanged"], changed["corrected"]) == (0, 0, 1)
    gone = client.post(f"{V1}/passages/withdraw?source=simkim", json={"record_ids": ["1", "7"]}, headers=budi)
    assert gone.json() == {"withdrawn": 1}
    assert client.post(url, json=[ROW], headers=bearer(client)).status_code == 403, "an officer does not write the log"


def test_a_body_that_is_too_large_is_refused(client, sari):
    answer = client.post(f"{V1}/passages?source=x", content=b"[" + b" " * (65 * 1024 * 1024), headers=sari)
    assert answer.status_code == 413


def test_the_server_says_whether_it_is_ready(client):
    assert client.get("/health").json() == {"status": "ok"}
    answer = client.get("/ready").json()
    assert answer["database"]
    assert answer["broker"], "none is configured"


def test_a_path_the_api_does_not_know_is_a_problem_and_no_page(client, sari):
    for method in ("GET", "POST", "DELETE"):
        answer = client.request(method, f"{V1}/no/such/thing", headers=sari)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_log_is_listed_without_documents_and_bad_rows_are_downloaded(client, people):
    budi = bearer(client, "budi")
    rows = [ROW | {"document_number": "X1234567"}, ROW | {"record_id": "=cmd()", "direction": "up"}]
    done = client.post(f"{V1}/passages?source=simkim", json=rows, headers=budi).json()
    listed = client.get(f"{V1}/passages?source=simkim&direction=inbound", headers=budi)
    assert only(listed)["record_id"] == "1"
    assert "X1234567" not in listed.text
    assert "document" not in listed.text
    assert only(client.get(f"{V1}/passages/imports", headers=budi))["id"] == done["id"]
    rejected = client.get(f"{V1}/passages/imports/{done['id']}/rejected.csv", headers=budi)
    assert rejected.text.splitlines()[1].startswith("3,")
    dewi = client.get(f"{V1}/passages", headers=bearer(client, "dewi")).json()
    assert dewi["total"] == 0, "she sees another site only"


def test_people_are_managed_by_the_administrator(client):
    admin = bearer(client, "admin")
    new = {"name": "rini", "password": PASSWORD, "role": "analyst"}
    assert client.post(f"{V1}/users", json=new, headers=admin).status_code == 201
    assert client.post(f"{V1}/users", json=new, headers=admin).status_code == 409
    assert client.patch(f"{V1}/users/rini", json={"role": "auditor"}, headers=admin).json()["role"] == "auditor"
    assert client.post(f"{V1}/users", json=new, headers=bearer(client)).status_code == 403
    rini = bearer(client, "rini")
    assert client.get(f"{V1}/audit/verify", headers=rini).json()["whole"]
    made = client.post(f"{V1}/me/tokens", json={"name": "x", "scopes": ["audit"]}, headers=rini).json()
    by_token = {"Authorization": f"Bearer {made['token']}"}
    assert client.get(f"{V1}/audit/head", headers=by_token).json()["seq"] > 0
    assert client.get(f"{V1}/alerts", headers=by_token).status_code == 403, "not in its scopes"


def test_what_the_api_answers_may_load_and_run_nothing(client):
    assert client.get(f"{V1}/nothing").headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert client.get("/api/docs").headers["Content-Security-Policy"].startswith("frame-ancestors 'none'")


def test_over_tls_a_browser_is_told_to_come_back_over_tls_only(settings, clock):
    for url, told in (("https://office", "max-age=31536000; includeSubDomains"), (None, None)):
        http = settings.http.model_copy(update={"public_url": url})
        app = build_server(settings.model_copy(update={"http": http}), clock=clock, console=False)
        answer = TestClient(app).get("/api/v1/nothing")
        assert answer.headers.get("Strict-Transport-Security") == told


def test_metrics_count_and_name_nobody(client, landing):
    client.app.state.parts.intake.take([Edge().on("event", b"bad")])
    text = client.get("/metrics").text
    assert 'tapal_alerts{state="new"} 1' in text
    assert 'tapal_refused_messages_total{node="nunukan-01",reason="malformed"} 1' in text
    assert 'tapal_messages_total{kind="crossing"} 1' in text
    assert "sari" not in text


def test_shelves_handovers_feeds_and_reports_are_there_too(client, landing):
    sari, budi = bearer(client), bearer(client, "budi")
    shelf = client.post(f"{V1}/shelves", json={"site": "bambangan", "minutes": 5, "reason": "navy"}, headers=sari)
    assert shelf.status_code == 201
    assert client.delete(f"{V1}/shelves/{shelf.json()['id']}", headers=sari).json()["ended_at"]
    given = client.post(f"{V1}/handovers", json={"to": "budi"}, headers=sari).json()
    assert client.post(f"{V1}/handovers/{given['id']}/accept", headers=budi).json()["accepted_at"]
    assert client.put(f"{V1}/feeds/plb", json={"source": "plb", "colour": 1}, headers=budi).status_code == 422
    assert client.put(f"{V1}/feeds/plb", json={"source": "plb"}, headers=budi).status_code == 200
    text = "record_id,recorded_at,direction,checkpoint\n1,2026-03-02T06:00:00Z,masuk,TTK\n2,x,masuk,TTK\n"
    preview = client.post(f"{V1}/feeds/plb/preview?file=a.csv", content=text, headers=budi).json()
    assert ([one["id"] for one in preview["records"]], len(preview["problems"])) == (["1"], 1)
    done = client.post(f"{V1}/feeds/plb/import?file=a.csv", content=text, headers=budi).json()
    assert (done["added"], done["rejected"]) == (1, 1)
    query = "since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z"
    assert client.get(f"{V1}/reports/period?{query}", headers=sari).json()["kinds"][0]["kind"] == "presence"
    assert client.get(f"{V1}/reports/period.xlsx?{query}", headers=sari).status_code == 403
    assert client.get(f"{V1}/reports/period.xlsx?{query}", headers=budi).content[:2] == b"PK"
