"""Fixtures for every part."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes tells of the machine and of what else runs on it, not of the program.
settings.register_profile("tapal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tapal")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before workers start in a new clone, compile what each would else compile for itself while its test waits."""
    begins_workers = session.config.getoption("numprocesses", None) and not hasattr(session.config, "workerinput")
    compiled = (ROOT / "server/tapal_server/correlation/__pycache__").glob("*.nbi")
    if begins_workers and not any(compiled):
        subprocess.run([sys.executable, "-m", "tapal_server.correlation.warm"], cwd=ROOT, check=False)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported by now stays: nobody who looks for garbage, as NiceGUI around each test, need walk over it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """The recordings and labels beside the checkout, which the project does not ship."""
    folder = root.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"no recordings at ../shared/data beside {root.name}")
    return folder
