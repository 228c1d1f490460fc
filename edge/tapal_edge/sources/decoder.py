"""Decodes what a camera sends, and no more of it than somebody will look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import av

from tapal_edge.sources.frame import Luma, luma_of
from tapal_edge.sources.usual import UsualSizes

DOZE_AT_MOST_S = 2.05  # from one key frame to the next
KEPT_BYTES_AT_MOST = 16_000_000
THRIFTY = ("h264", "hevc")  # whose smoothing of block edges can be left out, and is worth it


class Watch(Protocol):
    """Whoever looks at the frames; asked from the reader's thread."""

    def calm(self) -> bool:
        """Whether nothing moves, so that frames are only looked at for motion."""
        ...

    def moves(self, luma: Luma) -> bool:
        """Whether something moves in a picture."""
        ...


class Wakeful:
    """Wants every frame, as it is."""

    def calm(self) -> bool:
        """Never."""
        return False

    def moves(self, _: Luma) -> bool:
        """Perhaps."""
        return True


@dataclass(slots=True)
class Need:
    """What whoever takes the frames has no need of; may be changed from another thread.

    Attributes:
        watch: tells whether anything moves.
        next_s: frames before this moment of the source will not be looked at.
    """

    watch: Watch = field(default_factory=Wakeful)
    next_s: float = float("-inf")


class Decoder:
    """The decoder of a stream, which dozes while nothing moves, and misses nothing by it.

    Frames on which no other depends are passed over when nobody will look at them. Dozing, it decodes key frames only,
    in a second decoder that smooths no blocks, and keeps the packets since the last one. When calm ends, when a key
    frame shows motion or a packet is larger than packets of a still scene are, it decodes all that it kept and hands
    the frames out in their order: late, but as if it had never dozed.

    Where key frames are too far apart to wait for the next, or frames come out of order, every frame is decoded, in
    calm times without smoothing; there the decoders take turns at key frames, where a picture begins anew.
    """

    def __init__(self, stream: Any, need: Need, *, thrifty: bool) -> None:
        """Prepare to decode a stream; thrifty allows to doze."""
        self._need = need
        self._full = self._used = stream.codec_context
        self._light = _without_smoothing(stream) if thrifty and stream.codec_context.name in THRIFTY else None
        self._usual = UsualSizes()
        self._key_s: float | None = None
        self._between_keys_s = float("inf")
        self._kept: list[Any] = []  # from the key frame on with which it fell asleep
        self._kept_bytes = 0
        self.passed_over = 0
        self.caught_up = False

    def decode(self, packet: Any, time_s: float | None) -> Iterator[Any]:
        """Frames that a packet completes, and those slept through if it wakes; ``caught_up`` tells of the latter.

        Args:
            packet: the next one of the stream.
            time_s: its moment in the source.
        """
        self.caught_up = False
        calm = self._need.watch.calm()
        if packet.is_keyframe and time_s is not None:
            self._between_keys_s = float("inf") if self._key_s is None else time_s - self._key_s
            self._key_s = time_s
        larger = False
        if packet.is_keyframe:
            self._usual.key()
        else:
            larger = self._usual.exceeded_by(packet.size, learn=calm)
        if calm and packet.is_keyframe and self._may_doze(time_s):
            yield from self._doze(packet, time_s)
        elif calm and self._kept and not larger and not packet.is_keyframe and self._may_doze(time_s):
            self._kept.append(packet)
            self._kept_bytes += packet.size
        else:
            yield from self._catch_up()
            yield from self._decode(packet, time_s, calm=calm)

    def _may_doze(self, time_s: float | None) -> bool:
        """Whether the next key frame comes soon, as the last ones did, and frames come in their order."""
        if self._light is None or self._key_s is None or time_s is None or self._full.has_b_frames:
            return False
        if self._kept_bytes > KEPT_BYTES_AT_MOST:
            return False
        return 0 < self._between_keys_s <= DOZE_AT_MOST_S and 0 <= time_s - self._key_s <= DOZE_AT_MOST_S

    def _doze(self, key: Any, time_s: float | None) -> Iterator[Any]:
        """Look at a key frame alone, and go on dozing if it shows nothing that moves."""
        yield from self._use(self._light)
        try:
            frames = self._used.decode(key)
        except av.error.InvalidDataError:  # said again below, once what came before it is out
            luma = None
        else:
            luma = luma_of(frames[0]) if len(frames) == 1 else None
            if luma is None:  # not a stream of which a key frame can be judged by itself
                self._light = None
        if luma is None or (self._kept and self._need.watch.moves(luma)):
            yield from self._catch_up()
            yield from self._decode(key, time_s, calm=False)
            return
        self.passed_over += max(0, len(self._kept) - 1)
        self._kept, self._kept_bytes = [key], key.size
        yield from frames

    def _catch_up(self) -> Iterator[Any]:
        """Wake: decode what was kept, as it would have been; the first frame of it was handed out already."""
        if not self._kept:
            return
        kept, self._kept, self._kept_bytes = self._kept, [], 0
        yield from self._use(self._full)
        self._used.skip_frame = "DEFAULT"
        self._used.decode(kept[0])
        self.caught_up = True
        for packet in kept[1:]:
            yield from self._used.decode(packet)

    def _decode(self, packet: Any, time_s: float | None, *, calm: bool) -> Iterator[Any]:
        if packet.is_keyframe:
            yield from self._use(self._light if calm and self._light is not None else self._full)
        unneeded = time_s is not None and time_s < self._need.next_s
        wish = "NONREF" if unneeded else "DEFAULT"
        if self._used.skip_frame != wish:
            self._used.skip_frame = wish
        frames = self._used.decode(packet)
        self.passed_over += unneeded and not frames
        yield from frames

    def _use(self, wanted: Any) -> Iterator[Any]:
        """Change the decoder, before a key frame."""
        if wanted is self._used:
            return
        yield from self._used.decode(None)
        self._used.flush_buffers()
        self._used = wanted


def _without_smoothing(stream: Any) -> Any:
    full = stream.codec_context
    light = av.CodecContext.create(full.name, "r")
    light.extradata = full.extradata
    light.thread_count = 1
    light.options = {"skip_loop_filter": "all"}
    return light
