from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tapal_contract.errors import ConfigError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import new_id
from tapal_contract.yamlfile import loads
from tapal_edge.config import EdgeConfig, Pair
from tapal_edge.health import Reporter, hottest, resident_bytes
from tapal_edge.outbox import Outbox
from tapal_edge.recall_watch import FEWEST_BY_BOTH, RecallWatch
from tapal_edge.sources.live import State
from tapal_edge.transport import Identity


@dataclass
class Seen:
    name: str = "gate-1"
    state: State = "online"
    detail: str = ""
    analysed: int = 0
    skipped: int = 3
    last_frame_utc_s: float | None = 1e9
    lines: tuple[LineSpec, ...] = ()
    zones: tuple[ZoneSpec, ...] = ()
    more: list[int] = field(default_factory=list)


def reporter(tmp_path: Path, outbox: Outbox, camera: Seen, **options: object) -> Reporter:
    return Reporter(Identity("site", "node", new_id()), [camera], outbox, tmp_path, **options)  # type: ignore[arg-type]


def test_a_report_tells_rates_since_the_last_one_and_what_waits(tmp_path: Path) -> None:
    camera = Seen(analysed=10)
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.add("e", lambda _: b"{}", b"jpeg")
        source = reporter(tmp_path, outbox, camera, recall=lambda _: 0.93)
        first = source.report()
        assert first.cameras[0].fps > 0
        assert source.report().cameras[0].fps == 0
    assert (first.queue, first.media_queue, first.oldest_seq) == (1, 1, 1)
    assert (first.cameras[0].skipped, first.cameras[0].recall) == (3, 0.93)
    assert first.disk_free_bytes
    assert first.memory_bytes


def test_what_was_given_up_is_said(tmp_path: Path) -> None:
    with Outbox(tmp_path / "o.db", media_bytes=10, in_memory=0) as outbox:
        outbox.add("a", lambda _: b"{}", b"longer than ten")
        pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
        outbox._db.execute(f"PRAGMA max_page_count = {pages}")
        outbox.add("b", lambda _: bytes(50_000), kind="gate-1 gate inbound")
        warnings = reporter(tmp_path, outbox, Seen(), warnings=lambda: ["from elsewhere"]).report().warnings
    assert warnings[0] == "from elsewhere"
    assert "1 pictures were dropped for want of room" in warnings
    assert "events that could only be counted: gate-1 gate inbound: 1" in warnings


def test_the_hottest_sensor_counts_and_broken_ones_do_not(tmp_path: Path) -> None:
    for name, value in (("thermal_zone0", "41000\n"), ("thermal_zone1", "67500\n"), ("thermal_zone2", "nonsense")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "temp").write_text(value)
    assert hottest(tmp_path) == 67.5
    assert hottest(tmp_path / "none") is None
    assert resident_bytes(tmp_path / "none") is None


PAIR = Pair(first="a/gate", second="b/gate", travel_s=4)


def test_two_lines_tell_each_others_recall_once_enough_passed_both() -> None:
    watch = RecallWatch([PAIR])
    for number in range(200):
        if number == FEWEST_BY_BOTH:
            assert watch.of_camera("a") is None, "too few to say anything"
        watch.note("a/gate", (number * 20.0, "inbound"))
        if number % 10:
            watch.note("b/gate", (number * 20.0 + 4, "inbound"))
        watch.note("c/other", (number * 20.0, "inbound"))
    assert watch.of_camera("a") == pytest.approx(1.0)
    assert watch.of_camera("b") == pytest.approx(0.9, abs=0.01)
    assert watch.of_camera("c") is None


def test_a_camera_that_started_later_is_not_blamed_for_what_came_before() -> None:
    watch = RecallWatch([PAIR])
    for number in range(300):
        watch.note("a/gate", (number * 20.0, "inbound"))
        if number >= 200:
            watch.note("b/gate", (number * 20.0 + 4, "inbound"))
    assert watch.of_camera("b") == pytest.approx(1.0, abs=0.02)


def test_a_pair_must_name_lines_there_are() -> None:
    text = "node: n\nsite: s\ncameras: [{id: a, source: 0}]\npairs:\n  - {first: a/gate, second: b/gate}\n"
    with pytest.raises(ConfigError, match=r"line 5, pairs\[0\].first: no line is called 'a/gate'"):
        loads(text, EdgeConfig, name="edge.yaml")
