"""What goes on beside the watching: signs of life for systemd, figures for Prometheus, warnings for health."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from tapal_contract import systemd
from tapal_edge.analyst import Analyst
from tapal_edge.clips import prune
from tapal_edge.config import EdgeConfig
from tapal_edge.evidence import Evidence
from tapal_edge.films import Films
from tapal_edge.health import hottest, resident_bytes
from tapal_edge.metrics import Figure, serve
from tapal_edge.outbox import Outbox
from tapal_edge.post import CLIPS, Post
from tapal_edge.sources.address import plain_passwords
from tapal_edge.sources.live import LiveCamera
from tapal_edge.transport import Link

log = logging.getLogger(__name__)

STUCK_S = 120.0


@dataclass(frozen=True)
class Upkeep:
    """Looks after a running node."""

    config: EdgeConfig
    analyst: Analyst
    posts: Sequence[Post]
    outbox: Outbox | None
    link: Link | None
    evidence: Evidence
    films: Films | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep it up for the length of the block."""
        async with contextlib.AsyncExitStack() as stack:
            if self.config.metrics is not None:
                port = await stack.enter_async_context(serve(self.config.metrics.port, self.figures))
                log.info("figures for Prometheus at http://127.0.0.1:%d/metrics", port)
            pulse = asyncio.create_task(self._pulse(), name="watchdog")
            try:
                yield
            finally:
                pulse.cancel()
                systemd.notify("STOPPING=1")
                with contextlib.suppress(asyncio.CancelledError):
                    await pulse

    @property
    def alive(self) -> bool:
        """Whether the analyst still takes turns; cameras have watchers of their own."""
        return time.monotonic() - self.analyst.last_turn < STUCK_S

    async def _pulse(self) -> None:
        """Prove health by work done, not by the process being there."""
        systemd.notify("READY=1")
        interval = systemd.watchdog_interval_s() or 15.0
        while True:
            online = sum(post.state == "online" for post in self.posts)
            waiting = self.outbox.backlog().messages if self.outbox else 0
            if self.alive:
                status = f"{online} of {len(self.posts)} cameras online, {waiting} messages wait"
                systemd.notify(f"WATCHDOG=1\nSTATUS={status}")
            else:
                log.critical("no frame was taken up for %g s; systemd is to restart this node", STUCK_S)
            if self.outbox is not None:
                await asyncio.to_thread(self.outbox.flush)
            if self.config.clips is not None:
                keep = self.evidence.events() | (self.films.wanted() if self.films is not None else frozenset())
                await asyncio.to_thread(prune, self.config.folder() / CLIPS, self.config.clips, keep=keep)
            await asyncio.sleep(min(interval, 15.0))

    def figures(self) -> Iterator[Figure]:
        """Measure now."""
        for post in self.posts:
            of = {"camera": post.name}
            yield Figure("tapal_camera_online", "gauge", "1 while frames come.", float(post.state == "online"), of)
            yield Figure("tapal_frames_analysed_total", "counter", "Frames analysed.", post.analysed, of)
            yield Figure("tapal_frames_skipped_total", "counter", "Frames due but not analysed.", post.skipped, of)
            view = post.seat.view
            yield Figure(
                "tapal_frames_idle_total",
                "counter",
                "Frames spared the model: nothing moved, or nobody near a line.",
                view.idle,
                of,
            )
            if view.gate is not None:
                audits, misses = view.gate.audits, view.gate.misses
                yield Figure("tapal_gate_audits_total", "counter", "Full looks to audit the gate.", audits, of)
                yield Figure("tapal_gate_misses_total", "counter", "Audits that found something new.", misses, of)
            yield Figure("tapal_scene_failures_total", "counter", "Times a scene failed.", post.seat.failures, of)
            if isinstance(post.source, LiveCamera):
                restarts = post.source.restarts
                yield Figure("tapal_camera_restarts_total", "counter", "Times the source was reopened.", restarts, of)
        if self.outbox is not None:
            backlog = self.outbox.backlog()
            yield Figure("tapal_outbox_messages", "gauge", "Messages not yet acknowledged.", backlog.messages)
            yield Figure("tapal_outbox_pictures", "gauge", "Pictures not yet stored by the server.", backlog.pictures)
            yield Figure("tapal_outbox_picture_bytes", "gauge", "Bytes of those pictures.", backlog.picture_bytes)
            dropped = backlog.pictures_dropped
            yield Figure("tapal_pictures_dropped_total", "counter", "Pictures given up for want of room.", dropped)
            uncounted = sum(backlog.only_counted.values())
            yield Figure("tapal_events_only_counted_total", "counter", "Events the disk had no room for.", uncounted)
        if self.link is not None:
            yield Figure("tapal_link_up", "gauge", "1 while connected.", float(self.link.connected.is_set()))
            yield Figure("tapal_link_reconnects_total", "counter", "Reconnections.", self.link.reconnects)
        memory, temperature = resident_bytes(), hottest()
        if memory is not None:
            yield Figure("tapal_memory_bytes", "gauge", "Resident memory.", memory)
        if temperature is not None:
            yield Figure("tapal_temperature_celsius", "gauge", "Hottest sensor.", temperature)


def warnings_of(posts: Sequence[Post], links: Sequence[Link]) -> list[str]:
    """What the office should know and no single camera tells."""
    found = []
    for post in posts:
        if isinstance(post.source, LiveCamera) and post.source.clock.steps:
            clock = post.source.clock
            step = f"{clock.last_step_s:+.0f} s"
            found.append(f"camera {post.name}: the node's clock was set {clock.steps} times, last by {step}")
        if plain_passwords(post.camera.source):
            found.append(f"camera {post.name}: its password can be read in the node's configuration; see 'edge secret'")
        if post.seat.failures:
            found.append(f"camera {post.name}: its scene failed {post.seat.failures} times; see the log of the node")
    found += [
        f"{link.strangers} acknowledgements were for another start; do two nodes have one name?"
        for link in links
        if link.strangers
    ]
    return found
