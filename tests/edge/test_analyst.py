"""Cameras at one table: fair turns, one model, and no camera's fault is another's."""

import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from tapal_contract.ids import new_id
from tapal_detector.detections import Detections
from tapal_edge.analyst import Analyst, Seat
from tapal_edge.config import Camera
from tapal_edge.messages import Author
from tapal_edge.outbox import Outbox
from tapal_edge.recorder import Recorder
from tapal_edge.sources.frame import Frame, Luma
from tapal_edge.sources.inbox import Inbox
from tapal_edge.view import View

WIDTH, HEIGHT = 640, 480
NOISE = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


class ReadsTheCorner:
    """Detects a person where the first pixels of the frame say, and remembers whom it served."""

    def __init__(self, batch: int = 1) -> None:
        self.batch = batch
        self.served: list[int] = []

    def detect_batch(self, frames):
        assert len(frames) <= self.batch
        self.served += [int(frame[0, 0, 1]) for frame in frames]
        return [self._person(int(frame[0, 0, 0])) for frame in frames]

    def _person(self, place: int) -> Detections:
        x = place * 4
        return Detections.of([[x - 20, 150, x + 20, 300]], ["person"])


def frame(index: int, place: int, camera: int = 0, *, cut: bool = False) -> Frame:
    image = NOISE.copy()
    image[0, 0] = (place, camera, 0)
    return Frame(index, index / 10, 1e9 + index / 10, image, cut)


class Table:
    """Cameras, an analyst, and what they recorded."""

    def __init__(self, folder: Path, cameras: int = 1, batch: int = 1, **settings: object) -> None:
        self.bell = threading.Condition()
        self.outbox = Outbox(folder / "outbox.db")
        self.recorder = Recorder(self.outbox, folder / "events.jsonl")
        self.detector = ReadsTheCorner(batch)
        self.seats = []
        for number in range(cameras):
            line = {"id": "gate", "from": [0.5, 0.1], "to": [0.5, 0.9]}
            camera = Camera.model_validate({"id": f"camera-{number}", "source": 0, "lines": [line], **settings})
            view = View(camera, Author("n", "s", camera.id, new_id(), "m@1"), self.recorder)
            self.seats.append(Seat(camera.id, Inbox(self.bell, newest_only=False), view))
        self.analyst = Analyst(self.detector, self.seats, self.bell)

    def walk(self, number: int, *, start: int = 40, stop: int = 120, cut_at: int = -1, cut_to: int = 0) -> None:
        """Send somebody across a camera's view, from left to right, on a thread of its own; then no more.

        At a cut the picture goes on with the person ``cut_to`` further right.
        """

        def send() -> None:
            for index, place in enumerate(range(start, stop, 4)):
                at = place + cut_to if 0 <= cut_at <= index else place
                if not self.seats[number].inbox.put(frame(index, at, number, cut=index == cut_at)):
                    return
            self.seats[number].inbox.close()

        threading.Thread(target=send, daemon=True).start()

    def events(self) -> list[dict]:
        self.analyst.start()
        self.analyst._thread.join(60)
        self.analyst.stop()
        return [json.loads(message.body) for message in self.outbox.window(0, 1000)]


@pytest.fixture
def make(tmp_path: Path):
    tables = []

    def make(**options: object) -> Table:
        tables.append(Table(tmp_path, **options))
        return tables[-1]

    yield make
    for table in tables:
        table.recorder.close()
        table.outbox.close()


def test_a_walk_is_one_crossing_with_a_picture_and_its_frame(make, tmp_path: Path) -> None:
    table = make()
    table.walk(0, start=42)
    events = table.events()
    assert [(event["type"], event["direction"]) for event in events] == [("crossing", "outbound")]
    line = json.loads((tmp_path / "events.jsonl").read_text())
    assert line["frame"] == 9, "between frames 9 and 10 the person passes the line"
    assert line["time"].startswith("2001-09-09T01:46:40.9")
    table.outbox.acknowledge(1)
    picture = table.outbox.pictures(limit=1)[0]
    assert picture.event_id == events[0]["id"]
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    head = image[155:185, 325:335]
    assert head.std() < 0.5 * NOISE[155:185, 325:335].std()


def test_every_camera_gets_its_turn(make) -> None:
    table = make(cameras=3)
    for number in range(3):
        table.walk(number)
    assert len(table.events()) == 3
    served = table.detector.served
    assert len(served) == 60
    assert all(served.count(number) == 20 for number in range(3))


def test_one_run_of_the_model_takes_a_frame_of_each_camera(make) -> None:
    table = make(cameras=3, batch=8)
    for number in range(3):
        table.walk(number)
    assert sorted(event["camera"] for event in table.events()) == ["camera-0", "camera-1", "camera-2"]


def test_a_scene_that_fails_begins_anew_and_the_others_go_on(make, caplog: pytest.LogCaptureFixture) -> None:
    table = make(cameras=2)
    view = table.seats[0].view
    take, calls = view.take, []

    def fail_once(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("a fault in this scene")
        take(*arguments)

    view.take = fail_once
    for number in range(2):
        table.walk(number)
    events = table.events()
    assert sorted(event["camera"] for event in events) == ["camera-0", "camera-1"]
    assert table.seats[0].failures == 1
    assert "a fault in this scene" in caplog.text


def test_a_model_that_fails_ends_the_analyst_with_its_error(make) -> None:
    table = make()
    table.detector.batch = 0
    table.detector.detect_batch = lambda _: 1 / 0
    table.walk(0)
    table.events()
    assert isinstance(table.analyst.error, ZeroDivisionError)


def test_a_cut_in_the_picture_carries_nobody_across(make) -> None:
    table = make()
    table.walk(0, start=52, stop=92, cut_at=5, cut_to=24)
    assert table.events() == []


def test_without_a_cut_who_walks_as_far_is_carried_across(make) -> None:
    table = make()
    table.walk(0, start=52, stop=116)
    assert len(table.events()) == 1


def test_who_asks_for_a_picture_gets_one_with_heads_blurred(make) -> None:
    table = make()
    pictures: list[bytes] = []
    table.seats[0].view.ask_for_picture(pictures.append)
    table.walk(0, start=40, stop=60)
    assert table.events() == []
    (jpeg,) = pictures
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (480, 640, 3)


def test_another_line_counts_from_the_next_frame_on(make) -> None:
    table = make()
    view = table.seats[0].view
    old = view.geometry
    view.watch((old[0][0].model_copy(update={"id": "new"}),), ())
    table.walk(0)
    assert [event["line"] for event in table.events()] == ["new"]


def test_regions_are_shown_to_the_model_too(make) -> None:
    table = make(cameras=2, batch=8)
    sizes: list[tuple[int, ...]] = []
    whole = table.detector.detect_batch

    def detect_batch(frames):
        sizes.extend(frame.shape[:2] for frame in frames)
        return whole(frames[:1]) + [Detections.none()] * (len(frames) - 1) if len(frames) == 2 else whole(frames)

    table.detector.detect_batch = detect_batch
    view = table.seats[1].view
    view.camera = view.camera.model_copy(update={"regions": ((0.0, 0.5, 0.5, 1.0),)})
    for number in range(2):
        table.walk(number)
    assert sorted(event["camera"] for event in table.events()) == ["camera-0", "camera-1"]
    assert sizes.count((HEIGHT, WIDTH)) == 40
    assert sizes.count((HEIGHT // 2, WIDTH // 2)) == 20


def test_a_region_too_small_to_show_anything_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"at least 0\.05 of the frame"):
        Camera.model_validate({"id": "c", "source": 0, "regions": [[0.1, 0.1, 0.12, 0.9]]})


def test_where_nothing_moves_the_model_rests_but_audits(make) -> None:
    table = make(motion_gate=True)

    def send() -> None:
        for index in range(300):
            table.seats[0].inbox.put(frame(index, 250))
        table.seats[0].inbox.close()

    threading.Thread(target=send, daemon=True).start()
    table.detector._person = lambda _: Detections.none()
    assert table.events() == []
    view = table.seats[0].view
    assert len(table.detector.served) < 60
    assert view.idle + view.frames == 300
    assert view.gate is not None
    assert view.gate.audits >= 2


def test_far_from_the_line_the_model_is_spared_frames_and_counts_the_same(make) -> None:
    crossings = {}
    for rest_fps in (None, 2.0):
        table = make(rest_fps=rest_fps)
        table.walk(0, start=2, stop=122)
        event = table.events()[-1]
        crossings[rest_fps] = (event["direction"], event["time"])
        view = table.seats[0].view
        assert view.idle + view.frames == 30
        assert view.frames == len(table.detector.served)
        assert (view.frames < 30) == (rest_fps is not None)
    assert crossings[None] == crossings[2.0]


def test_an_idle_camera_costs_no_pictures_and_its_view_is_examined_all_the_same(make) -> None:
    table, made = make(motion_gate=True), []
    table.detector._person = lambda _: Detections.none()

    def picture() -> np.ndarray:
        made.append(1)
        return NOISE

    def send() -> None:
        for index in range(300):
            dark = index > 100
            plane = np.full((HEIGHT, WIDTH), 16, np.uint8) if dark else np.ascontiguousarray(NOISE[:, :, 1])
            late = Frame(index, index / 10, 1e9 + index / 10, picture, luma=Luma(plane, black=16))
            table.seats[0].inbox.put(late)
        table.seats[0].inbox.close()

    threading.Thread(target=send, daemon=True).start()
    assert [(event["type"], event["event"]) for event in table.events()] == [("camera", "dark")]
    view = table.seats[0].view
    assert len(made) == view.frames, "only what the model saw"
    assert len(made) < 100
