"""Films for tests: the smallest thing that is one by its boxes, and real ones that a browser plays."""

from functools import cache
from pathlib import Path

import av
import numpy as np


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an MP4."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def film(size: int = 0, *, entry: bytes = b"avc1") -> bytes:
    """What the contract takes for a film, with so many bytes of pictures."""
    return box(b"ftyp", b"isom") + box(b"moov", b"stsd" + entry) + box(b"mdat", bytes(size))


def draw(
    path: Path, *, seconds: float = 4.0, rate: int = 10, size: tuple[int, int] = (320, 240), comment: str = ""
) -> Path:
    """A real film in which something moves, H.264 in MP4, its index in front."""
    width, height = size
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        out.metadata["comment"] = comment
        stream = out.add_stream("libx264", rate=rate, options={"g": str(rate), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        ground = np.tile(np.linspace(40, 120, width, dtype=np.uint8)[None, :, None], (height, 1, 3))
        for number in range(round(seconds * rate)):
            image = ground.copy()
            left = (number * 5) % (width - 24)
            image[height // 3 : height // 3 + 60, left : left + 24] = (60, 180, 220)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    return path


@cache
def drawn(folder: Path) -> bytes:
    """The bytes of such a film."""
    return draw(folder / "film.mp4").read_bytes()
