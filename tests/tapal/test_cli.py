import subprocess
import sys

import pytest

from tapal import cli
from tapal_contract.errors import TapalError
from tests.support.patience import PATIENCE_S


def tapal(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tapal", *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


def test_help_lists_every_part_without_importing_any():
    code = (
        "import sys; from tapal.cli import app, PARTS\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([p.module for p in PARTS.values() if p.module in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    for name in cli.PARTS:
        assert name in run.stdout
    assert run.stdout.strip().endswith("[]")


@pytest.mark.parametrize("name", list(cli.PARTS))
def test_each_part_has_help(name):
    run = tapal(name, "--help")
    assert run.returncode == 0, run.stderr
    assert "Usage" in run.stdout


def test_unknown_command_is_refused():
    run = tapal("fly")
    assert run.returncode == 2
    assert "fly" in run.stderr


def test_version():
    assert tapal("--version").stdout.startswith("tapal 0.")


def test_a_part_without_its_packages_names_the_extra(monkeypatch):
    monkeypatch.setitem(cli.PARTS, "edge", cli.Part("no_such_package.cli", "edge", ""))
    with pytest.raises(TapalError, match=r"no_such_package.*pip install 'tapal\[edge\]'"):
        cli.load("edge")
