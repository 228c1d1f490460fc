"""Sources a technician may also have: files and HLS over HTTP, damaged streams, devices, hardware that decodes."""

import random
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_edge.cli import app
from tapal_edge.config import Camera
from tapal_edge.sources import decoding, reader
from tapal_edge.sources.reader import open_reader
from tapal_edge.sources.trouble import SourceError
from tests.support.usb import Plugged

RATE, FRAMES = 10, 40


def camera(source: str | int, **settings: object) -> Camera:
    return Camera.model_validate({"id": "c", "source": source, **settings})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One film as a file, as a transport stream, and as HLS."""
    made = tmp_path_factory.mktemp("films")
    noise = np.random.default_rng(2).integers(0, 256, (96, 128, 3), np.uint8)
    for name, kind, options in (
        ("film.mp4", "mp4", {"movflags": "faststart"}),
        ("film.ts", "mpegts", {}),
        ("live.m3u8", "hls", {"hls_time": "1", "hls_list_size": "0"}),
    ):
        with av.open(str(made / name), "w", format=kind, options=options) as out:
            stream = out.add_stream("libx264", rate=RATE, options={"g": "10", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
            for number in range(FRAMES):
                frame = av.VideoFrame.from_ndarray(np.roll(noise, number, axis=1), format="bgr24")
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return made


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("name", ["film.mp4", "film.ts", "live.m3u8"])
def test_a_film_comes_over_http(address: str, name: str) -> None:
    source = open_reader(camera(f"{address}/{name}"))
    shots = list(source.shots())
    source.close()
    assert len(shots) == FRAMES
    assert shots[-1].picture().shape == (96, 128, 3)


def test_a_path_that_is_not_there_is_told_apart(address: str) -> None:
    with pytest.raises(SourceError, match="check the path") as caught:
        open_reader(camera(f"{address}/none.mp4"))
    assert caught.value.kind == "missing"


def test_a_stream_with_damaged_parts_goes_on(folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / "film.ts").read_bytes())
    dice = random.Random(4)
    for _ in range(60):
        data[dice.randrange(len(data) // 4, len(data))] = dice.randrange(256)
    (tmp_path / "damaged.ts").write_bytes(data)
    shots = list(open_reader(camera(str(tmp_path / "damaged.ts"))).shots())
    assert len(shots) > FRAMES // 2


def test_a_corrupt_stream_is_told_from_one_that_is_off(folder: Path, address: str) -> None:
    (folder / "noise.ts").write_bytes(random.Random(5).randbytes(400_000))
    with pytest.raises(SourceError, match="check its codec settings") as caught:
        list(open_reader(camera(f"{address}/noise.ts")).shots())
    assert caught.value.kind == "corrupt"


def test_a_stream_that_stays_corrupt_is_given_up_and_opened_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BROKEN_PACKETS_AT_MOST", 3)
    source = open_reader(camera(str(folder / "film.ts")))

    class Broken:
        dts = 1
        pts = None
        is_corrupt = True
        is_keyframe = False
        size = 1000

    class Chokes:
        has_b_frames = 0
        skip_frame = "DEFAULT"

        def decode(self, _: object) -> None:
            raise av.error.InvalidDataError(1, "nonsense")

    class Container:
        def demux(self, _: object) -> list[Broken]:
            return [Broken()] * 9

        def close(self) -> None:
            pass

    source._container.close()  # type: ignore[attr-defined]  # what comes is put in its place
    source._container = Container()  # type: ignore[attr-defined]
    source.decoder._used = Chokes()  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match="check its codec settings") as caught:
        list(source.shots())
    assert caught.value.kind == "corrupt"


@pytest.mark.parametrize("source", [63, "/dev/video63"])
def test_a_device_that_is_not_there_says_which_are(source: str | int) -> None:
    with pytest.raises(SourceError, match=r"no such video device; there are: .*; check the path") as caught:
        open_reader(camera(source))
    assert caught.value.kind == "missing"
    assert "/dev/video63" in str(caught.value)


def test_a_device_that_is_no_camera_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "kind_of_source", lambda _: "device")
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(SourceError, match="is no camera that gives video, or it is in use") as caught:
        open_reader(camera(str(tmp_path / "video0")))
    assert caught.value.kind == "unreachable"
    monkeypatch.setattr(reader.os, "access", lambda *_: False)
    with pytest.raises(SourceError, match=r"add the user to the group that owns .*video0") as caught:
        open_reader(camera(str(tmp_path / "video0")))
    assert caught.value.kind == "denied"


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "kind_of_source", lambda _: "device")
    (tmp_path / "video0").write_bytes(b"")

    def plug(device: Plugged) -> reader.Reader:
        monkeypatch.setattr(reader.cv2, "VideoCapture", lambda *_: device)
        return open_reader(camera(str(tmp_path / "video0")))

    return plug


def test_a_usb_camera_gives_frames_until_it_is_pulled_out(plug) -> None:
    device = Plugged(3)
    source = plug(device)
    assert source.rate == reader.DEFAULT_RATE, "the device told none"
    assert device.settings[cv2.CAP_PROP_BUFFERSIZE] == 1, "the newest frame, not the oldest"
    shots = source.shots()
    seen = [(shot.index, shot.media_s, int(shot.picture()[0, 0, 0])) for shot in islice(shots, 3)]
    assert seen == [(0, 0.0, 2), (1, 0.04, 1), (2, 0.08, 0)]
    with pytest.raises(SourceError, match="the device gives no more frames") as caught:
        next(shots)
    assert caught.value.kind == "stalled"
    source.close()
    assert not device.held


def test_a_torn_frame_of_a_usb_camera_is_told_apart(plug) -> None:
    shot = next(plug(Plugged(2, torn=True)).shots())
    with pytest.raises(SourceError, match="a frame could not be decoded") as caught:
        shot.picture()
    assert caught.value.kind == "corrupt"


@pytest.mark.parametrize("hwaccel", ["auto", "vaapi", "cuda", "qsv", "drm", "videotoolbox"])
def test_hardware_that_is_missing_is_told_and_done_without(folder: Path, hwaccel: str) -> None:
    plain = open_reader(camera(str(folder / "film.mp4")))
    asked = open_reader(camera(str(folder / "film.mp4"), hwaccel=hwaccel))
    first, second = next(plain.shots()).picture(), next(asked.shots()).picture()
    assert np.abs(first.astype(int) - second).mean() < 3
    assert plain.decoding == "in software"
    assert re.fullmatch(r"by \w+|in software \(.+\)", asked.decoding)


def test_hardware_that_cannot_do_this_video_is_done_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "trouble_with", lambda kind: "" if kind == "qsv" else "none here")
    source = open_reader(camera(str(folder / "film.mp4"), hwaccel="qsv"))
    assert source.decoding in {"by qsv", "in software (qsv: does not decode what this camera sends)"}
    assert len(list(source.shots())) == FRAMES


def test_check_says_how_a_camera_is_decoded(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    source = folder / "film.mp4"
    path.write_text(f"node: n\nsite: s\nsize: 320\ncameras:\n  - {{id: c, source: {source}, hwaccel: vaapi}}\n")
    said = CliRunner().invoke(app, ["check", "--config", str(path)])
    assert re.search(r"camera c: .*, decoded (by vaapi|in software \(vaapi: )", said.stdout)
