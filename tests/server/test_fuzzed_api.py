"""schemathesis over every operation of the API: whatever fits the schema, and whatever does not, no server error.

`TAPAL_FUZZ=N` asks for N examples of each kind per operation instead of the few that CI has time for.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.python import asgi

from tapal_server.api.access import _actor
from tapal_server.bootstrap import build_server
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.settings import Settings
from tests.server.conftest import QUICK, SITES, StillClock
from tests.server.edges import Edge
from tests.server.test_feeds import SIMKIM
from tests.server.test_voyages_api import PLAN, V1, VOYAGE

EXAMPLES = int(os.environ.get("TAPAL_FUZZ", "4"))
QUIETLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TAPAL_FUZZ" not in os.environ,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory, migrated_sqlite) -> Iterator[FastAPI]:
    """A server in which there is one of everything, asked by somebody who may do everything."""
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
    (folder / "tapal.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    chosen = Settings(
        data_dir=folder, database=f"sqlite:///{folder / 'tapal.sqlite3'}", sites=folder / "sites.yaml", mqtt=None
    )
    app = build_server(chosen, clock=StillClock(), passwords=Passwords(QUICK), console=False)
    admin = app.state.parts.services.auth.actor_named("admin")
    everything = SYSTEM.__class__(
        name="admin", display_name="Admin", user_id=admin.user_id, role=admin.role, permissions=SYSTEM.permissions
    )
    app.dependency_overrides[_actor] = lambda: everything
    yield app
    app.state.parts.database.close()


@pytest.fixture(scope="module")
def known(office) -> dict[str, str]:
    """Names that path parameters may have."""
    parts, edge = office.state.parts, Edge(site="bambangan", line="jetty")
    event = edge.crossing()
    parts.intake.take([*edge.sent(event), edge.picture(event), edge.health()])
    parts.correlator.step()
    parts.services.feeds.save(SYSTEM, "simkim", SIMKIM)
    with asgi.get_client(office) as client:
        base = f"http://{asgi.HOST}{V1}"

        def post(path: str, body: Any) -> dict[str, Any]:
            answer = client.post(f"{base}/{path}", json=body)
            assert answer.status_code < 300, answer.text
            return answer.json()

        plan = post("planned", PLAN)
        voyage = post("voyages", VOYAGE)
        row = {"record_id": "1", "recorded_at": "2026-03-02T14:00:25+08:00", "direction": "masuk", "checkpoint": "TTK"}
        taken = post("passages?source=simkim", [row, row | {"record_id": "2", "direction": "up"}])
        alert = client.get(f"{base}/alerts").json()["items"][0]["id"]
        return {
            "alert_id": alert,
            "other_id": alert,
            "event_id": event.id,
            "node": edge.node,
            "camera": "gate-1",
            "import_id": taken["id"],
            "plan_id": plan["id"],
            "voyage_id": voyage["id"],
        }


def named(path: str, known: dict[str, str]) -> dict[str, str]:
    names = {"name": "simkim"} if "/feeds/" in path else {"name": "dewi"} if "/users/" in path else {}
    return {name: value for name, value in (known | names).items() if f"{{{name}}}" in path}


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_nothing_that_is_asked_makes_the_server_fail(office, known, mode):
    schema = schemathesis.openapi.from_dict(office.openapi())
    schema.app = office
    failed: dict[str, str] = {}
    asked: Counter[str] = Counter()
    with asgi.get_client(office) as client:
        for operation in (one.ok() for one in schema.get_all_operations()):

            @QUIETLY
            @given(case=operation.as_strategy(generation_mode=mode, path_parameters=named(operation.path, known)))
            def ask(case: Any) -> None:
                asked[case.operation.label] += 1
                try:
                    status = case.call(session=client).status_code
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
                    failed.setdefault(case.operation.label, f"{error!r} for {case!r}")
                    return
                if status >= 500:
                    failed.setdefault(case.operation.label, f"{status} for {case.as_curl_command()}")

            with suppress(Unsatisfiable):  # an operation that takes nothing cannot be asked wrongly
                ask()
    assert not failed, "\n".join(f"{name}: {what}" for name, what in failed.items())
    assert len(asked) >= schema.statistic.operations.total - 5
