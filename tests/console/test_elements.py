"""The console's own elements: what NiceGUI would do otherwise."""

import ast
from pathlib import Path

from tapal_server import console
from tapal_server.console.elements import PAGE_WITHIN_S, page_at

MODULES = sorted(Path(console.__file__).parent.rglob("*.py"))


def test_a_page_may_be_late_without_becoming_an_error():
    assert page_at("/somewhere").response_timeout == PAGE_WITHIN_S > 10


def test_every_page_is_made_that_way():
    made = {
        (module.name, ast.unparse(decorator))
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        for decorator in node.decorator_list
        if "page" in ast.unparse(decorator)
    }
    assert len(made) > 20
    assert {(module, text) for module, text in made if not text.startswith("page_at(")} == set()
