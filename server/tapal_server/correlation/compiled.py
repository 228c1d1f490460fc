"""Inner loops as machine code, kept on disk so that only the first run on a machine waits for the compiler."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called."""
    try:
        return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # there is no folder to keep the machine code in: each process compiles for itself
        return cast("Function", njit(nogil=True, error_model="numpy")(function))
