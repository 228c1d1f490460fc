"""Films on the wire: an MP4 in pieces, so that an event never waits long behind one on a thin link.

A piece is a line of text and bytes: ``tapal/1 clip=ID piece=3/14 sha256=HEX``, a line feed, and at most 64 KiB of the
film. ID is the command that asked for it, HEX the SHA-256 of the whole film. All pieces but the last are full. Each is
acknowledged under an id of its own, :func:`piece_id`, in ``Ack.media``, and sent again until it is, as a picture is.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tapal_contract.errors import MessageError
from tapal_contract.ids import UUID_PATTERN

__all__ = [
    "MAX_CLIP_BYTES",
    "PIECE_BYTES",
    "START",
    "Piece",
    "boxes_of",
    "cut",
    "join",
    "piece_id",
    "read_piece",
    "require_film",
]

PIECE_BYTES = 64 * 1024
PIECES_AT_MOST = 32
MAX_CLIP_BYTES = PIECES_AT_MOST * PIECE_BYTES
START = b"tapal/1 clip="
_LINE = re.compile(
    rb"tapal/1 clip=(?P<clip>[0-9a-f-]{36}) piece=(?P<number>[1-9][0-9]?)/(?P<of>[1-9][0-9]?) "
    rb"sha256=(?P<sha256>[0-9a-f]{64})\n"
)
_BOX = 8  # bytes of a box's head: its length and its kind (ISO/IEC 14496-12, 4.2)
_ENTRIES = (b"avc1", b"avc3")  # H.264 and nothing else (ISO/IEC 14496-15, 5.3.3)


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the pieces of a film; `number` counts from 1."""

    clip: str
    number: int
    of: int
    sha256: str
    data: bytes

    @property
    def id(self) -> str:
        """Under which it is acknowledged."""
        return piece_id(self.clip, self.number)

    def dump(self) -> bytes:
        """The payload."""
        line = f"{START.decode()}{self.clip} piece={self.number}/{self.of} sha256={self.sha256}\n"
        return line.encode() + self.data


def piece_id(clip: str, number: int) -> str:
    """The id of a piece: UUIDv5 (RFC 9562) of its number in the name space of the film."""
    return str(uuid.uuid5(uuid.UUID(clip), str(number)))


def cut(film: bytes, clip: str) -> tuple[Piece, ...]:
    """Take a film apart.

    Raises:
        MessageError: it is no film, or larger than the contract allows.
    """
    require_film(film)
    starts, digest = range(0, len(film), PIECE_BYTES), hashlib.sha256(film).hexdigest()
    return tuple(
        Piece(clip, number, len(starts), digest, film[at : at + PIECE_BYTES]) for number, at in enumerate(starts, 1)
    )


def join(pieces: Sequence[Piece]) -> bytes:
    """Put a film together of all its pieces, in any order.

    Raises:
        MessageError: one is missing, they are of different films, or what comes out is no film.
    """
    whole = sorted(pieces, key=lambda piece: piece.number)
    told = {(piece.clip, piece.sha256, piece.of) for piece in whole}
    if len(told) != 1 or [piece.number for piece in whole] != list(range(1, whole[0].of + 1)):
        raise MessageError("these are not the pieces of one film, each once")
    film = b"".join(piece.data for piece in whole)
    if hashlib.sha256(film).hexdigest() != whole[0].sha256:
        raise MessageError("the film is not the one its pieces name: its SHA-256 differs")
    require_film(film)
    return film


def read_piece(payload: bytes) -> Piece:
    """Read one piece.

    Raises:
        MessageError: it is none.
    """
    found = _LINE.match(payload)
    if found is None or not UUID_PATTERN.fullmatch(found["clip"].decode()):
        raise MessageError("a piece of a film begins with the line 'tapal/1 clip=ID piece=N/OF sha256=HEX'")
    number, of, data = int(found["number"]), int(found["of"]), payload[found.end() :]
    if number > of or of > PIECES_AT_MOST:
        raise MessageError(f"piece {number} of {of}: a film has at most {PIECES_AT_MOST} pieces")
    if not data or len(data) > PIECE_BYTES or (number < of and len(data) != PIECE_BYTES):
        raise MessageError(f"piece {number} of {of} has {len(data)} bytes; all but the last have {PIECE_BYTES}")
    return Piece(found["clip"].decode(), number, of, found["sha256"].decode(), data)


def require_film(film: bytes) -> None:
    """Let nothing pass but an MP4 with H.264 in it, whole and not too large.

    Raises:
        MessageError: which of these it is not.
    """
    if len(film) > MAX_CLIP_BYTES:
        raise MessageError(f"a film of {len(film)} bytes is larger than the {MAX_CLIP_BYTES} the contract allows")
    boxes = dict(boxes_of(film))
    if not film[4:_BOX] == b"ftyp" or not {b"moov", b"mdat"} <= boxes.keys():
        raise MessageError("this is no MP4: it has not the boxes ftyp, moov and mdat")
    if not any(entry in boxes[b"moov"] for entry in _ENTRIES):
        raise MessageError("this MP4 holds no H.264, which is all that every browser plays")


def boxes_of(film: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and contents of an MP4's outermost boxes.

    Raises:
        MessageError: one of them is cut short.
    """
    at = 0
    while at < len(film):
        size = int.from_bytes(film[at : at + 4], "big")
        if size < _BOX or at + size > len(film):
            raise MessageError("this is no whole MP4: a box of it is cut short")
        yield film[at + 4 : at + _BOX], film[at + _BOX : at + size]
        at += size
