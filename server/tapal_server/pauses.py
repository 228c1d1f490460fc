"""How long the garbage collector keeps every thread waiting, where the process is the server's own."""

import gc

__all__ = ["set_aside"]


def set_aside() -> None:
    """Let the garbage collector pass over what there is: the whole program, and what was read at the start.

    Every thread stands still while it walks over all that lives, half a second in a server that has just begun. What is
    set aside is let go all the same when nobody refers to it.
    """
    gc.collect()
    gc.freeze()
