"""Fixtures for every part."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
