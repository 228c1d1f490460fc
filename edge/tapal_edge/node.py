"""The composition root: puts a node together from its configuration, runs it, and takes it down in order."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from tapal_contract.errors import ConfigError, TapalError
from tapal_contract.events import Crossing
from tapal_contract.ids import new_id
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.tracker import TrackerSettings
from tapal_edge import choice
from tapal_edge.analyst import Analyst
from tapal_edge.commands import Commands
from tapal_edge.config import EdgeConfig, require_labels
from tapal_edge.evidence import Evidence
from tapal_edge.films import Films
from tapal_edge.geometry import overridden
from tapal_edge.health import Reporter
from tapal_edge.keyring import Keyring
from tapal_edge.messages import Author, Draft
from tapal_edge.outbox import Outbox
from tapal_edge.post import Post, is_recording, open_post
from tapal_edge.privacy import PERSON
from tapal_edge.recall_watch import RecallWatch
from tapal_edge.recorder import Recorder
from tapal_edge.sources.live import LiveCamera
from tapal_edge.transport import Identity, Link, Pace
from tapal_edge.updates.opening import open_models
from tapal_edge.updates.switching import SwitchingDetector
from tapal_edge.updates.updater import Updater
from tapal_edge.upkeep import Upkeep, warnings_of

log = logging.getLogger(__name__)

DRAIN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one run differs from the configuration.

    Attributes:
        config_path: the file the configuration came from, for errors that name its lines.
        events_out: also write each message, with its frame, to this file of lines.
        mqtt: whether to send to the broker.
        start_s: UTC seconds at which recordings begin; default now.
        drain_s: how long to wait at the end of recordings for the server to take the last messages.
        pace: how the link spends its time.
    """

    config_path: Path | None = None
    events_out: Path | None = None
    mqtt: bool = True
    start_s: float | None = None
    drain_s: float = DRAIN_S
    pace: Pace | None = None


def load_detector(config: EdgeConfig, config_path: Path | None = None, *, model: Path | None = None) -> Detector:
    """Open the model with every label any camera wants, and persons, whose heads are to be blurred.

    Args:
        config: the node.
        config_path: its file, for errors that name its lines.
        model: a file to open in place of the configured model.

    Raises:
        TapalError: no such model, not a detect export, or a label it does not have.
    """
    path = model or find(config.model)
    chosen = choice.read(config) if config.provider == "auto" else None
    if chosen is not None:
        log.info("running the model as 'tapal edge bench' chose: %s on %s", chosen.model, chosen.provider)
    wanted = {label for camera in config.cameras for label in camera.labels}
    # the unsure boxes keep tracks alive and tell where heads may be
    unsure = TrackerSettings().unsure
    # a node that counts slowly is better than one that does not start
    first = chosen.provider if chosen else "cpu" if config.provider == "auto" else config.provider
    providers = [first, "cpu"]
    if chosen is not None and model is None:
        path = Path(chosen.model)
    try:
        detector = Detector.load(
            path,
            size=config.size,
            labels=sorted(wanted | {PERSON}),
            confidence=unsure,
            providers=providers,
            threads=config.threads,
        )
    except TapalError:
        names = set(Detector.load(path, size=config.size, threads=config.threads).names)
        if config_path is not None:
            require_labels(config, config_path, names)
        if PERSON in names or not wanted <= names:
            raise
        detector = Detector.load(path, size=config.size, labels=sorted(wanted), confidence=unsure, providers=providers)
    if first != detector.provider:
        log.warning("provider %s is not available on this machine; running on %s", first, detector.provider)
    return detector


async def run(
    config: EdgeConfig,
    options: Options | None = None,
    *,
    detector: Detector | None = None,
    stop: asyncio.Event | None = None,
) -> int:
    """Run a node until its recordings are at their end, or until it is told to stop.

    Args:
        config: the node.
        options: see :class:`Options`.
        detector: an opened model, where several nodes share one; default: the configured one.
        stop: set it to end the run in good order.

    Returns:
        The number of messages that were made.

    Raises:
        TapalError: something a person can mend: the model, a recording, the outbox.
    """
    options = options or Options()
    stop = stop or asyncio.Event()
    config = overridden(config)
    if options.mqtt and config.mqtt is None:
        raise ConfigError("the configuration has no 'mqtt'; add mqtt: {url: mqtts://HOST:8883} or run with --no-mqtt")
    open_ = partial(_open_models, config, options, detector)
    model, updater = await asyncio.to_thread(open_)
    identity = Identity(config.site, config.node, new_id(), version("tapal"))
    with contextlib.ExitStack() as resources:
        outbox = resources.enter_context(Outbox(config.folder() / "outbox.db")) if options.mqtt else None
        recalls = RecallWatch(config.pairs)
        recorder = resources.enter_context(Recorder(outbox, options.events_out, on_draft=partial(_note, recalls)))
        bell = threading.Condition()
        make = partial(Author, config.node, config.site, boot=identity.boot, model=lambda: model.title)
        posts = _open_posts(config, options, make, recorder, bell)
        done, loop = asyncio.Event(), asyncio.get_running_loop()
        ring = partial(_set_from_thread, loop, done)
        analyst = Analyst(model, [post.seat for post in posts], bell, on_done=ring)
        evidence = Evidence(config.folder())
        films = Films(model, outbox) if outbox is not None else None
        if updater is not None:
            resources.enter_context(updater.running())
        async with _linked(
            config, options, identity, outbox, posts, recalls=recalls, evidence=evidence, updater=updater, films=films
        ) as link:
            async with Upkeep(config, analyst, posts, outbox, link, evidence, films).running():
                await _work(analyst, posts, done, stop)
            _complain(posts, analyst)
            if link is not None and outbox is not None:
                await _drain(link, outbox, 2.0 if stop.is_set() else options.drain_s)
        return recorder.count


def _open_models(
    config: EdgeConfig, options: Options, given: Detector | None
) -> tuple[SwitchingDetector, Updater | None]:
    if given is not None:
        return SwitchingDetector(given, given.name_version), None
    return open_models(
        config.folder(), config.updates, lambda path: load_detector(config, options.config_path, model=path)
    )


def _set_from_thread(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


def _open_posts(
    config: EdgeConfig,
    options: Options,
    author: Callable[[str], Author],
    recorder: Recorder,
    bell: threading.Condition,
) -> list[Post]:
    start_s = time.time() if options.start_s is None else options.start_s
    return [
        open_post(
            camera,
            author(camera.id),
            recorder,
            bell,
            start_s=start_s,
            folder=config.folder(),
            blur=config.privacy.blur == "heads",
            pictures=options.mqtt,
            clip_settings=config.clips,
        )
        for camera in config.cameras
    ]


@contextlib.asynccontextmanager
async def _linked(
    config: EdgeConfig,
    options: Options,
    identity: Identity,
    outbox: Outbox | None,
    posts: list[Post],
    *,
    recalls: RecallWatch,
    evidence: Evidence,
    updater: Updater | None,
    films: Films | None,
) -> AsyncIterator[Link | None]:
    """Keep the link to the server up for the length of the block."""
    if outbox is None or config.mqtt is None:
        yield None
        return
    keyring = Keyring.load(config.folder())
    links: list[Link] = []
    warn = partial(warnings_of, posts, links)
    reporter = Reporter(identity, posts, outbox, config.folder(), warn, recalls.of_camera)

    async def on_command(payload: bytes) -> None:
        await asyncio.to_thread(commands.take, payload)

    link = Link(
        config.mqtt, identity, outbox, health=reporter.report, on_command=on_command, pace=options.pace, keyring=keyring
    )
    links.append(link)
    outbox.spare = evidence.events
    commands = Commands(
        config,
        options.config_path,
        posts,
        evidence,
        show=link.show,
        on_answer=link.report_now,
        updater=updater,
        films=films,
    )
    reporter.answers = commands.answers
    if films is not None:
        films.on_answer = commands.tell
    if updater is not None:
        reporter.model, updater.on_change = updater.health, link.report_now
    task = asyncio.create_task(link.run(), name="mqtt link")
    try:
        with films.running() if films is not None else contextlib.nullcontext():
            yield link
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _note(recalls: RecallWatch, draft: Draft) -> None:
    if draft.model is Crossing:
        fields = draft.fields
        recalls.note(f"{fields['camera']}/{fields['line']}", (fields["time"].timestamp(), fields["direction"]))


async def _work(analyst: Analyst, posts: list[Post], done: asyncio.Event, stop: asyncio.Event) -> None:
    """Watch until the recordings end or the stop comes, then take sources and analyst down without losing a frame."""
    analyst.start()
    for post in posts:
        post.source.start()
    waits = [asyncio.create_task(event.wait(), name=name) for name, event in (("done", done), ("stop", stop))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        for post in posts:
            await asyncio.to_thread(post.source.stop)
        await asyncio.to_thread(analyst.stop)


def _complain(posts: list[Post], analyst: Analyst) -> None:
    if analyst.error is not None:
        raise analyst.error
    for post in posts:
        if is_recording(post.camera) and not isinstance(post.source, LiveCamera) and post.source.error is not None:
            raise post.source.error


async def _drain(link: Link, outbox: Outbox, seconds: float) -> None:
    try:
        await asyncio.wait_for(link.drained(), seconds)
    except TimeoutError:
        log.warning("%d messages wait in the outbox for the next run", outbox.backlog().messages)
