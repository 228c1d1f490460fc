"""Every list of the API is paged, filtered and sorted, or stands here with the reason why it need not be."""

import re

import pytest
from fastapi.testclient import TestClient

from tapal_server.bootstrap import build_server
from tapal_server.people.passwords import Passwords
from tapal_server.settings import Settings
from tests.server.conftest import PASSWORD, QUICK, SITES
from tests.server.edges import Edge

V1 = "/api/v1"
PAGED = {"page", "size"}
SORTED = {"sort", "newest_first", "order"}
NAMES = "a handful of names, for a person to choose from"
HISTORY = "what one entry said before, as often as it was changed"
WHOLE = {
    "/agencies": NAMES,
    "/reconciliation/sources": NAMES,
    "/notifications/channels": "as many as somebody wrote into the settings file",
    "/voyages/{voyage_id}/versions": HISTORY,
    "/planned/{plan_id}/versions": HISTORY,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory, migrated_sqlite):
    folder = tmp_path_factory.mktemp("lists")
    (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
    (folder / "tapal.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    database = f"sqlite:///{folder / 'tapal.sqlite3'}"
    settings = Settings(data_dir=folder, database=database, sites=folder / "sites.yaml", mqtt=None)
    app = build_server(settings, passwords=Passwords(QUICK), console=False)
    yield TestClient(app)
    app.state.parts.database.close()


@pytest.fixture(scope="module")
def admin(client):
    token = client.post(f"{V1}/sessions", json={"name": "admin", "password": PASSWORD}).json()["token"]
    client.cookies.clear()
    return {"Authorization": f"Bearer {token}"}


def lists(document):
    """Path, operation and whether it answers a page, of everything that answers a list."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None:
            continue
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        answer = schemas[answer["$ref"].rsplit("/", 1)[-1]] if "$ref" in answer else answer
        if answer.get("type") == "array" or "items" in answer.get("properties", {}):
            yield path.removeprefix(V1), operation, answer.get("type") != "array"


def test_every_list_is_paged_filtered_and_sorted(client):
    found = list(lists(client.app.openapi()))
    assert len(found) >= 20
    lacks = {}
    for path, operation, page in found:
        given = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        missing = [
            name
            for name, there in (
                ("a page of it", page and given >= PAGED),
                ("an order", bool(given & SORTED)),
                ("a filter", bool(given - PAGED - SORTED)),
            )
            if not there
        ]
        if missing and path not in WHOLE:
            lacks[path] = missing
    assert lacks == {}
    assert set(WHOLE) <= {path for path, _, _ in found}, "a list that is gone needs no reason"


def test_every_list_takes_its_orders_and_pages(client, admin):
    edge = Edge()
    client.app.state.parts.intake.take(edge.sent(edge.crossing()))
    for path, operation, page in lists(client.app.openapi()):
        if not page or "{" in path:
            continue
        parameters = {one["name"]: one["schema"] for one in operation["parameters"]}
        pattern = parameters.get("sort", {}).get("pattern", "")
        names = re.findall(r"\w+", pattern.removeprefix("^-?")) or [""]
        for sort in [sign + name for name in names for sign in ("", "-")]:
            asked = {"page": 1, "size": 1} | ({"sort": sort} if sort.strip("-") else {})
            answer = client.get(f"{V1}{path}", params=asked, headers=admin)
            assert answer.status_code == 200, (path, sort, answer.text[:200])
            body = answer.json()
            assert len(body["items"]) <= 1
            assert body["size"] == 1
        assert client.get(f"{V1}{path}", params={"size": 501}, headers=admin).status_code == 422, path


def test_what_is_at_hand_whole_is_filtered_sorted_and_cut(client, admin):
    sites = client.get(f"{V1}/sites", params={"sort": "-id", "size": 1}, headers=admin).json()
    assert (sites["total"], sites["pages"], len(sites["items"])) == (2, 2, 1)
    rest = client.get(f"{V1}/sites", params={"sort": "-id", "size": 1, "page": 2}, headers=admin).json()
    assert sites["items"][0]["id"] > rest["items"][0]["id"]
    kind = rest["items"][0]["kind"]
    some = client.get(f"{V1}/sites", params={"kind": kind}, headers=admin).json()["items"]
    assert {one["kind"] for one in some} == {kind}
    wrong = client.get(f"{V1}/sites", params={"sort": "colour"}, headers=admin)
    assert wrong.status_code == 422
    assert wrong.headers["content-type"].startswith("application/problem+json")
