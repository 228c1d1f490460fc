"""What this installation consists of, as others can read it."""

import json
import subprocess
import sys
from importlib.metadata import version

from tapal.bill import bill, closure


def test_everything_tapal_needs_is_listed_with_its_version():
    parts = {part["name"].lower(): part for part in bill()["components"]}
    for name in ("pydantic", "pydantic-core", "sqlalchemy", "fastapi", "starlette", "onnxruntime", "psycopg"):
        found = parts.get(name) or parts[name.replace("-", "_")]
        assert found["version"] == version(name)
        assert found["purl"] == f"pkg:pypi/{name}@{version(name)}"
    references = [part["bom-ref"] for part in bill()["components"]]
    assert len(set(references)) == len(references) > 50


def test_an_extra_of_another_package_is_followed_only_if_it_is_asked_for():
    assert "psycopg-binary" in closure()  # psycopg[binary] is
    assert "psycopg-pool" not in closure()  # psycopg[pool] is not


def test_the_command_writes_it():
    written = subprocess.run([sys.executable, "-m", "tapal.bill"], check=True, capture_output=True, text=True).stdout
    assert json.loads(written) == bill()
    assert json.loads(written)["bomFormat"] == "CycloneDX"
