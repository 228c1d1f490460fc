import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tapal_edge.config import Camera
from tapal_edge.sources.frame import Frame
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.reader import frame_of, kind_of_source, open_reader
from tapal_edge.sources.recorded import Recording
from tapal_edge.sources.trouble import SourceError

RATE = 10


def picture(number: int) -> np.ndarray:
    return np.full((48, 64, 3), 20 + 10 * number, np.uint8)


def camera(source: str | int, **settings: object) -> Camera:
    return Camera.model_validate({"id": "c", "source": source, **settings})


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="bgr24")))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        pytest.param(0, "device", id="number"),
        pytest.param("/dev/video2", "device", id="device-file"),
        pytest.param("rtsp://h/s", "stream", id="rtsp"),
        pytest.param("http://h/s.mjpg", "stream", id="http"),
        pytest.param("film.mp4", "file", id="file"),
        pytest.param(str(Path(__file__).parent), "images", id="folder"),
    ],
)
def test_kinds_of_sources_are_told_apart(source: str | int, kind: str) -> None:
    assert kind_of_source(source) == kind


def run(recording: Recording, inbox: Inbox) -> list[Frame]:
    recording.start()
    frames = []
    while not inbox.done:
        frame = inbox.take()
        if frame is not None:
            frames.append(frame)
    recording.stop()
    return frames


def test_a_file_is_read_whole_with_the_times_of_its_frames(film: Path) -> None:
    inbox = Inbox(threading.Condition(), newest_only=False)
    recording = Recording(camera(str(film), fps=1), inbox, start_s=1000.0)
    frames = run(recording, inbox)
    assert recording.error is None
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time_s for frame in frames] == pytest.approx([number / RATE for number in range(20)])
    assert frames[7].utc_s == pytest.approx(1000.7)
    assert [round(frame.image.mean() / 10) for frame in frames] == [2 + number for number in range(20)]


def test_a_folder_of_images_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), picture(number))
    (tmp_path / "notes.txt").write_text("not an image")
    inbox = Inbox(threading.Condition(), newest_only=False)
    frames = run(Recording(camera(str(tmp_path), fps=5), inbox, start_s=0.0), inbox)
    assert [frame.image[0, 0, 0] for frame in frames] == [20, 30, 40]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.2, 0.4])


def test_an_image_that_is_none_ends_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "000.png").write_bytes(b"no")
    inbox = Inbox(threading.Condition(), newest_only=False)
    recording = Recording(camera(str(tmp_path)), inbox, start_s=0.0)
    assert run(recording, inbox) == []
    assert recording.error is not None
    assert "000.png" in str(recording.error)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda folder: str(folder / "none.mp4"), "check the path", id="missing-file"),
        pytest.param(str, "holds no images", id="empty-folder"),
        pytest.param(lambda _: 63, "no such video device", id="no-device"),
    ],
)
def test_a_source_that_is_not_there_is_one_sentence(tmp_path: Path, make, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        open_reader(camera(make(tmp_path)))
    assert "\n" not in str(caught.value)


def test_a_film_cut_off_in_the_middle_gives_what_there_is(film: Path, tmp_path: Path) -> None:
    fragmented = tmp_path / "cut.ts"
    with av.open(str(film)) as source, av.open(str(fragmented), "w", format="mpegts") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    data = fragmented.read_bytes()
    fragmented.write_bytes(data[: len(data) // 2])
    frames = list(open_reader(camera(str(fragmented))).shots())
    assert 3 <= len(frames) < 20


class Camera1(BaseHTTPRequestHandler):
    """A camera that sends JPEGs over HTTP to whoever knows the password."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"me:word").decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        for number in range(20):
            jpeg = cv2.imencode(".jpg", picture(number))[1].tobytes()
            self.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
            self.wfile.write(jpeg + b"\r\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def http() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera1)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_jpegs_over_http(http: int) -> None:
    reader = open_reader(camera(f"http://me:word@127.0.0.1:{http}/video.mjpg"))
    shots = list(islice(reader.shots(), 10))
    reader.close()
    assert shots[3].picture().shape == (48, 64, 3)


def test_http_with_a_wrong_password_is_told_apart(http: int) -> None:
    with pytest.raises(SourceError, match="check the user and password") as caught:
        open_reader(camera(f"http://me:wrong@127.0.0.1:{http}/video.mjpg"))
    assert caught.value.kind == "password"
    assert "wrong" not in str(caught.value)


def test_brightness_needs_no_picture_and_is_that_of_the_picture(film: Path) -> None:
    frames = [shot for shot in open_reader(camera(str(film))).shots() if shot.luma is not None]
    assert len(frames) == 20
    for shot in frames:
        grey = shot.luma.grey((16, 12))
        assert abs(float(grey.mean()) - float(shot.picture()[:, :, 1].mean())) < 3


def test_behind_a_motion_gate_a_frame_is_made_a_picture_at_the_first_look_only(film: Path) -> None:
    shot = next(open_reader(camera(str(film))).shots())
    later, now = (frame_of(shot, camera(str(film), motion_gate=gate), 0.0, 0.0) for gate in (True, False))
    assert isinstance(now.picture, np.ndarray)
    assert not isinstance(later.picture, np.ndarray)
    assert later.size == (64, 48)
    assert not isinstance(later.picture, np.ndarray), "its size is known without it"
    assert later.image is later.image
    np.testing.assert_array_equal(later.image, now.image)
