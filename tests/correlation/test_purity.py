"""The engine and the passage reader stay pure: what they import says so."""

import ast
import sys
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parents[2] / "server" / "tapal_server"
FORBIDDEN = {"asyncio", "sqlite3", "socket", "threading", "time", "logging", "random", "os"}


def imports(source):
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return names + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]


@pytest.mark.parametrize("path", sorted((SERVER / "correlation").glob("*.py")), ids=lambda path: path.stem)
def test_correlation_imports_only_stdlib_and_numbers(path):
    for name in imports(path.read_text()):
        top = name.split(".")[0]
        ours = name.startswith("tapal_server.correlation")
        assert ours or top in {"numpy", "scipy", "numba"} or top in sys.stdlib_module_names - FORBIDDEN, name


@pytest.mark.parametrize("path", sorted((SERVER / "correlation").glob("*.py")), ids=lambda path: path.stem)
def test_correlation_does_not_load_what_every_start_would_wait_a_second_for(path):
    assert not [name for name in imports(path.read_text()) if name.startswith("scipy.stats")], "see scipy.special"
