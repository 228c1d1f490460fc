"""What the documentation says is shown by a test is shown by one that exists."""

import re

import pytest

NAMED = re.compile(r"tests/[\w/]+\.py(?:::\w+(?:, ::\w+)*)?")
PAGES = ("docs/server.md", "docs/security.md", "docs/reliability.md", "docs/scale.md", "docs/training.md")


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
