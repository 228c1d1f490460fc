"""What the edge saw in each frame of a film, in a part of its own at the film's end that players pass over.

An MP4 is a row of boxes (ISO/IEC 14496-12, 4.2); one of the kind ``uuid`` belongs to whoever made its 16 bytes. Ours
holds JSON: a list with an entry for each frame, in order, each a list of ``[label, confidence, x1, y1, x2, y2]``,
coordinates as shares of the frame. So the boxes travel with the film, are deleted with it, and are of no other.
"""

import json
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from tapal_contract.clip import boxes_of
from tapal_contract.errors import MessageError

__all__ = ["LOOKS_BYTES_AT_MOST", "Look", "add_looks", "read_looks"]

KIND = uuid.UUID("7461706c-6c6f-4f6b-8573-2e636c697073")
LOOKS_BYTES_AT_MOST = 256 * 1024
_HEAD = 8
_NAME_AT_MOST = 64


class Look(NamedTuple):
    """A box in a frame, as the edge's model saw it."""

    label: str
    confidence: float
    x1: float
    y1: float
    x2: float
    y2: float


def add_looks(film: bytes, frames: Sequence[Sequence[Look]]) -> bytes:
    """The film with what was seen in it; as it is where that were too much to send."""
    rounded = [[[one.label, *(round(value, 3) for value in one[1:])] for one in frame] for frame in frames]
    content = KIND.bytes + json.dumps(rounded, separators=(",", ":")).encode()
    if len(content) > LOOKS_BYTES_AT_MOST:
        return film
    return film + (_HEAD + len(content)).to_bytes(4, "big") + b"uuid" + content


def read_looks(film: bytes) -> tuple[tuple[Look, ...], ...]:
    """What was seen in each frame; empty where the film does not say.

    Raises:
        MessageError: it says so in no form of ours.
    """
    for kind, content in boxes_of(film):
        if kind == b"uuid" and content.startswith(KIND.bytes):
            return _parsed(content.removeprefix(KIND.bytes))
    return ()


def _parsed(content: bytes) -> tuple[tuple[Look, ...], ...]:
    if len(content) > LOOKS_BYTES_AT_MOST:
        raise MessageError(f"the boxes in this film take {len(content)} bytes, of {LOOKS_BYTES_AT_MOST} allowed")
    try:
        return tuple(tuple(_look(row) for row in frame) for frame in json.loads(content))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise MessageError(f"the boxes in this film are not as the contract says ({error})") from error


def _look(row: object) -> Look:
    if (
        not isinstance(row, list)
        or len(row) != 6
        or not isinstance(row[0], str)
        or not 0 < len(row[0]) <= _NAME_AT_MOST
    ):
        raise ValueError("a box is a label and five numbers")
    confidence, x1, y1, x2, y2 = (float(value) for value in row[1:])
    if not (0 <= confidence <= 1 and 0 <= x1 <= x2 <= 1 and 0 <= y1 <= y2 <= 1):  # which no NaN is
        raise ValueError("a box lies within its frame")
    return Look(row[0], confidence, x1, y1, x2, y2)
