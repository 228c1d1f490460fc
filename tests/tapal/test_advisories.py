"""Nothing that is installed, and nothing pyproject.toml would allow, is known to be faulty by docs/advisories.md."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tapal.bill import closure

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([a-z0-9-]+) \| [^|]+ \| (\d+(?:\.\d+)+) \| ([^|]+) \|$", re.MULTILINE)
KNOWN = {name: Version(version) for name, version, _ in ROW.findall((ROOT / "docs" / "advisories.md").read_text())}


def allowed(project: dict) -> dict[str, Version | None]:
    """The lowest version of each package that Tapal asks for itself."""
    extras = project["optional-dependencies"].values()
    found: dict[str, Version | None] = {}
    for line in (*project["dependencies"], *(line for extra in extras for line in extra)):
        asked = Requirement(line)
        lowest = [Version(one.version) for one in asked.specifier if one.operator == ">="]
        name = canonicalize_name(asked.name)
        bounds = [bound for bound in (*lowest, found.get(name)) if bound is not None]
        found[name] = min(bounds) if bounds else None
    return found


def test_the_table_is_read():
    assert len(KNOWN) > 15


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_installed_is_newer_than_what_is_known_to_be_faulty(name):
    found = closure().get(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    assert Version(found.version) >= KNOWN[name]


def test_what_tapal_asks_for_itself_cannot_be_older():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    behind = {
        name: str(bound)
        for name, bound in allowed(project).items()
        if name in KNOWN and (bound is None or bound < KNOWN[name])
    }
    assert behind == {}


@pytest.mark.parametrize(
    ("lines", "lowest"),
    [
        pytest.param(["x>=1.2,<4"], "1.2", id="bound"),
        pytest.param(["x>=2", "x[y]>=1"], "1", id="the-lower-of-two"),
        pytest.param(["x"], None, id="none"),
    ],
)
def test_bounds_are_read(lines, lowest):
    project = {"dependencies": [], "optional-dependencies": {"a": lines}}
    assert allowed(project) == {"x": Version(lowest) if lowest else None}
