import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tapal_contract.errors import TapalError
from tapal_edge.outbox import Outbox


def body(seq: int, event_id: str = "") -> bytes:
    return json.dumps({"seq": seq, "id": event_id or f"event-{seq}"}).encode()


def fill(outbox: Outbox, count: int, picture: bytes | None = None) -> None:
    for number in range(count):
        event_id = f"e{number}"
        outbox.add(event_id, lambda seq, event_id=event_id: body(seq, event_id), picture)


@pytest.fixture
def outbox(tmp_path: Path):
    with Outbox(tmp_path / "outbox.db") as box:
        yield box


def test_numbers_have_no_gap_and_survive_a_restart(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as first:
        fill(first, 3)
        first.acknowledge(3)
    with Outbox(tmp_path / "outbox.db") as second:
        assert second.issued == second.through == 3
        assert second.held_from == 4
        assert second.add("later", body) == 4


def test_a_window_begins_after_what_was_sent(outbox: Outbox) -> None:
    fill(outbox, 5)
    assert [message.seq for message in outbox.window(after=2, limit=2)] == [3, 4]


def test_only_what_the_ack_covers_is_deleted(outbox: Outbox) -> None:
    fill(outbox, 5)
    assert outbox.acknowledge(3) is False
    assert [message.seq for message in outbox.window(after=0, limit=9)] == [4, 5]
    outbox.acknowledge(1)  # an old ack, delivered again
    assert outbox.through == 3


def test_an_encoder_that_fails_uses_up_no_number(outbox: Outbox) -> None:
    def fail(seq: int) -> bytes:
        raise ValueError(seq)

    with pytest.raises(ValueError, match="1"):
        outbox.add("bad", fail)
    assert outbox.add("good", body) == 1


def test_pictures_wait_for_their_event_and_leave_by_name(outbox: Outbox) -> None:
    fill(outbox, 3, picture=b"jpeg")
    assert outbox.pictures(limit=9) == []
    outbox.acknowledge(2)
    assert [picture.event_id for picture in outbox.pictures(limit=9)] == ["e1", "e0"]
    assert [picture.event_id for picture in outbox.pictures(limit=9, skip=frozenset({"e1"}))] == ["e0"]
    outbox.acknowledge(2, media=("e1", "unknown"))
    assert [picture.event_id for picture in outbox.pictures(limit=9)] == ["e0"]
    assert outbox.backlog().picture_bytes == 2 * len(b"jpeg")


def test_pictures_are_bounded_and_the_oldest_go_first(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db", media_bytes=1_000) as box:
        fill(box, 30, picture=bytes(100))
        box.acknowledge(30)
        backlog = box.backlog()
        assert backlog.picture_bytes <= 1_000
        assert backlog.pictures + backlog.pictures_dropped == 30
        assert box.pictures(limit=1)[0].event_id == "e29"


def test_a_replaced_disk_numbers_on_from_the_server(outbox: Outbox) -> None:
    fill(outbox, 3, picture=b"jpeg")
    assert outbox.acknowledge(1_000) is True
    assert [message.seq for message in outbox.window(after=0, limit=9)] == [1_001, 1_002, 1_003]
    assert outbox.add("next", body) == 1_004
    outbox.acknowledge(1_004)
    assert len(outbox.pictures(limit=9)) == 3


def test_a_replaced_empty_disk_numbers_on_from_the_server(outbox: Outbox) -> None:
    outbox.acknowledge(1_000)
    assert outbox.add("next", body) == 1_001


def limit_pages(outbox: Outbox, pages: int | None) -> None:
    """Let the file grow no further than this, as on a full disk."""
    outbox._db.execute(f"PRAGMA max_page_count = {pages or 1_000_000}")


def test_pictures_of_open_alerts_are_given_up_last(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db", media_bytes=100) as box:
        box.spare = lambda: {"e0", "e1"}
        for number in range(5):
            box.add(f"e{number}", body, bytes(24))
        box.acknowledge(5)
        assert {picture.event_id for picture in box.pictures(limit=9)} == {"e0", "e1", "e4"}


def test_a_full_disk_costs_pictures_then_waits_in_memory_then_counts(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db", in_memory=5) as box:
        fill(box, 10, picture=bytes(8_000))
        (pages,) = box._db.execute("PRAGMA page_count").fetchone()
        limit_pages(box, pages)
        stored = 10
        while box.add("more", lambda _: bytes(500), kind="gate inbound") is not None:
            stored += 1
        assert box.backlog().pictures_dropped > 0
        assert box.backlog().pictures == 0
        for _ in range(7):
            box.add("even more", lambda _: bytes(500), kind="gate inbound")
        backlog = box.backlog()
        assert backlog.in_memory == 5
        assert backlog.only_counted == {"gate inbound": 3}
        assert box.issued == stored

        limit_pages(box, None)
        assert box.flush()
        assert box.issued == stored + 5
        assert [message.seq for message in box.window(0, 10_000)] == list(range(1, stored + 6))


def test_a_damaged_file_is_put_aside_not_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"this was a database once" * 1_000)
    with Outbox(path) as box:
        assert box.add("first", body) == 1
    assert (tmp_path / "outbox.db.damaged").read_bytes().startswith(b"this was")
    assert "damaged" in caplog.text


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TapalError, match="choose another data_dir"):
        Outbox(tmp_path / "file" / "outbox.db")


WRITER = """
import sys
from pathlib import Path
from tapal_edge.outbox import Outbox
box = Outbox(Path(sys.argv[1]))
while True:
    seq = box.add(f"e{box.issued + 1}", lambda seq: str(seq).encode(), bytes(20_000))
    print(seq, flush=True)
"""


def test_a_power_cut_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    path, last = tmp_path / "outbox.db", 0
    for cut_after in (1, 7, 40):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _ in range(cut_after):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        last = max([last, *(int(line) for line in rest.split("\n")[:-1])])
        with Outbox(path) as box:
            messages = box.window(0, 100_000)
            assert [message.seq for message in messages] == list(range(1, box.issued + 1))
            assert [int(message.body) for message in messages] == list(range(1, box.issued + 1))
            assert box.issued >= last
            assert box.backlog().pictures == box.issued


class Delivery(RuleBasedStateMachine):
    """Any order of seeing, sending, losing, repeating, acknowledging, power cuts: all arrive once, in order."""

    @initialize()
    def start(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.box = Outbox(Path(self.folder.name) / "outbox.db")
        self.seen = 0
        self.sent = 0
        self.network: list[int] = []
        self.server: list[int] = []
        self.acks: list[int] = []

    @rule()
    def see(self) -> None:
        self.seen += 1
        self.box.add(f"e{self.seen}", body)

    @rule(limit=st.integers(1, 4))
    def send(self, limit: int) -> None:
        for message in self.box.window(self.sent, limit):
            assert json.loads(message.body)["seq"] == message.seq
            self.network.append(message.seq)
            self.sent = message.seq

    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        if not self.network:
            return
        seq = self.network.pop(data.draw(st.integers(0, len(self.network) - 1)))
        if data.draw(st.booleans()):
            self.network.append(seq)  # a repeat is still on its way
        through = self.server[-1] if self.server else 0
        if seq == through + 1:
            self.server.append(seq)
        elif seq > through + 1:
            self.sent = through  # the server asked for a resend
        self.acks.append(self.server[-1] if self.server else 0)

    @rule()
    def lose_everything_on_its_way(self) -> None:
        self.network.clear()
        self.acks.clear()
        self.sent = self.box.through

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        if self.acks:
            assert self.box.acknowledge(self.acks.pop(data.draw(st.integers(0, len(self.acks) - 1)))) is False

    @rule()
    def restart(self) -> None:
        self.box.close()
        self.box = Outbox(Path(self.folder.name) / "outbox.db")
        self.sent = self.box.through

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "box"):
            return
        assert self.server == list(range(1, len(self.server) + 1))
        held = [message.seq for message in self.box.window(0, 10_000)]
        assert held == list(range(self.box.through + 1, self.seen + 1))
        assert self.box.backlog().messages == len(held)

    def teardown(self) -> None:
        if hasattr(self, "box"):
            self.box.close()
            self.folder.cleanup()


Delivery.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestDelivery = Delivery.TestCase
