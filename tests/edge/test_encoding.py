"""Clips of cameras whose packets a clip cannot hold, or that send none."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from tapal_edge.clips import ClipRecorder, find
from tapal_edge.config import Camera, Clips
from tapal_edge.sources import reader
from tapal_edge.sources.encoding import Encoder, holds
from tapal_edge.sources.reader import open_reader
from tests.support.usb import Plugged


def levels(clip: Path) -> list[int]:
    with av.open(str(clip)) as source:
        return [int(frame.to_ndarray(format="bgr24")[20, 20, 0]) for frame in source.decode(video=0)]


@pytest.mark.parametrize(("codec", "fits"), [("h264", True), ("hevc", True), ("mjpeg", True), ("vp8", False)])
def test_what_a_clip_can_hold(codec: str, fits: bool) -> None:
    assert holds(codec) is fits


def test_a_usb_camera_has_clips_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "kind_of_source", lambda _: "device")
    monkeypatch.setattr(reader.cv2, "VideoCapture", lambda *_: Plugged(200, shape=(49, 65), fps=25.0))
    (tmp_path / "video0").write_bytes(b"")
    now = [100.0]
    monkeypatch.setattr("tapal_edge.clips.time.monotonic", lambda: now[0])
    recorder = ClipRecorder(tmp_path / "gate", Clips(pre_s=1, post_s=1))
    source = open_reader(Camera(id="gate", source=str(tmp_path / "video0"), fps=5), recorder.packet)
    for shot in islice(source.shots(), 200):
        now[0] = 100.0 + shot.media_s
        if shot.index == 100:
            recorder.keep("event-a")
        assert shot.picture()[0, 0, 0] == 199 - shot.index, "the picture that was grabbed, encoded or not"
    recorder.close()
    clip = find(tmp_path, "event-a")
    assert clip is not None
    shown = levels(clip)
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == pytest.approx(3 * 5, abs=3), (
        "five a second, from a key frame a second before to a second after"
    )
    assert pytest.approx(np.median(shown), abs=20) == 199 - 100
    with av.open(str(clip)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert (film.streams.video[0].width, film.streams.video[0].height) == (64, 48)


def test_packets_that_a_clip_cannot_hold_are_encoded_anew(tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(40):
            image = np.full((48, 64, 3), 20 + 5 * number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    recorder = ClipRecorder(tmp_path / "gate", Clips(pre_s=9, post_s=9))
    recorder.keep("event-a")
    shots = list(open_reader(Camera(id="gate", source=str(film), fps=10), recorder.packet).shots())
    recorder.close()
    clip = find(tmp_path, "event-a")
    assert clip is not None
    assert len(shots) == 40
    assert levels(clip) == pytest.approx([20 + 5 * number for number in range(40)], abs=8)


def test_a_camera_that_changes_its_size_goes_on(tmp_path: Path) -> None:
    packets: list[av.Packet] = []
    encoder = Encoder(5, packets.append)
    for number, side in enumerate((64, 64, 96)):
        assert encoder.due(number / 5)
        encoder.take(np.zeros((side, side, 3), np.uint8), number / 5)
        assert not encoder.due(number / 5 + 0.1)
    assert [packet.stream.width for packet in packets] == [64, 64, 96]
    assert [packet.is_keyframe for packet in packets] == [True, False, True]
    assert [packet.pts * packet.time_base for packet in packets] == [0, Fraction(1, 5), Fraction(2, 5)]
