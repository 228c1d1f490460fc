"""How long the garbage collector keeps every thread waiting, where the process is the server's own."""

import gc

__all__ = ["set_aside"]

_OLD_AFTER = 100
"""Rounds of the middle generation before the oldest is walked, of 7,000 new objects each: Python's own are 10."""


def set_aside() -> None:
    """Let the garbage collector pass over what there is: the whole program, and what was read at the start.

    Every thread stands still while it walks over all that lives, half a second in a server that has just begun. What is
    set aside is let go all the same when nobody refers to it. What comes later lives long and makes no cycles, for the
    most part, so that it is walked over a tenth as often.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _OLD_AFTER)
    gc.collect()
    gc.freeze()
