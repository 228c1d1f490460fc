"""Decodes what a camera sends, and no more of it than somebody will look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av

SLACK_S = 0.05  # a key frame may come so late
THRIFTY = ("h264", "hevc")  # whose smoothing of block edges can be left out, and is worth it


def never() -> bool:
    """Nothing is ever calm."""
    return False


@dataclass(slots=True)
class Need:
    """What whoever takes the frames has no need of; may be changed from another thread.

    Attributes:
        calm: whether frames are only looked at for motion, so that blocks in them do no harm.
        rest_s: and then one frame in so many seconds is enough.
        next_s: frames before this moment of the source will not be looked at.
    """

    calm: Callable[[], bool] = never
    rest_s: float = 0.0
    next_s: float = float("-inf")


class Decoder:
    """The decoder of a stream, and a second one that smooths no blocks for calm times.

    Frames on which no other depends are passed over when nobody will look at them. Where key frames come often enough
    for calm times, only those are decoded then; the packets since the last one are kept, to catch up when something
    moves. The two decoders take turns only where a picture begins anew, at key frames: until then what begins to move
    is seen with blocks, for a second or two.
    """

    def __init__(self, stream: Any, need: Need, *, thrifty: bool) -> None:
        """Prepare to decode a stream; thrifty allows the second decoder."""
        self._need = need
        self._full = self._used = stream.codec_context
        self._light = _without_smoothing(stream) if thrifty and stream.codec_context.name in THRIFTY else None
        self._key_s: float | None = None
        self._between_keys_s = float("inf")
        self._kept: list[Any] = []
        self.passed_over = 0
        self.smoothed = True

    def decode(self, packet: Any, time_s: float | None) -> list[Any]:
        """Frames that a packet completes; ``time_s`` is the packet's moment in the source."""
        frames: list[Any] = []
        calm = self._need.calm()
        if packet.is_keyframe:
            frames += self._begin_anew(time_s, calm=calm)
        elif calm and self._only_keys(time_s):
            self._kept.append(packet)
            self.passed_over += 1
            return []
        self._catch_up()
        unneeded = time_s is not None and time_s < self._need.next_s
        wish = "NONREF" if unneeded else "DEFAULT"
        if self._used.skip_frame != wish:
            self._used.skip_frame = wish
        frames += self._used.decode(packet)
        self.passed_over += unneeded and not frames
        return frames

    def _begin_anew(self, time_s: float | None, *, calm: bool) -> list[Any]:
        """At a key frame: what came before is forgotten, and the decoder may be changed."""
        self._kept.clear()
        if time_s is not None:
            self._between_keys_s = float("inf") if self._key_s is None else time_s - self._key_s
            self._key_s = time_s
        wanted = self._light if calm and self._light is not None else self._full
        if wanted is self._used:
            return []
        last: list[Any] = self._used.decode(None)
        self._used.flush_buffers()
        self._used, self.smoothed = wanted, wanted is self._full
        return last

    def _only_keys(self, time_s: float | None) -> bool:
        """Whether the next key frame comes soon enough, as the last ones did, and frames come in their order."""
        if self._light is None or self._key_s is None or time_s is None or self._full.has_b_frames:
            return False
        rest_s = self._need.rest_s + SLACK_S
        return self._between_keys_s <= rest_s and 0 <= time_s - self._key_s <= rest_s

    def _catch_up(self) -> None:
        for packet in self._kept:
            self._used.decode(packet)
        self._kept.clear()


def _without_smoothing(stream: Any) -> Any:
    full = stream.codec_context
    light = av.CodecContext.create(full.name, "r")
    light.extradata = full.extradata
    light.thread_count = 1
    light.options = {"skip_loop_filter": "all"}
    return light
