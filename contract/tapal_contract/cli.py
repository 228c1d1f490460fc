"""What all commands share: one sentence on bad input, progress on long work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tapal_contract.errors import TapalError

BAD_INPUT = 2


@contextmanager
def explained() -> Iterator[None]:
    """Turn a :class:`TapalError` into its sentence on stderr and exit status 2."""
    try:
        yield
    except TapalError as error:
        sys.stderr.write(f"tapal: {error}\n")
        raise SystemExit(BAD_INPUT) from error


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show progress bars on stderr while the block runs; nothing when quiet or when nobody watches."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bars:
        yield bars
