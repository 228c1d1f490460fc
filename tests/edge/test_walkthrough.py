"""edge/README.md as a technician follows it: each command exists as printed, each file it names is there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from tapal_contract import yamlfile
from tapal_edge.cli import app
from tapal_edge.config import EdgeConfig

TAPAL = re.compile(r"^    (?:sudo (?:-u \w+ )?)?(?:\S*/)?(tapal edge [^#\n]*)", re.MULTILINE)


@pytest.fixture
def readme(root: Path) -> str:
    return (root / "edge" / "README.md").read_text(encoding="utf-8")


def commands(text: str) -> Iterator[list[str]]:
    for found in TAPAL.finditer(text):
        yield shlex.split(found[1])[2:]


def test_every_command_exists_with_its_options(readme: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # typer makes a click group
    shown = list(commands(readme))
    assert {words[0] for words in shown} >= {"check", "draw", "calibrate", "bench", "run"}
    for name, *words in shown:
        command = known[name]
        while hasattr(command, "commands"):  # a group, such as `secret set`
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        missing = [word for word in words if word.startswith("--") and word not in options]
        assert not missing, f"tapal edge {name} has no {missing}"


def test_the_shortest_configuration_is_one(readme: str) -> None:
    block = re.search(r"^    node: .*?(?=\n\n\S)", readme, re.MULTILINE | re.DOTALL)
    assert block is not None
    text = "\n".join(line.removeprefix("    ") for line in block[0].splitlines())
    assert yamlfile.loads(text, EdgeConfig, name="README.md").cameras[0].id == "gate-1"


def test_the_files_it_names_are_there(readme: str, root: Path) -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", readme) + re.findall(r"sudo cp (\S+)", readme)
    for name in named:
        assert (root / "edge" / name).exists() or (root / name).exists(), name


def test_the_container_copies_what_is_there_and_installs_extras_there_are(root: Path) -> None:
    text = (root / "edge" / "container" / "Containerfile").read_text(encoding="utf-8")
    own = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line]
    assert own
    for names in own:
        for name in names:
            assert (root / name).exists(), name
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = re.search(r"^ARG EXTRAS=(\S+)$", text, re.MULTILINE)
    assert asked is not None
    assert '".[${EXTRAS}]"' in text
    assert set(asked[1].split(",")) <= set(extras)
    assert 'ENTRYPOINT ["tapal", "edge"]' in text
