"""Voyages, manifests and planned movements over HTTP, and schedules from the command line."""

import json

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tapal_server.bootstrap import build_server
from tapal_server.cli import app as commands
from tapal_server.passages.reader import read_lines
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tests.server.conftest import QUICK
from tests.server.test_api import V1, bearer
from tests.server.test_mrz import TD3

VOYAGE = {
    "id": "TWU-7",
    "site": "tunon-taka",
    "direction": "inbound",
    "vessel": "KM Labuan Express",
    "starts_at": "2026-03-02T14:00:00+08:00",
    "ends_at": "2026-03-02T15:00:00+08:00",
    "declared": 12,
}
PLAN = {
    "site": "tunon-taka",
    "starts_at": "2026-03-02T14:00:00+08:00",
    "ends_at": "2026-03-02T16:00:00+08:00",
    "kind": "deportation",
    "note": "ferry from Tawau",
    "persons": 209,
}
HEADER = "voyage_id,site,direction,vessel,starts_at,ends_at,declared,captain\n"
GOOD = "A-1,tunon-taka,masuk,KM Purnama,2026-03-02T08:00:00+08:00,2026-03-02T09:00:00+08:00,40,somebody\n"


@pytest.fixture
def client(settings, clock, people):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    yield TestClient(app)
    app.state.parts.database.close()


@pytest.fixture
def sari(client):
    return bearer(client)


def test_a_voyage_is_entered_changed_listed_and_cancelled(client, sari):
    made = client.post(f"{V1}/voyages", json=VOYAGE, headers=sari)
    assert (made.status_code, made.json()["status"], made.json()["figures"]["declared"]) == (201, "under_way", 12)
    assert client.post(f"{V1}/voyages", json=VOYAGE, headers=sari).status_code == 409
    url = f"{V1}/voyages/TWU-7"
    body = {key: value for key, value in VOYAGE.items() if key != "id"} | {"declared": 14, "version": 1}
    assert client.put(url, json=body, headers=sari).json()["figures"]["declared"] == 14
    assert client.put(url, json=body, headers=sari).status_code == 409
    listed = client.get(f"{V1}/voyages?status=under_way&vessel=labuan&sort=vessel", headers=sari).json()
    assert [one["id"] for one in listed["items"]] == ["TWU-7"]
    assert client.post(f"{url}/cancel", json={}, headers=sari).json()["status"] == "cancelled"
    (before, last) = client.get(f"{url}/versions", headers=sari).json()
    assert (before["body"]["declared"], last["body"]["declared"]) == (12, 14)


def test_a_plan_is_entered_changed_listed_and_cancelled(client, sari):
    made = client.post(f"{V1}/planned", json=PLAN, headers=sari)
    assert (made.status_code, made.json()["entered_by"]) == (201, "sari")
    url = f"{V1}/planned/{made.json()['id']}"
    assert client.put(url, json=PLAN | {"persons": 255}, headers=sari).json()["version"] == 2
    assert client.get(f"{V1}/planned?kind=deportation&site=tunon-taka", headers=sari).json()["total"] == 1
    assert client.post(f"{url}/cancel", json={"version": 2}, headers=sari).json()["status"] == "cancelled"
    assert len(client.get(f"{url}/versions", headers=sari).json()) == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        pytest.param("planned", PLAN | {"note": ""}, 422, "note", id="plan-without-note"),
        pytest.param("planned", PLAN | {"ends_at": PLAN["starts_at"]}, 422, "ends_at", id="plan-without-time"),
        pytest.param("planned", PLAN | {"site": "nowhere"}, 404, None, id="plan-nowhere"),
        pytest.param("planned", PLAN | {"colour": "red"}, 422, "colour", id="plan-unknown-field"),
        pytest.param("voyages", VOYAGE | {"imo": 9074728}, 422, "imo", id="imo"),
        pytest.param("voyages", VOYAGE | {"starts_at": "2026-03-02T14:00:00"}, 422, "starts_at", id="no-offset"),
        pytest.param("voyages", VOYAGE | {"line": "other"}, 422, "line", id="line"),
    ],
)
def test_a_wrong_body_gets_a_problem_document(client, sari, path, body, status, field):
    answer = client.post(f"{V1}/{path}", json=body, headers=sari)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert field is None or answer.json()["errors"][0]["field"] == field


def test_a_schedule_is_looked_at_and_taken_in(client, sari):
    bad = "A-2,nowhere,masuk,KM X,2026-03-02T08:00:00+08:00,2026-03-02T09:00:00+08:00,,\n"
    odd = "A-3,tunon-taka,masuk,KM X,2026-03-02 08:00,2026-03-02T09:00:00+08:00,many,\n"
    file = (HEADER + GOOD + bad + odd + GOOD).encode()
    seen = client.post(f"{V1}/voyages/preview", content=file, headers=sari).json()
    assert (seen["added"], seen["rejected"], seen["ignored_columns"]) == (1, 3, ["captain"])
    assert [one["line"] for one in seen["problems"]] == [3, 4, 5]
    assert client.get(f"{V1}/voyages", headers=sari).json()["total"] == 0, "a look stores nothing"
    assert client.post(f"{V1}/voyages/import", content=file, headers=sari).json()["added"] == 1
    again = client.post(f"{V1}/voyages/import", content=(HEADER + GOOD).encode(), headers=sari).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 1)
    mended = client.post(f"{V1}/voyages/import", content=(HEADER + GOOD.replace("40", "41")).encode(), headers=sari)
    assert mended.json()["changed"] == 1
    wrong = client.post(f"{V1}/voyages/import", content=b"\xff\xfe", headers=sari)
    assert (wrong.status_code, "UTF-8" in wrong.json()["detail"]) == (422, True)


def test_a_schedule_from_the_command_line(tmp_path, settings, parts):
    config, file = tmp_path / "server.yaml", tmp_path / "schedule.csv"
    config.write_text(f"data_dir: {settings.data_dir}\nsites: {settings.sites}\ndatabase: {settings.database}\nmqtt:\n")
    file.write_text(HEADER + GOOD + "A-2,,,,,,,\n", encoding="utf-8")
    run = CliRunner().invoke(commands, ["import-voyages", str(file), "--config", str(config), "--json"])
    assert run.exit_code == 3, run.output
    told = json.loads(run.stdout)
    assert (told["added"], told["problems"][0]["line"]) == (1, 3)
    none = CliRunner().invoke(commands, ["import-voyages", str(tmp_path / "none.csv"), "--config", str(config)])
    assert (none.exit_code, "cannot be read" in none.output) == (2, True)


def test_a_manifest_is_hashed_at_once_and_compared_in_counts(client, sari, people):
    parts = client.app.state.parts
    client.post(f"{V1}/voyages", json=VOYAGE, headers=sari)
    columns = "record_id,recorded_at,direction,checkpoint,voyage_id,document_number,result\n"
    rows = [("1", "C1234567", ""), ("2", "D0000001", ""), ("3", "", ""), ("4", "E1", "refused")]
    text = columns + "".join(f"{n},2026-03-02T14:10:00+08:00,masuk,TTK,TWU-7,{doc},{end}\n" for n, doc, end in rows)
    report, records = read_lines(text.splitlines(keepends=True), key=parts.keys.get("documents"))
    parts.services.passages.take(SYSTEM, "simkim", report, records)
    body = {"documents": ["C1234567", " c1234567 ", "".join(TD3), "", "A" * 88]}
    answer = client.put(f"{V1}/voyages/TWU-7/manifest", json=body, headers=sari)
    found = answer.json()
    assert (found["persons"], found["documents"], found["both"], found["only_listed"]) == (5, 2, 1, 1)
    assert (found["only_logged"], found["logged_without_document"]) == (1, 1)
    assert [one["line"] for one in found["problems"]] == [2, 4, 5]
    for secret in ("C1234567", "D0000001", "L898902C3"):
        assert secret not in answer.text.upper()
        assert secret.encode() not in _everything_stored(parts)
    assert client.get(f"{V1}/voyages/TWU-7", headers=sari).json()["figures"]["declared"] == 5
    client.put(f"{V1}/voyages/TWU-7/manifest", json={"persons": 12}, headers=sari)
    assert client.get(f"{V1}/voyages/TWU-7/manifest", headers=sari).json()["documents"] == 0


def _everything_stored(parts) -> bytes:
    from tapal_server.db.base import Base

    with parts.database.read() as session:
        return repr([session.execute(table.select()).all() for table in Base.metadata.sorted_tables]).encode()


def test_a_manifest_comes_as_a_file_of_which_only_documents_are_kept(client, sari):
    client.post(f"{V1}/voyages", json=VOYAGE, headers=sari)
    url = f"{V1}/voyages/TWU-7/manifest/import"
    text = "nama;no_paspor;lahir\nSITI;C1234567;1990-01-01\n\nBUDI;;1991-01-01\nADI;c1234567;1992-01-01\n"
    answer = client.post(url, content=text.encode(), headers=sari)
    found = answer.json()
    assert (answer.status_code, found["persons"], found["documents"]) == (200, 3, 1)
    assert [one["line"] for one in found["problems"]] == [4, 5]
    assert b"SITI" not in _everything_stored(client.app.state.parts)
    assert b"C1234567" not in _everything_stored(client.app.state.parts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"\xff\xfe", "UTF-8", id="encoding"),
        pytest.param(b"nama\nSITI\n", "none of the columns", id="column"),
        pytest.param(b"", "none of the columns", id="empty"),
        pytest.param(b'document_number\n"C1\n', "not CSV", id="quote"),
        pytest.param(b"mrz\n" + b"C1\n" * 10_001, "more than 10000 rows", id="long"),
    ],
)
def test_a_file_that_is_no_manifest_gets_a_sentence_and_changes_nothing(client, sari, content, words):
    client.post(f"{V1}/voyages", json=VOYAGE, headers=sari)
    answer = client.post(f"{V1}/voyages/TWU-7/manifest/import", content=content, headers=sari)
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True)
    assert client.get(f"{V1}/voyages/TWU-7/manifest", headers=sari).json()["persons"] is None
