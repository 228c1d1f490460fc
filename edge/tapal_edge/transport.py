"""The link to the server: MQTT with an outbox behind it, so that no broker has to be trusted.

A small window of messages is sent ahead of the server's acknowledgement. What the server does not acknowledge in time
is sent again, and nothing is deleted before. Pictures follow once the server has their event.
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiomqtt

from tapal_contract.clip import START as PIECE
from tapal_contract.errors import ConfigError, MessageError
from tapal_contract.events import dump, parse_event
from tapal_contract.media import wrap
from tapal_contract.node import Ack, Command, Health, State, parse_control
from tapal_contract.signing import split
from tapal_contract.topics import Leaf, Topic
from tapal_edge.clock import backoff
from tapal_edge.config import Mqtt
from tapal_edge.keyring import Keyring, require_fresh
from tapal_edge.outbox import Message, Outbox, Picture
from tapal_edge.patience import Patience
from tapal_edge.window import Window

log = logging.getLogger(__name__)

SHOWN_AT_MOST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the link spends its time, in seconds."""

    health_s: float = 30.0
    resend_s: float = 30.0
    shortest_resend_s: float = 2.0
    longest_resend_s: float = 120.0
    resend_pause_s: float = 2.0
    media_resend_s: float = 60.0
    first_retry_s: float = 1.0
    last_retry_s: float = 120.0
    pictures_at_once: int = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks: site, node, this start of it, and the version of the software."""

    site: str
    node: str
    boot: str
    version: str = ""

    def topic(self, leaf: Leaf) -> str:
        """Return the path of one of the node's topics."""
        return Topic(self.site, self.node, leaf).path

    def state(self, state: str, oldest_seq: int | None = None) -> bytes:
        """Return the birth (``online``) or will (``offline``)."""
        message = State.model_validate(
            {
                "node": self.node,
                "site": self.site,
                "boot": self.boot,
                "state": state,
                "time": datetime.now(UTC),
                "version": self.version,
                "oldest_seq": oldest_seq,
            }
        )
        return dump(message)


class Link:
    """Carries the outbox to the server for as long as :meth:`run` runs."""

    def __init__(
        self,
        settings: Mqtt,
        identity: Identity,
        outbox: Outbox,
        *,
        health: Callable[[], Health],
        on_command: Callable[[bytes], Awaitable[None]] | None = None,
        pace: Pace | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        self.connected = asyncio.Event()
        self.refused = asyncio.Event()
        self.reconnects = 0
        self.strangers = 0
        self.forged = 0
        self._keyring = keyring
        self._settings = settings
        self._identity = identity
        self._outbox = outbox
        self._health = health
        self._on_command = on_command
        self._pace = pace or Pace()
        self._sent = 0
        self._through = 0
        self._window = Window(settings.window)
        self._patience = Patience(
            self._pace.resend_s, self._pace.longest_resend_s, shortest_s=self._pace.shortest_resend_s
        )
        self._asked_for = 0
        self._asking = Patience(self._pace.resend_pause_s, self._pace.longest_resend_s)
        self._media_sent: dict[str, float] = {}
        self._news = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._report_due = asyncio.Event()
        self._shown: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(SHOWN_AT_MOST)
        self._loop = asyncio.get_running_loop()
        self._tls = _tls_context(settings) if settings.tls else None
        self._password = settings.password()
        outbox.on_change(self._ring)

    async def run(self) -> None:
        """Connect, carry, and connect again, until cancelled; then say goodbye."""
        waits = backoff(self._pace.first_retry_s, self._pace.last_retry_s)
        while True:
            try:
                async with self._client() as client:
                    waits = backoff(self._pace.first_retry_s, self._pace.last_retry_s)
                    await self._carry(client)
            except* aiomqtt.MqttError as errors:
                reason = str(errors.exceptions[0])
            self.reconnects += 1
            self.refused.set()
            wait = next(waits)
            log.warning("broker %s: %s; trying again in %.0f s", self._settings.url, reason, wait)
            await asyncio.sleep(wait)

    async def drained(self) -> None:
        """Wait until the server has acknowledged every message that is in the outbox now."""
        last = self._outbox.issued
        while self._outbox.through < last:
            self._acknowledged.clear()
            await self._acknowledged.wait()

    def report_now(self) -> None:
        """Send a health report out of turn; may be called from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._report_due.set)

    def show(self, command_id: str, jpeg: bytes) -> None:
        """Send the picture somebody asked for, now or never; may be called from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._enqueue, command_id, jpeg)

    def _enqueue(self, command_id: str, jpeg: bytes) -> None:
        if self.connected.is_set() and not self._shown.full():
            self._shown.put_nowait((command_id, jpeg))

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[aiomqtt.Client]:
        settings, identity = self._settings, self._identity
        state = identity.topic("state")
        async with aiomqtt.Client(
            settings.host,
            settings.port,
            identifier=f"tapal-{identity.site}-{identity.node}",
            username=settings.username,
            password=self._password,
            keepalive=settings.keepalive_s,
            tls_context=self._tls,
            clean_session=True,
            will=aiomqtt.Will(state, self._seal(identity.state("offline"), state), qos=1, retain=True),
            max_inflight_messages=settings.window,
        ) as client:
            client.pending_calls_threshold = settings.window  # a full window is no reason to warn
            try:
                for leaf in ("ack", "command"):
                    await client.subscribe(identity.topic(leaf), qos=1)
                birth = identity.state("online", self._outbox.held_from)
                await client.publish(state, self._seal(birth, state), qos=1, retain=True)
                self.refused.clear()
                log.info("connected to %s", settings.url)
                self.connected.set()
                yield client
            except asyncio.CancelledError:
                # a clean disconnect sends no will, so the goodbye is said here
                goodbye = self._seal(identity.state("offline"), state)
                await client.publish(state, goodbye, qos=1, retain=True, timeout=2)
                raise
            finally:
                self.connected.clear()

    async def _carry(self, client: aiomqtt.Client) -> None:
        self._rewind()
        self._media_sent.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(client), name="mqtt receive")
            tasks.create_task(self._send_messages(client), name="mqtt send")
            tasks.create_task(self._send_pictures(client), name="mqtt pictures")
            tasks.create_task(self._send_shown(client), name="mqtt snapshots")
            tasks.create_task(self._send_health(client), name="mqtt health")

    def _rewind(self) -> None:
        self._through = self._sent = self._outbox.through
        self._patience.repeats()
        self._news.set()

    def _ring(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def _send_messages(self, client: aiomqtt.Client) -> None:
        while _goes_on():
            self._news.clear()
            on_the_way = self._sent - self._through
            room = self._window.ahead - on_the_way
            waiting = await asyncio.to_thread(self._outbox.window, self._sent, max(0, room))
            if waiting:
                if not on_the_way:
                    self._patience.begin()
                self._sent = waiting[-1].seq
                self._patience.sent(self._sent)
                await self._publish_together(client, waiting)
            if not waiting:
                await self._wait_for_news()

    async def _publish_together(self, client: aiomqtt.Client, messages: list[Message]) -> None:
        """Publish in order without waiting for each: over a satellite every wait costs most of a second."""
        topic = self._identity.topic("event")
        async with asyncio.TaskGroup() as tasks:
            for message in messages:
                body = self._seal(_as_sent(message, self._identity.boot), topic)
                tasks.create_task(client.publish(topic, body, qos=1), name=f"mqtt publish {message.seq}")

    async def _wait_for_news(self) -> None:
        unanswered = self._sent > self._through
        try:
            # However much is seen meanwhile: that rings the bell, and must not put off the repeat.
            async with asyncio.timeout(max(0.0, self._patience.left_s) if unanswered else None):
                await self._news.wait()
        except TimeoutError:
            if self._sent > self._through:
                self._patience.unanswered()
                self._window.unanswered()
                log.warning("no acknowledgement of seq %d; sending again, more slowly", self._through + 1)
                self._rewind()

    async def _send_pictures(self, client: aiomqtt.Client) -> None:
        while _goes_on():
            now = time.monotonic()
            on_the_way = {name: at for name, at in self._media_sent.items() if now - at < self._pace.media_resend_s}
            self._media_sent = on_the_way
            room = self._pace.pictures_at_once - len(on_the_way)
            pictures = await asyncio.to_thread(self._outbox.pictures, limit=max(0, room), skip=frozenset(on_the_way))
            for picture in pictures:
                self._media_sent[picture.event_id] = time.monotonic()
                await self._publish_picture(client, _as_media(picture))
            if not pictures:
                await asyncio.sleep(0.5)

    async def _send_shown(self, client: aiomqtt.Client) -> None:
        while _goes_on():
            command_id, jpeg = await self._shown.get()
            await self._publish_picture(client, wrap(jpeg, command_id))

    async def _publish_picture(self, client: aiomqtt.Client, jpeg: bytes) -> None:
        topic = self._identity.topic("media")
        await client.publish(topic, self._seal(jpeg, topic), qos=1, timeout=60)

    def _seal(self, payload: bytes, topic: str) -> bytes:
        return payload if self._keyring is None else self._keyring.sign(payload, topic)

    async def _send_health(self, client: aiomqtt.Client) -> None:
        while _goes_on():
            self._report_due.clear()
            report = await asyncio.to_thread(self._health)
            topic = self._identity.topic("health")
            await client.publish(topic, self._seal(dump(report), topic), qos=0)
            if _goes_on():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.health_s):
                        await self._report_due.wait()

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            try:
                topic = Topic.parse(message.topic.value)
                await self._take(topic.leaf, self._checked(bytes(message.payload), topic))
            except MessageError as error:
                log.warning("ignored on %s: %s", message.topic, error)

    def _checked(self, payload: bytes, topic: Topic) -> bytes:
        if self._keyring is None:
            return split(payload).body
        try:
            body = self._keyring.check(payload, topic.path)
            if topic.leaf == "command":
                require_fresh(parse_control(Command, body))
        except MessageError:
            self.forged += 1
            raise
        return body

    async def _take(self, leaf: Leaf, payload: bytes) -> None:
        if leaf == "ack":
            await self._take_ack(parse_control(Ack, payload))
        elif leaf == "command" and self._on_command is not None:
            await self._on_command(payload)

    async def _take_ack(self, ack: Ack) -> None:
        if ack.boot not in {None, self._identity.boot}:
            self.strangers += 1
            log.warning("an acknowledgement for boot %s is not for this start; do two nodes have one name?", ack.boot)
            return
        renumbered = await asyncio.to_thread(self._outbox.acknowledge, ack.through, ack.media)
        self._acknowledged.set()
        for event_id in ack.media:
            self._media_sent.pop(event_id, None)
        if renumbered:
            self._rewind()
            return
        if ack.through > self._through:
            self._through = ack.through
            self._patience.answered(ack.through)
            self._window.answered()
        self._sent = max(self._sent, self._through)
        if ack.resend_from is not None and ack.resend_from <= self._sent and self._is_due(ack.resend_from):
            self._sent = max(self._through, ack.resend_from - 1)
            self._patience.repeats()
            self._window.lost()
        self._news.set()

    def _is_due(self, resend_from: int) -> bool:
        """Whether to heed a request: the server asks anew at each message behind the gap, once is enough."""
        if resend_from != self._asked_for:
            self._asked_for = resend_from
            self._asking.answered()
            return True
        if self._asking.left_s > 0:
            return False
        self._asking.unanswered()
        return True


def _as_media(picture: Picture) -> bytes:
    """A picture with the name of its event; a piece of a film names itself."""
    return picture.jpeg if picture.jpeg.startswith(PIECE) else wrap(picture.jpeg, picture.event_id)


def _as_sent(message: Message, boot: str) -> bytes:
    """Return the body with the number the outbox gives it and the start that sends it.

    The number differs after a change of disks. The start differs for what an earlier start left behind: the server
    acknowledges only what the present one sent, so under its old name such a message would wait for ever.
    """
    event = parse_event(message.body)
    if (event.seq, event.boot) == (message.seq, boot):
        return message.body
    return dump(event.model_copy(update={"seq": message.seq, "boot": boot}))


def _tls_context(settings: Mqtt) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.client_certificate is not None:
            context.load_cert_chain(settings.client_certificate, settings.client_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"mqtt: a certificate cannot be used ({error}); check ca_file, client_certificate and client_key"
        ) from error
    return context


def _goes_on() -> bool:
    """Whether nobody cancelled this task: in Python 3.11 `asyncio.wait_for`, by which the client waits, may lose that.

    Not for a task that goes on after a group of its own failed: one of 3.11 leaves its cancelling behind.
    """
    task = asyncio.current_task()
    return task is None or not task.cancelling()
