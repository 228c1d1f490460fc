"""A small film with somebody walking through it, made anew."""

import io

import av
import numpy as np

SIZE = (320, 180)
RATE = 10


def walker(frames: int = 30, *, stands_from: int = 10_000, speed: int = 4) -> tuple[bytes, list[tuple[float, ...]]]:
    """The film (H.264 in MP4), and where the walker is in each frame (x1, y1, x2, y2 as shares)."""
    rng = np.random.default_rng(3)
    width, height = SIZE
    ground = rng.integers(60, 160, (height // 6, width // 8, 1)).repeat(6, 0).repeat(8, 1).repeat(3, 2).astype(np.uint8)
    person = rng.integers(0, 255, (12, 6, 3)).repeat(5, 0).repeat(5, 1).astype(np.uint8)
    out, places = io.BytesIO(), []
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            x, y = 20 + speed * min(number, stands_from), 80
            picture = ground.copy()
            picture[y : y + 60, x : x + 30] = person[:, : max(0, width - x)]
            places.append((x / width, y / height, (x + 30) / width, (y + 60) / height))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return out.getvalue(), places
