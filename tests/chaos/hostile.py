"""Messages that want to do harm: malformed, truncated, oversized, out of every bound, in another's name."""

import json
import random
from collections.abc import Iterator

from tapal_contract.events import dump
from tapal_contract.media import wrap
from tapal_server.ingest.sorting import Incoming
from tests.server.edges import JPEG, Edge

FAR = "9999-12-31T23:59:59.999-14:00"
EXTREMES = (
    None,
    True,
    -1,
    0,
    10**30,
    2**63,
    2**53,
    1e308,
    float("inf"),
    float("nan"),
    "",
    "\x00",
    "a\x00b",
    "../../etc/passwd",
    "'; DROP TABLE events; --",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "x" * 5000,
    [],
    {},
    [[[[]]]],
    "0001-01-01T00:00:00.000+14:00",
    FAR,
    "2026-13-40T99:99:99Z",
    "\u202e",
    "%s%n",
    "${jndi:ldap://x}",
)
TOPICS = (
    "tapal/1/tunon-taka/../event",
    "tapal/1//event",
    "tapal/1/tunon-taka/x/command",
    "tapal/1/tunon-taka/x/ack",
    "tapal/2/tunon-taka/x/event",
    "tapal/1/tunon-taka/x/event/more",
    "tapal/1/TUNON/x/event",
    "tapal/1/a/" + "b" * 300 + "/event",
)


def broken(edge: Edge) -> Iterator[Incoming]:
    """One message for each extreme value in each field of an event, a health report and a birth, and stranger ones."""
    event, health, state = dump(edge.crossing()), edge.health().payload, edge.state().payload
    for leaf, payload in (("event", event), ("health", health), ("state", state)):
        document = json.loads(payload)
        for key in (*document, "surplus", "a\x00"):
            for value in EXTREMES:
                yield edge.on(leaf, json.dumps(document | {key: value}).encode())
        for cut in (0, 1, len(payload) // 2, len(payload) - 1):
            yield edge.on(leaf, payload[:cut])
        for odd in (b"\xff\xfe", b"null", b"[" * 100_000, b"{" * 5, b'"\\ud800"', b"\x00", b"9" * 20_000, payload * 2):
            yield edge.on(leaf, odd)
        yield edge.on(leaf, payload.replace(b"person", b"\\ud800"))
    for topic in TOPICS:
        yield Incoming(topic, event)
    yield edge.on("media", JPEG)
    yield edge.on("media", wrap(JPEG, json.loads(event)["id"]) + b"x" * 2**17)
    yield edge.on("media", wrap(JPEG, json.loads(event)["id"])[:30])


def flood(edge: Edge, count: int, seed: int = 8) -> Iterator[bytes]:
    """Payloads of events with some bytes changed, cut off, doubled or made long: few of them still readable."""
    chance = random.Random(seed)
    payload = dump(edge.crossing())
    for _ in range(count):
        spoiled = bytearray(payload)
        for _ in range(chance.randint(1, 8)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        kind = chance.randrange(4)
        if kind == 0:
            spoiled = spoiled[: chance.randrange(len(spoiled))]
        elif kind == 1:
            spoiled = bytearray(b"{") + spoiled
        elif kind == 2:
            spoiled += b" " * chance.choice((100, 20_000))
        yield bytes(spoiled)
