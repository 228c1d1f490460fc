"""How long the one interpreter keeps a thread waiting: to be set where the process is the server's own."""

import gc
import sys

__all__ = ["set_aside", "shorten"]

_SWITCH_S = 0.0005


def shorten() -> None:
    """Let a thread that comes back from the database or from compiled code have its turn soon.

    It asks a busy one to step aside after 5 ms unless told otherwise, and an alert on its way to a page asks some
    hundred times.
    """
    sys.setswitchinterval(_SWITCH_S)


def set_aside() -> None:
    """Let the garbage collector pass over what there is: the whole program, and what was read at the start.

    Every thread stands still while it walks over all that lives, half a second in a server that has just begun. What is
    set aside is let go all the same when nobody refers to it.
    """
    gc.collect()
    gc.freeze()
