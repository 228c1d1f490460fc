"""Does a node's memory stay flat? As many frames as 24 h at 5 fps hold, through a whole node, as fast as it goes.

A recording of 160x120 (three minutes in which somebody crosses a line for a quarter of the time, over and over) goes
through a node as it runs: demuxer, decoder, motion gate, an ONNX model, tracker, line, zone, pictures, outbox, MQTT to
a broker with an office that acknowledges. Only the model and the frames are small, so that a day passes in minutes.
Frames and memory are those the node itself tells Prometheus.

Run: python -m benchmarks.edge_memory [--frames N]     (needs mosquitto)
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import aiomqtt
import av
import numpy as np

from tapal_contract.events import dump, parse_event
from tapal_contract.media import unwrap
from tapal_contract.node import Ack
from tapal_contract.topics import Topic
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_edge import node
from tapal_edge.config import load
from tapal_edge.sources.frame import Image
from tests.support import toymodel
from tests.support.services import free_port
from tests.support.services.mosquitto import mosquitto

DAY = 432_000
FPS = 5
CYCLE = 900
WIDTH, HEIGHT = 160, 120
CONFIG = """\
node: node
site: site
data_dir: {folder}/data
model: {folder}/toy.onnx
mqtt: {{url: {url}}}
metrics: {{port: {port}}}
cameras:
  - id: yard
    source: {folder}/day.mkv
    motion_gate: true
    lines: [{{id: gate, from: [0.5, 0.1], to: [0.5, 0.9]}}]
    zones: [{{id: desk, kind: counter, polygon: [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}}]
"""


class SeesTheSquare:
    """Runs the model on each frame, for its memory, and sees a person where the frame has its bright square."""

    def __init__(self, detector: Detector) -> None:
        self.batch, self.provider, self.name_version = detector.batch, detector.provider, "square@1"
        self.names, self.size = detector.names, detector.size
        self._detector = detector

    def detect_batch(self, frames: Sequence[Image]) -> list[Detections]:
        """Boxes in each of several frames."""
        self._detector.detect_batch(frames)
        return [_square(frame) for frame in frames]


def _square(frame: Image) -> Detections:
    columns = np.flatnonzero((frame[:, :, 1] > 200).sum(axis=0) > 20)
    if not len(columns):
        return Detections.none()
    return Detections.of([[columns[0], 40, columns[-1] + 1, 90]], ["person"])


def _cycle() -> Iterator[Image]:
    """Three minutes: somebody walks to and fro for a quarter of them, then nothing but the noise of the sensor."""
    rng = np.random.default_rng(3)
    ground = rng.integers(60, 120, (HEIGHT, WIDTH, 1), np.uint8).repeat(3, axis=2)
    for number in range(CYCLE):
        image = ground + rng.integers(0, 4, ground.shape, np.uint8)
        if number < CYCLE // 4:
            at = abs((number * 3) % (2 * (WIDTH - 20)) - (WIDTH - 20))
            image[40:90, at : at + 16] = 240
        yield image


def record(path: Path, frames: int) -> None:
    """Encode the three minutes once, and repeat their packets to the length wanted."""
    short = path.with_name("cycle.mkv")
    with av.open(str(short), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for image in _cycle():
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    with av.open(str(short)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        kept = [(bytes(packet), packet.is_keyframe) for packet in source.demux(video=0) if packet.size]
        for number in range(frames):
            data, key = kept[number % len(kept)]
            packet = av.Packet(data)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, FPS), key
            packet.pts = packet.dts = number
            out.mux(packet)


def office(port: int) -> None:
    """Acknowledge whatever comes, as the server does, in a process of its own."""
    asyncio.run(_acknowledge(port))


async def _acknowledge(port: int) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        topic = Topic("site", "node", "ack").path
        through = 0
        for leaf in ("event", "media"):
            await client.subscribe(topic.replace("ack", leaf), qos=1)
        async for message in client.messages:
            payload = bytes(message.payload)
            if message.topic.value.endswith("media"):
                ack = Ack(through=through, media=(unwrap(payload)[0],))
            else:
                through = max(through, parse_event(payload).seq)
                ack = Ack(through=through)
            await client.publish(topic, dump(ack), qos=1)


def figures(port: int) -> dict[str, float]:
    """What the node tells Prometheus now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {line.split("{")[0].split()[0]: float(line.split()[-1]) for line in lines}


async def measure(folder: Path, url: str, frames: int) -> list[tuple[int, float]]:
    """Run the node over the recording; return frames and megabytes, as they went."""
    port = free_port()
    (folder / "edge.yaml").write_text(CONFIG.format(folder=folder, url=url, port=port))
    config = load(folder / "edge.yaml")
    detector = SeesTheSquare(Detector.load(toymodel.save(folder / "toy.onnx")))
    running = asyncio.create_task(node.run(config, detector=detector))  # type: ignore[arg-type]  # the little that is asked of it
    seen: list[tuple[int, float]] = []
    begun = time.monotonic()
    while not running.done():
        await asyncio.wait([running], timeout=1.0)
        try:
            told = await asyncio.to_thread(figures, port)
        except OSError:  # not yet up, or down already
            continue
        count = int(told["tapal_frames_analysed_total"] + told["tapal_frames_idle_total"])
        seen.append((count, told["tapal_memory_bytes"] / 1e6))
        if len(seen) % 30 == 0:
            print(f"{count} frames, {seen[-1][1]:.1f} MB, {told['tapal_outbox_messages']:.0f} wait", flush=True)
    count = await running
    seconds = time.monotonic() - begun
    print(f"{frames} frames in {seconds:.0f} s ({frames / seconds:.0f} a second), {count} messages sent")
    return seen


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=DAY)
    frames = parser.parse_args().frames
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name) / "broker") as broker:
        folder = Path(name)
        record(folder / "day.mkv", frames)
        helper = multiprocessing.get_context("spawn").Process(target=office, args=(broker.port,))
        helper.start()
        try:
            seen = asyncio.run(measure(folder, broker.url, frames))
        finally:
            helper.terminate()
            helper.join()
    marks = [min(seen, key=lambda one: abs(one[0] - frames * share)) for share in (0.05, 0.25, 0.5, 0.75, 1.0)]
    for share, (count, megabytes) in zip(("start", "1/4", "1/2", "3/4", "end"), marks, strict=True):
        print(f"{share:>5}: {count:>7} frames, {megabytes:.1f} MB resident")
    print(f"from 1/4 to the end: {marks[-1][1] - marks[1][1]:+.1f} MB")


if __name__ == "__main__":
    main()
