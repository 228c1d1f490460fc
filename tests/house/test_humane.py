"""The humane guard: nothing that crosses a boundary can hold a biometric, an attribute or a score of a person."""

import re
import tomllib
from typing import Any

import pytest

from tapal_contract.asyncapi import document, json_schemas
from tapal_detector.detector import Detector
from tapal_server.db.tables import Base

FORBIDDEN = re.compile(
    r"face|facial|gait|biometric|embedding|reid|re_id|fingerprint|iris|gender|\bsex\b|\bage\b|ethnic|\brace\b|skin|"
    r"emotion|religion|nationality|clothing|suspicion|risk_score|person_score|threat",
    re.IGNORECASE,
)
FORBIDDEN_PACKAGES = re.compile(
    r"face|insightface|deepface|dlib|mtcnn|retinaface|torchreid|fastreid|gait|mediapipe", re.IGNORECASE
)


def property_names(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        here = set(schema.get("properties", {})) if isinstance(schema.get("properties"), dict) else set()
        return here.union(*(property_names(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(property_names(value) for value in schema))
    return set()


def test_no_message_has_a_field_for_what_a_person_is():
    names = property_names(json_schemas()) | property_names(document())
    assert {"box", "track", "visited"} <= names
    assert {name for name in names if FORBIDDEN.search(name)} == set()


def test_no_dependency_recognises_people(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for group in project["optional-dependencies"].values() for name in group),
    ]
    assert len(wanted) > 20
    assert [name for name in wanted if FORBIDDEN_PACKAGES.search(name)] == []


def test_no_table_has_a_column_for_what_a_person_is():
    names = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert {"events.direction", "passages.persons", "users.role"} <= names
    assert {name for name in names if FORBIDDEN.search(name.partition(".")[2])} == set()


def test_no_model_that_is_shipped_tells_more_than_what_kind_of_thing_it_saw(root):
    shipped = sorted((root / "models" / "weights").glob("*.onnx"))
    assert shipped
    for path in shipped:
        names = set(Detector.load(path).names)
        assert "person" in names
        assert {name for name in names if FORBIDDEN.search(name)} == set()


@pytest.mark.parametrize("name", ["face_embedding", "gender", "apparent_age age", "risk_score", "gait"])
def test_the_guard_can_fail(name):
    assert FORBIDDEN.search(name)


@pytest.mark.parametrize("name", ["image", "message", "stage", "passage"])
def test_the_guard_spares_plain_words(name):
    assert not FORBIDDEN.search(name)
