"""Inner loops as machine code, kept on disk so that only the first run on a machine waits for the compiler."""

import contextlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from numba import njit

from tapal_server.correlation.sources import digest_of_sources

_COMPILED = b"correlation.compiled import"
Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called."""
    return _compiled(function, set())


def compiled_to_add_in_any_order(function: Function) -> Function:
    """Compile a function whose sums may run in several lanes at once; on other machines their last digit may differ."""
    return _compiled(function, {"reassoc"})


def _compiled(function: Function, liberties: set[str]) -> Function:
    try:
        kept = njit(cache=True, nogil=True, error_model="numpy", fastmath=liberties)(function)
    except RuntimeError:  # there is no folder to keep the machine code in: each process compiles for itself
        return cast("Function", njit(nogil=True, error_model="numpy", fastmath=liberties)(function))
    forget_older(Path(kept.stats.cache_path), digest_of_sources(_COMPILED))
    return cast("Function", kept)


@cache
def forget_older(folder: Path, sources: str) -> None:
    """Drop the machine code in a folder that was made of other sources.

    numba looks at the file of the function that is called, not at those of the functions it calls, whose code it takes
    in: after an update of one file alone the loops of the version before would live on. A folder that cannot be
    written holds no machine code of ours.
    """
    told = folder / "compiled-of"
    with contextlib.suppress(OSError):
        if told.is_file() and told.read_text(encoding="ascii") == sources:
            return
        for index in folder.glob("*.nbi"):
            index.unlink(missing_ok=True)
        told.write_text(sources, encoding="ascii")
