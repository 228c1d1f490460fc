import json

import jsonschema
import pytest

from tapal_contract import generate
from tapal_contract.asyncapi import document, json_schemas
from tests.contract.test_events import BASE, ENVELOPE, OTHERS


def test_what_lies_in_docs_is_current(root):
    assert generate.stale(root / "docs" / "contract") == []


def test_check_fails_on_a_changed_file(tmp_path, capsys):
    assert generate.main([str(tmp_path)]) == 0
    assert generate.main(["--check", str(tmp_path)]) == 0
    (tmp_path / "event.schema.json").write_text("{}")
    assert generate.main(["--check", str(tmp_path)]) == 1
    assert "event.schema.json" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["crossing", *OTHERS])
def test_published_schema_accepts_what_the_models_write(kind):
    fields = BASE if kind == "crossing" else {**ENVELOPE, "type": kind, **OTHERS[kind]}
    schema = json_schemas()["event.schema.json"]
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(fields)
    assert not validator.is_valid({**fields, "face": "no"})


def test_every_reference_of_the_asyncapi_document_leads_somewhere():
    text = document()
    references = set()

    def collect(node):
        if isinstance(node, dict):
            if "$ref" in node:
                references.add(node["$ref"])
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(text)
    assert references
    for reference in references:
        place = text
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place
    assert json.loads(json.dumps(text)) == text
