"""The OpenAPI document shows for every operation what to send and what comes back, and all of it is valid."""

import pytest
from jsonschema import Draft202012Validator

from tapal_server.bootstrap import build_server
from tapal_server.settings import Settings
from tests.server.conftest import SITES


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
    app = build_server(Settings(data_dir=folder, sites=folder / "sites.yaml", mqtt=None), console=False)
    yield app.openapi()
    app.state.parts.database.close()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def flaws(document, schema, value):
    whole = {**schema, "components": document["components"]}
    return [f"{error.json_path}: {error.message[:120]}" for error in Draft202012Validator(whole).iter_errors(value)]


def test_every_operation_has_examples_that_are_valid(document):
    wrong = []
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if not parameter["required"]:
                continue
            shown = parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))
            if shown is None:
                wrong.append(f"{name}: {parameter['name']} has no example")
            wrong += [f"{name}: {parameter['name']} {flaw}" for flaw in flaws(document, parameter["schema"], shown)]
        told = [("body", operation.get("requestBody", {}))]
        told += [(code, answer) for code, answer in operation["responses"].items() if code.startswith("2")]
        for which, content in told:
            for media_type, one in content.get("content", {}).items():
                if "schema" not in one:
                    continue
                if "example" not in one and "examples" not in one:
                    wrong.append(f"{name}: {which} {media_type} has no example")
                    continue
                wrong += [f"{name}: {which} {flaw}" for flaw in flaws(document, one["schema"], one.get("example"))]
    assert wrong == []


def test_the_check_can_fail(document):
    assert flaws(document, {"$ref": "#/components/schemas/SignIn"}, {"name": "sari"})
