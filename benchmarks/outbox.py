"""Does a week offline fit the outbox? 3 million messages: bytes, and the time of each thing a node does with them.

Run: python -m benchmarks.outbox [--messages N]
"""

import argparse
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_detector.seen import CrossingSeen
from tapal_edge.messages import Author
from tapal_edge.outbox import Outbox

BATCH = 50_000
SEEN = CrossingSeen(
    time_s=0.0, frame_time_s=0.0, line="gate", direction="inbound", track=1234, label="person", confidence=0.87,
    box=(0.412, 0.332, 0.447, 0.561), visited={"counters": 42.1},
)  # fmt: skip


def fill(path: Path, messages: int) -> None:
    """Put messages in by the batch; one by one each would wait for the disk."""
    author = Author("nunukan-01", "tunon-taka", "gate-1", new_id(), "default@d3f81848")
    body = dump(author.seen(SEEN, 1.7e9).numbered(1))
    at = body.index(b'"seq":1') + len(b'"seq":')
    with contextlib.closing(sqlite3.connect(path)) as db:
        for start in range(0, messages, BATCH):
            numbers = range(start + 1, start + BATCH + 1)
            rows = ((seq, body[:at] + str(seq).encode() + body[at + 1 :]) for seq in numbers)
            db.executemany("INSERT INTO message VALUES (?, ?)", rows)
            db.execute("UPDATE number SET value = ? WHERE name = 'issued'", (start + BATCH,))
            db.commit()


def milliseconds(work: Callable[[int], object], times: int) -> float:
    """Median time of one run."""
    taken = []
    for number in range(times):
        begun = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def main() -> None:
    """Fill an outbox and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=3_000_000)
    messages = parser.parse_args().messages // BATCH * BATCH
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        Outbox(path).close()
        fill(path, messages)
        with Outbox(path) as outbox:
            author = Author("nunukan-01", "tunon-taka", "gate-1", new_id(), "default@d3f81848")
            draft = author.seen(SEEN, 1.7e9)
            add = milliseconds(lambda _: outbox.add(new_id(), lambda seq: dump(draft.numbered(seq))), 200)
            window = milliseconds(lambda number: outbox.window(number * 1000, 128), 200)
            acknowledge = milliseconds(lambda number: outbox.acknowledge((number + 1) * 128), 200)
            backlog = milliseconds(lambda _: outbox.backlog(), 20)
        size = path.stat().st_size
        begun = time.perf_counter()
        with Outbox(path):
            opened = time.perf_counter() - begun
    print(f"{messages:,} messages: {size / 1e9:.2f} GB, {size / messages:.0f} bytes each")
    print(f"add {add:.2f} ms, window of 128 {window:.2f} ms, acknowledge 128 {acknowledge:.2f} ms (medians)")
    print(f"backlog {backlog:.3f} ms, open again {opened:.2f} s")


if __name__ == "__main__":
    main()
