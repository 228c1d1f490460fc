import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from tapal_edge.clock import Clock, backoff
from tapal_edge.config import Camera
from tapal_edge.sources.frame import Frame
from tapal_edge.sources.inbox import LATE_AT_MOST, Inbox
from tapal_edge.sources.live import LiveCamera, Patience
from tapal_edge.sources.reader import Shot, open_reader
from tapal_edge.sources.trouble import SourceError, redacted
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port
from tests.support.services.rtsp import Rtsp, rtsp

QUICK = Patience(
    frame_s=2.0, open_s=20.0, grace_s=0.0, first_retry_s=0.05, last_retry_s=0.1, password_retry_s=0.1, look_s=0.02
)


class Watcher:
    """A live camera, what it said, and its newest frames."""

    def __init__(self, camera: Camera, **options: object) -> None:
        self.said: list[tuple[str, str]] = []
        self.frames: list[Frame] = []
        self.bell = threading.Condition()
        self.inbox = Inbox(self.bell, newest_only=True)
        options.setdefault("patience", QUICK)
        self.live = LiveCamera(camera, self.inbox, on_state=self._note, **options)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def _note(self, state: str, detail: str) -> None:
        with self.bell:
            self.said.append((state, detail))
            self.bell.notify_all()

    def until(self, condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + seconds
        with self.bell:
            while not condition():
                assert self.bell.wait(0.1) or time.monotonic() < deadline, (self.said, len(self.frames))
                frame = self.inbox.take()
                if frame is not None:
                    self.frames.append(frame)


def camera(source: str, **settings: object) -> Camera:
    return Camera.model_validate({"id": "gate-1", "source": source, "fps": 50, **settings})


@pytest.fixture(scope="module")
def device() -> Iterator[Rtsp]:
    with rtsp() as running:
        yield running


@pytest.mark.services
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_stream_gives_frames_over(transport: str, device: Rtsp) -> None:
    with Watcher(camera(device.url(), transport=transport)) as watcher:
        watcher.until(lambda: len(watcher.frames) >= 3)
    assert watcher.said[0] == ("online", "")
    assert watcher.frames[0].cut
    assert watcher.frames[0].image.shape == (240, 320, 3)
    times = [frame.time_s for frame in watcher.frames]
    assert times == sorted(times)


@pytest.mark.services
def test_a_wrong_password_is_told_from_other_troubles_and_never_printed() -> None:
    with rtsp("guard", "secret-word") as device:
        with Watcher(camera(device.url("guard", "wrong-word"))) as watcher:
            watcher.until(lambda: bool(watcher.said))
        state, detail = watcher.said[0]
        assert state == "offline"
        assert "check the user and password" in detail
        assert "word" not in detail.replace("password", "")
        with Watcher(camera(device.url("guard", "secret-word"))) as watcher:
            watcher.until(lambda: bool(watcher.frames))


@pytest.mark.services
def test_a_wrong_path_and_a_camera_that_is_off_are_told_apart(device: Rtsp) -> None:
    with pytest.raises(SourceError, match="check the path") as caught:
        open_reader(camera(device.url(path="nothing")))
    assert caught.value.kind == "missing"
    with pytest.raises(SourceError, match="check its power") as caught:
        open_reader(camera(f"rtsp://127.0.0.1:{free_port()}/stream"))
    assert caught.value.kind == "unreachable"


@pytest.mark.services
def test_a_camera_that_freezes_is_restarted_and_comes_back() -> None:
    with rtsp() as device, Watcher(camera(device.url())) as watcher:
        watcher.until(lambda: bool(watcher.frames))
        device.freeze()
        watcher.until(lambda: any("no frame for 2 s" in detail for state, detail in watcher.said if state == "offline"))
        device.thaw()
        watcher.until(lambda: watcher.said[-1][0] == "online")
    states = [state for state, _ in watcher.said]
    assert states[0] == states[-1] == "online"
    assert "offline" in states


@pytest.mark.services
def test_a_camera_that_comes_back_with_another_size_says_so() -> None:
    with rtsp() as device, Watcher(camera(device.url())) as watcher:
        watcher.until(lambda: bool(watcher.frames))
        device.kill()
        watcher.until(lambda: watcher.said[-1][0] == "offline")
        device.start("160x120")
        watcher.until(lambda: watcher.frames[-1].size == (160, 120))
    assert any("resolution changed from 320x240 to 160x120" in detail for _, detail in watcher.said)
    assert next(frame for frame in watcher.frames if frame.size == (160, 120)).cut


class Scripted:
    """A source that does what a test wrote down."""

    rate = 10.0

    def __init__(self, play: Callable[[], Iterator[Shot]]) -> None:
        self._play = play
        self.closed = False

    def shots(self) -> Iterator[Shot]:
        return self._play()

    def close(self) -> None:
        self.closed = True


def picture(width: int = 64) -> np.ndarray:
    return np.zeros((48, width, 3), np.uint8)


def test_a_read_that_never_returns_is_left_behind() -> None:
    for_ever, tries = threading.Event(), []

    def play() -> Iterator[Shot]:
        tries.append(threading.current_thread())
        yield Shot(0, 0.0, picture)
        if len(tries) == 1:
            for_ever.wait()
            yield Shot(99, 9.9, lambda: picture(32))
        while not for_ever.wait(0.01):
            yield Shot(1, 0.1, picture)

    patience = Patience(frame_s=0.2, grace_s=0.0, first_retry_s=0.01, last_retry_s=0.01, look_s=0.01)
    with Watcher(camera("rtsp://x/"), open_source=lambda *_: Scripted(play), patience=patience) as watcher:
        watcher.until(lambda: len(tries) == 2 and len(watcher.frames) > 5)
        assert tries[0].is_alive()
        for_ever.set()
    tries[0].join(10)
    assert not any(frame.size == (32, 48) for frame in watcher.frames), "the abandoned read must not speak again"


def test_a_reader_that_fails_in_an_unknown_way_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def open_source(*_: object) -> Scripted:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a driver fell over")
        return Scripted(lambda: iter([Shot(0, 0.0, picture)]))

    with Watcher(camera("rtsp://x/"), open_source=open_source) as watcher:
        watcher.until(lambda: bool(watcher.frames))
    assert "a driver fell over" in caplog.text


def test_only_as_many_frames_as_asked_for_become_pictures() -> None:
    now = [0.0]
    made: list[int] = []

    def make(index: int) -> np.ndarray:
        made.append(index)
        return picture()

    def play() -> Iterator[Shot]:
        for index in range(100):
            now[0] = index / 25
            yield Shot(index, index / 25, lambda index=index: make(index))  # type: ignore[misc]

    def once(*_: object) -> Scripted:
        return Scripted(play)

    clock = Clock(monotonic=lambda: now[0], wall=lambda: 1e9 + now[0])
    with Watcher(camera("rtsp://x/", fps=5), open_source=once, clock=clock) as watcher:
        watcher.until(lambda: any(state == "offline" for state, _ in watcher.said))
    first_round = made[: made.index(0, 1)] if made.count(0) > 1 else made
    assert len(first_round) == pytest.approx(20, abs=1)


def test_the_newest_frame_wins_and_a_cut_is_not_forgotten() -> None:
    inbox = Inbox(threading.Condition(), newest_only=True)
    inbox.put(Frame(0, 0.0, 0.0, picture(), cut=True))
    inbox.put(Frame(1, 0.1, 0.1, picture()))
    frame = inbox.take()
    assert frame is not None
    assert (frame.index, frame.cut, inbox.skipped) == (1, True, 1)


def test_frames_decoded_late_have_the_times_at_which_they_were_taken_and_are_all_kept() -> None:
    now = [0.0]

    def play() -> Iterator[Shot]:
        yield Shot(0, 0.0, picture)
        now[0] = 2.0  # what follows is decoded two seconds later, all at once
        for index in range(1, 21):
            yield Shot(index, index / 10, picture, behind_s=2.0 - index / 10)

    clock = Clock(monotonic=lambda: now[0], wall=lambda: 1e9 + now[0])
    with Watcher(
        camera("rtsp://x/"),
        open_source=lambda *_: Scripted(play),
        clock=clock,
        patience=Patience(first_retry_s=600),
    ) as watcher:
        watcher.until(lambda: len(watcher.frames) == 21)
    assert [frame.index for frame in watcher.frames] == list(range(21))
    assert [frame.time_s for frame in watcher.frames] == pytest.approx([index / 10 for index in range(21)])
    assert [frame.utc_s - 1e9 for frame in watcher.frames] == pytest.approx([index / 10 for index in range(21)])
    assert watcher.inbox.skipped == 0


def test_late_frames_and_a_few_newer_ones_wait_and_all_is_bounded() -> None:
    inbox = Inbox(threading.Condition(), newest_only=True)
    for index in range(LATE_AT_MOST + 3):
        inbox.put(Frame(index, 0.0, 0.0, picture(), cut=index == 0, late=True))
    for index in range(100, 110):
        inbox.put(Frame(index, 0.0, 0.0, picture()))
    waiting = [frame for frame in iter(inbox.take, None) if frame is not None]
    assert [frame.index for frame in waiting] == [*range(3, LATE_AT_MOST + 3), *range(106, 110)]
    assert (waiting[0].cut, inbox.skipped) == (True, 3 + 6)
    for index in (200, 201):
        inbox.put(Frame(index, 0.0, 0.0, picture()))
    assert [frame.index for frame in iter(inbox.take, None) if frame is not None] == [201]


def test_a_step_of_the_wall_clock_is_noticed_and_moves_no_frame_time() -> None:
    steady, wall = iter([1.0, 2.0, 3.0]), iter([1000.0, 1001.01, 4602.0])
    clock = Clock(monotonic=lambda: next(steady), wall=lambda: next(wall))
    assert [clock.now()[0] for _ in range(3)] == [1.0, 2.0, 3.0]
    assert clock.steps == 1
    assert clock.last_step_s == pytest.approx(3600, abs=1)


def test_waiting_doubles_to_its_limit_and_varies() -> None:
    longest = backoff(1, 8, draw=lambda: 1.0)
    shortest = backoff(1, 8, draw=lambda: 0.0)
    assert [next(longest) for _ in range(5)] == [1, 2, 4, 8, 8]
    assert [next(shortest) for _ in range(5)] == [0.5, 1, 2, 4, 4]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("rtsp://me:word@10.0.0.7:554/s?token=x", "rtsp://10.0.0.7:554/s", id="rtsp"),
        pytest.param("could not open rtsp://me:word@h/s", "could not open rtsp://h/s", id="inside-a-sentence"),
        pytest.param("/var/video.mp4", "/var/video.mp4", id="file"),
        pytest.param(0, "0", id="device"),
    ],
)
def test_addresses_are_shown_without_their_secrets(source: str | int, shown: str) -> None:
    assert redacted(source) == shown


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(bytes(range(256)) * 50)
    with pytest.raises(SourceError, match=r"camera 'gate-1': .*broken.mp4: .*; check its codec"):
        open_reader(camera(str(tmp_path / "broken.mp4")))
