"""Inner loops as machine code, kept on disk so that only the first run on a machine waits for the compiler."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called."""
    return _compiled(function, set())


def compiled_to_add_in_any_order(function: Function) -> Function:
    """Compile a function whose sums may run in several lanes at once; on other machines their last digit may differ."""
    return _compiled(function, {"reassoc"})


def _compiled(function: Function, liberties: set[str]) -> Function:
    try:
        return cast("Function", njit(cache=True, nogil=True, error_model="numpy", fastmath=liberties)(function))
    except RuntimeError:  # there is no folder to keep the machine code in: each process compiles for itself
        return cast("Function", njit(nogil=True, error_model="numpy", fastmath=liberties)(function))
