import os
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_detector.detections import Detections
from tapal_edge.clip_export import export
from tapal_edge.clips import PART, ClipRecorder, begun, find, prune
from tapal_edge.config import Clips

RATE, KEY_EVERY = 10, 10


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds in which every frame has a brightness of its own, a key frame each second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"g": str(KEY_EVERY), "bf": "0", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(6 * RATE):
            image = np.full((48, 64, 3), 20 + 3 * number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    return path


def packets(film: Path) -> Iterator[av.Packet]:
    with av.open(str(film)) as source:
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                yield packet


def numbers(clip: Path, film: Path) -> list[int]:
    """The frames of the film that a clip shows."""
    whole = {level: number for number, level in enumerate(levels(film))}
    return [whole[level] for level in levels(clip)]


def levels(film: Path) -> list[int]:
    with av.open(str(film)) as source:
        return [int(frame.to_ndarray(format="gray")[24, 32]) for frame in source.decode(video=0)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment at which the present packet comes."""
    now = [100.0]
    monkeypatch.setattr("tapal_edge.clips.time.monotonic", lambda: now[0])
    return now


def play(recorder: ClipRecorder, film: Path, clock: list[float], wanted: dict[int, str]) -> None:
    for number, packet in enumerate(packets(film)):
        clock[0] = 100.0 + number / RATE
        if number in wanted:
            recorder.keep(wanted[number])
        recorder.packet(packet)
    recorder.close()


def test_a_clip_begins_before_the_event_and_ends_after_it(tmp_path: Path, film: Path, clock: list[float]) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1))
    play(recorder, film, clock, {35: "event-a"})
    clip = find(tmp_path, "event-a")
    assert clip is not None
    shown = numbers(clip, film)
    assert shown == list(range(20, 46)), "from the key frame a second before, to a second after, none missing"
    begins = begun(clip)
    assert begins is not None
    assert begins == pytest.approx(time.time() - 1.5, abs=3600), "the moment of its first frame, by the node's clock"


def test_a_clip_of_what_was_decoded_late_begins_before_it_all_the_same(
    tmp_path: Path, film: Path, clock: list[float]
) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1), late_s=2)
    play(recorder, film, clock, {35: "event-at-15"})
    clip = find(tmp_path, "event-at-15")
    assert clip is not None
    assert numbers(clip, film) == list(range(46)), "a second before 1.5 s begins with the key frame at 0"


def test_two_events_in_one_clip_are_found_by_both_names(tmp_path: Path, film: Path, clock: list[float]) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1))
    play(recorder, film, clock, {25: "event-a", 30: "event-b", 50: "event-c"})
    first, second, third = (find(tmp_path, f"event-{name}") for name in "abc")
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.samefile(second)
    assert numbers(first, film)[-1] == 40
    assert numbers(third, film)[0] in {30, 40}  # by rounding of the clock


def test_a_clip_cut_short_by_a_lost_camera_is_still_whole(tmp_path: Path, film: Path, clock: list[float]) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=30))
    play(recorder, film, clock, {55: "event-a"})
    clip = find(tmp_path, "event-a")
    assert clip is not None
    assert numbers(clip, film)[-1] == 59
    assert not list(tmp_path.rglob("*.partial"))


def test_a_folder_that_cannot_be_written_costs_only_the_clip(
    tmp_path: Path, film: Path, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    play(ClipRecorder(tmp_path / "file" / "gate", Clips(pre_s=1, post_s=1)), film, clock, {20: "event-a"})
    assert "counting goes on" in caplog.text


def place(folder: Path, name: str, size: int, age_h: float) -> Path:
    path = folder / "gate" / f"{name}.mp4"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_h * 3600,) * 2)
    return path


def test_the_oldest_clips_go_when_room_or_time_is_up(tmp_path: Path) -> None:
    for number in range(5):
        place(tmp_path, f"e{number}", 4_000_000, age_h=10 - number)
    place(tmp_path, "ancient", 10, age_h=80)
    assert prune(tmp_path, Clips(limit_mb=10)) == 4
    assert sorted(path.stem for path in tmp_path.glob("*/*.mp4")) == ["e3", "e4"]
    assert prune(tmp_path, Clips(limit_mb=10)) == 0


def test_a_clip_with_two_names_takes_its_room_once(tmp_path: Path) -> None:
    os.link(place(tmp_path, "a", 8_000_000, 1), tmp_path / "gate" / "b.mp4")
    assert prune(tmp_path, Clips(limit_mb=10)) == 0


def left(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*/*.mp4"))


def test_clips_of_open_alerts_go_last_and_outlive_their_time(tmp_path: Path) -> None:
    for number in range(5):
        place(tmp_path, f"e{number}", 4_000_000, age_h=90 - number)
    settings, keep = Clips(limit_mb=10, keep_h=100), frozenset({"e0", "e2"})
    assert prune(tmp_path, settings, keep=keep) == 3
    assert left(tmp_path) == ["e0", "e2"], "younger ones of nobody's interest made room"
    assert prune(tmp_path, Clips(limit_mb=10, keep_h=1), keep=keep) == 0, "their time is up, their alert is not"
    assert prune(tmp_path, Clips(limit_mb=10, keep_h=1)) == 2, "the alert is closed"


def test_the_bound_on_the_disk_holds_whatever_is_to_be_kept(tmp_path: Path) -> None:
    for number in range(5):
        place(tmp_path, f"e{number}", 4_000_000, age_h=9 - number)
    keep = frozenset(f"e{number}" for number in range(5))
    assert prune(tmp_path, Clips(limit_mb=10), keep=keep) == 3
    assert left(tmp_path) == ["e3", "e4"]


def test_a_film_of_two_events_is_kept_for_either(tmp_path: Path) -> None:
    os.link(place(tmp_path, "a", 8_000_000, 90), tmp_path / "gate" / "b.mp4")
    assert prune(tmp_path, Clips(limit_mb=10), keep=frozenset({"b"})) == 0
    assert left(tmp_path) == ["a", "b"]


class HeadAtTheMiddle:
    """Finds one person, in every second frame only."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, frame: np.ndarray) -> Detections:
        self.calls += 1
        return Detections.of([[16, 8, 48, 48]], ["person"]) if self.calls % 2 else Detections.none()


def test_a_copy_that_leaves_the_box_shows_no_head(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sharp = tmp_path / "sharp.mp4"
    with av.open(str(sharp), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(9):
            checks = np.kron(rng.integers(0, 2, (12, 16)), np.ones((4, 4)))[..., None] * np.full(3, 255)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(checks.astype(np.uint8), format="bgr24")))
        out.mux(stream.encode(None))
    out_path = tmp_path / "copy.mp4"
    assert export(sharp, out_path, HeadAtTheMiddle()) == 9  # type: ignore[arg-type]  # only detect() is asked
    with av.open(str(out_path)) as copy:
        for frame in copy.decode(video=0):
            image = frame.to_ndarray(format="gray")
            assert image[10:18, 20:44].std() < 0.6 * image[30:, :].std()


def test_a_clip_that_cannot_be_read_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    with pytest.raises(TapalError, match="cannot be exported"):
        export(tmp_path / "bad.mp4", tmp_path / "copy.mp4", HeadAtTheMiddle())  # type: ignore[arg-type]
    assert not (tmp_path / "copy.mp4").exists()


NOW_S = 1_772_000_000.0


@pytest.fixture
def wall(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """The node's clock, in step with the moments at which packets come: the film begins at NOW_S."""
    monkeypatch.setattr("tapal_edge.clips.time.time", lambda: NOW_S + clock[0] - 100.0)


def ask(recorder: ClipRecorder, film: Path, clock: list[float], at: int, moment: float, name: str = "missed") -> bool:
    """Play the film; ask for a moment, in seconds from its start, when so many frames have come."""
    known = False
    for number, packet in enumerate(packets(film)):
        clock[0] = 100.0 + number / RATE
        recorder.packet(packet)
        if number == at:
            known = recorder.keep_moment(name, NOW_S + moment, 0.0)
            assert recorder.is_at_work(f"{name}{PART}") == known
    return known


@pytest.mark.usefixtures("wall")
@pytest.mark.parametrize(
    ("at", "moment", "expected"),
    [
        pytest.param(50, 2.5, (10, 35), id="what-came-before"),
        pytest.param(30, 2.5, (10, 35), id="some-is-still-to-come"),
        pytest.param(30, 9.0, None, id="not-what-is-to-come"),
        pytest.param(55, 0.0, None, id="nor-what-is-forgotten"),
    ],
)
def test_a_moment_without_an_event_is_cut_from_what_is_remembered(
    tmp_path: Path, film: Path, clock: list[float], at: int, moment: float, expected: tuple[int, int] | None
) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1, recent_s=4))
    assert ask(recorder, film, clock, at, moment) == (expected is not None)
    clip = find(tmp_path, f"missed{PART}")
    if expected is None:
        assert clip is None
        return
    assert clip is not None
    assert not recorder.is_at_work(f"missed{PART}")
    assert numbers(clip, film) == list(range(expected[0], expected[1] + 1)), "from a key frame on"
    assert begun(clip) == pytest.approx(NOW_S + 1)
    assert clip.stat().st_mtime == pytest.approx(NOW_S + 3.5, abs=0.01), "its age is that of what it shows"
    assert recorder.showing(NOW_S + 2.5) == clip


@pytest.mark.usefixtures("wall")
def test_what_is_remembered_makes_no_events_clip_longer_and_ends_with_the_camera(
    tmp_path: Path, film: Path, clock: list[float]
) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1, recent_s=600))
    play(recorder, film, clock, {35: "event-a"})
    clip = find(tmp_path, "event-a")
    assert clip is not None
    assert numbers(clip, film)[0] == 20
    assert begun(clip) == pytest.approx(NOW_S + 2)
    assert not recorder.keep_moment("missed", NOW_S + 2, 0.0), "another stream, other packets"


@pytest.mark.usefixtures("wall")
def test_a_moment_is_found_in_the_clip_in_whose_middle_it_is(tmp_path: Path, film: Path, clock: list[float]) -> None:
    recorder = ClipRecorder(tmp_path / "gate-1", Clips(pre_s=1, post_s=1))
    play(recorder, film, clock, {25: "event-a", 45: "event-b"})
    for name, ends in (("event-a", 3.5), ("event-b", 5.5)):
        os.utime(recorder.path_of(name), (NOW_S + ends,) * 2)
    recorder.path_of("broken").write_bytes(b"no film")
    os.utime(recorder.path_of("broken"), (NOW_S + 6,) * 2)
    found = {moment: recorder.showing(NOW_S + moment) for moment in (0.5, 2.5, 3.4, 4.5, 5.6)}
    assert [path and path.stem for path in found.values()] == [None, "event-a", "event-b", "event-b", None]
