"""What the documentation says is shown by a test is shown by one that exists."""

import re

import pytest

NAMED = re.compile(r"tests/[\w/]+\.py(?:::\w+(?:, ::\w+)*)?")
MODULE = re.compile(r"python -m ((?:benchmarks|tests)(?:\.\w+)*)")
PAGES = tuple(f"docs/{name}.md" for name in ("correlation", "reliability", "scale", "security", "server", "training"))
COMMANDS = (*PAGES, "docs/benchmarks.md", "docs/console.md", "docs/settings.md", "README.md", "README.id.md")


def missing(root, text: str) -> list[str]:
    """Names of test files, or of tests in them, that are not there."""
    found = []
    for named in NAMED.findall(text):
        path, *tests = named.replace(", ", "").split("::")
        file = root / path
        code = file.read_text(encoding="utf-8") if file.is_file() else ""
        found += [path] if not code else [f"{path}::{test}" for test in tests if f"def {test}(" not in code]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_exists(root, page):
    text = (root / page).read_text(encoding="utf-8")
    assert NAMED.search(text)
    assert missing(root, text) == []


def no_modules(root, text: str) -> list[str]:
    """Modules that a page says to run and that are not there."""
    paths = {name: root / name.replace(".", "/") for name in MODULE.findall(text)}
    return [
        name
        for name, path in paths.items()
        if not path.with_suffix(".py").is_file() and not (path / "__main__.py").is_file()
    ]


@pytest.mark.parametrize("page", COMMANDS)
def test_every_module_that_a_page_says_to_run_exists(root, page):
    assert no_modules(root, (root / page).read_text(encoding="utf-8")) == []


def test_a_module_that_is_not_there_is_found(root):
    assert no_modules(root, "`python -m benchmarks.shown --x`, `python -m benchmarks.unheard`") == [
        "benchmarks.unheard"
    ]


def test_a_name_that_is_wrong_is_found(root):
    here = "tests/house/test_named.py"
    text = f"{here}::test_unheard_of, tests/none.py, {here}::test_a_name_that_is_wrong_is_found, ::test_b; {here}"
    assert missing(root, text) == [f"{here}::test_unheard_of", "tests/none.py", f"{here}::test_b"]


def test_every_line_of_the_standard_has_an_answer(root):
    """ASVS 5.0: 70 requirements of level 1 and 183 of level 2; the seven of level 2 about WebRTC are one line."""
    text = (root / "docs/security.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (V[\d.]+) \| .+ \| (met|met in part|not met|not applicable) \| .+ \|$", text, re.MULTILINE)
    numbers = [number for number, _ in lines]
    assert len(set(numbers)) == len(numbers)
    assert len(numbers) - 1 + 7 == 70 + 183
    assert dict(lines)["V17"] == "not applicable"
