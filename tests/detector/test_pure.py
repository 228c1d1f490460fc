"""The core of counting stays free of I/O, of vision libraries and of a clock."""

import ast
import sys
from pathlib import Path

import pytest

PURE = (
    "association",
    "berth",
    "decode",
    "detections",
    "kalman",
    "line",
    "lookahead",
    "motion",
    "nms",
    "overlap",
    "recall",
    "rest",
    "scene",
    "seen",
    "track",
    "tracker",
    "zone",
)
ALLOWED = {"numpy", "scipy", "tapal_contract", "tapal_detector"}
CLOCKS = {"time", "datetime", "socket", "subprocess", "threading", "os", "io", "pathlib"}


def imports(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {*names, *(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module)}


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_import_only_numbers_and_the_contract(root: Path, module: str) -> None:
    found = imports((root / f"detector/tapal_detector/{module}.py").read_text())
    outside = {name.split(".")[0] for name in found} - ALLOWED - set(sys.stdlib_module_names)
    assert not outside
    assert not found & CLOCKS
    inner = {name.split(".")[1] for name in found if name.startswith("tapal_detector.")}
    assert inner <= set(PURE)
