"""Compiled functions work where machine code can be kept, and where it cannot; what is kept is of these sources."""

from pathlib import Path

import pytest

from tapal_server.correlation import near
from tapal_server.correlation.compiled import compiled, forget_older


def test_a_function_is_compiled_where_nothing_can_be_kept() -> None:
    names: dict[str, object] = {}
    exec("def twice(number):\n    return 2 * number\n", names)
    twice = names["twice"]
    assert callable(twice)
    assert compiled(twice)(21) == 42


def index_in(folder: Path) -> Path:
    index = folder / "near.neighbours-1.py311.nbi"
    index.write_bytes(b"machine code")
    return index


def test_machine_code_of_other_sources_is_dropped_and_of_these_kept(tmp_path: Path) -> None:
    forget_older(tmp_path, "before")
    index = index_in(tmp_path)
    forget_older.cache_clear()  # another process
    forget_older(tmp_path, "before")
    assert index.exists()
    forget_older(tmp_path, "after")
    assert not index.exists()
    index_in(tmp_path)
    forget_older.cache_clear()
    forget_older(tmp_path, "after")
    assert index.exists()


def test_machine_code_from_before_anybody_told_its_sources_is_dropped(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    forget_older(tmp_path, "now")
    assert not index.exists()


def test_what_is_compiled_lies_where_its_sources_are_told() -> None:
    folder = getattr(near.near_pairs, "stats").cache_path  # noqa: B009 - numba's, which its stubs do not know
    told = Path(folder) / "compiled-of"
    if not told.parent.is_dir():
        pytest.skip("no folder to keep machine code in")
    assert len(told.read_text(encoding="ascii")) == 64
