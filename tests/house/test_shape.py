"""Keeps the house in shape, so that growth is a decision: change a number here, and say why in the commit."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("tapal", "contract", "detector", "edge", "server", "models", "datasets")
MODULES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_THE_MEDIAN_MODULE = 150


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_is_a_house():
    assert len(MODULES) > 20


def test_modules_are_small():
    lines = {short(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
    assert statistics.median(count for count in lines.values() if count > 5) <= MOST_LINES_OF_THE_MEDIAN_MODULE


def test_functions_are_small():
    long = {
        f"{short(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }
    assert long == set()


def is_silent(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    says_nothing = all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body)
    return broad and says_nothing


def test_no_error_is_swallowed():
    silent = {
        f"{short(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_silent(node)
    }
    assert silent == set()


@pytest.mark.parametrize(
    ("body", "silent"),
    [
        pytest.param("except Exception: pass", True, id="broad-and-silent"),
        pytest.param("except: continue", True, id="bare-and-silent"),
        pytest.param("except Exception: log()", False, id="broad-but-says-so"),
        pytest.param("except KeyError: pass", False, id="narrow"),
    ],
)
def test_the_check_for_swallowed_errors_can_fail(body, silent):
    loop = ast.parse(f"for x in y:\n  try: f()\n  {body}")
    handler = next(node for node in ast.walk(loop) if isinstance(node, ast.ExceptHandler))
    assert is_silent(handler) is silent


def outside_imports(source: str, allowed: set[str]) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.split(".")[0] for name in names} - allowed - sys.stdlib_module_names


def test_the_contract_imports_none_of_ours_and_little_else():
    allowed = {"tapal_contract", "cryptography", "pydantic", "yaml", "uuid_utils", "rich"}
    found = {
        short(path): outside_imports(path.read_text(), allowed) for path in MODULES if "tapal_contract" in path.parts
    }
    assert found
    assert {name: extra for name, extra in found.items() if extra} == {}


def test_import_contracts_hold():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_nothing_shared_is_committed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = {Path(name).name for name in listed}
    shared = ROOT.parent / "shared"
    forbidden = {path.name for folder in ("data", "models") for path in (shared / folder).rglob("*") if path.is_file()}
    assert names.isdisjoint(forbidden - {"truth.json", "events.jsonl", "passages.csv"})
