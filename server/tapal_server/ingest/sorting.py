"""From bytes on a topic to what they mean, or to the reason why they mean nothing."""

import json
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from tapal_contract.clip import START as PIECE
from tapal_contract.clip import Piece, read_piece
from tapal_contract.errors import MessageError, TopicError
from tapal_contract.events import MAX_EVENT_BYTES, CameraEvent, Crossing, VesselEvent, ZoneEvent, parse_event
from tapal_contract.ids import Name, Uuid
from tapal_contract.media import MAX_MEDIA_BYTES, unwrap
from tapal_contract.node import MAX_CONTROL_BYTES, Health, State, parse_control
from tapal_contract.topics import Leaf, Topic
from tapal_server.ingest.proof import Flaw, Proof

__all__ = ["Code", "FilmPiece", "Incoming", "Picture", "Refused", "Sorted", "Unreadable", "refuse", "sort_out"]

_SENTENCES: dict[Flaw, str] = {
    "unsigned": "{} is enrolled, and this message is not signed",
    "forged": "the signature is not of this message; {} did not send it so",
    "wrong_key": "the signature is made with a key that is not one of {}",
    "revoked": "the key of {} was revoked; enrol the node anew",
}
Code = Literal["topic", "too_large", "malformed", "foreign", "unstorable", "replayed"] | Flaw
AnyEvent = Crossing | ZoneEvent | VesselEvent | CameraEvent


LARGEST: dict[Leaf, int] = {
    "event": MAX_EVENT_BYTES,
    "media": MAX_MEDIA_BYTES,
    "state": MAX_CONTROL_BYTES,
    "health": MAX_CONTROL_BYTES,
    "ack": MAX_CONTROL_BYTES,
    "command": MAX_CONTROL_BYTES,
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the broker delivered it."""

    topic: str
    payload: bytes


class Unreadable(BaseModel):
    """What must be legible of a message that is not of the contract, so that it can be counted in its place.

    Without it the node's sequence would have a hole that no resend can fill, and the node would be stuck for ever.
    """

    id: Uuid
    node: Name
    site: Name
    boot: Uuid
    seq: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an event."""

    node: str
    site: str
    event_id: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class FilmPiece:
    """A piece of a film somebody asked for."""

    node: str
    site: str
    piece: Piece


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that is kept only as a count and a reason; `place` is its place in the node's sequence, if legible."""

    message: Incoming
    code: Code
    reason: str
    site: str | None = None
    node: str | None = None
    place: Unreadable | None = None


class _RefusalError(MessageError):
    """A message the contract allows, or is not asked about, and that is refused all the same."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code: Code = code


Sorted = AnyEvent | Picture | FilmPiece | State | Health | Refused


def refuse(message: Incoming, reason: str) -> Refused:
    """Refuse a message that may well be of the contract, keeping its place if it names it."""
    try:
        topic = Topic.parse(message.topic)
    except TopicError:
        return Refused(message, "topic", reason)
    return _refused(message, topic, "unstorable", reason)


def sort_out(message: Incoming, *, largest_picture: int, proof: Proof) -> Sorted:
    """What the message means; whoever speaks for another node or site, or cannot prove who they are, is refused."""
    try:
        topic = Topic.parse(message.topic)
    except TopicError as error:
        return Refused(message, "topic", str(error))
    body, flaw = proof.check(message.payload, topic)
    if flaw is not None:
        # Its place in the sequence is not kept: what is not the node's must not stand where the node's own will come.
        return Refused(message, flaw, _SENTENCES[flaw].format(topic.node), topic.site, topic.node)
    message = Incoming(message.topic, body)
    try:
        return _read(topic, message, largest_picture)
    except _RefusalError as error:
        return _refused(message, topic, error.code, str(error))
    except MessageError as error:
        return _refused(message, topic, "malformed", str(error))


def _refused(message: Incoming, topic: Topic, code: Code, reason: str) -> Refused:
    place = _place(message.payload, topic) if topic.leaf == "event" else None
    return Refused(message, code, reason, topic.site, topic.node, place)


def _read(topic: Topic, message: Incoming, largest_picture: int) -> Sorted:
    payload = message.payload
    if topic.leaf == "media" and payload.startswith(PIECE):
        return FilmPiece(topic.node, topic.site, read_piece(payload))
    if topic.leaf == "media":
        if len(payload) > largest_picture:
            reason = f"a picture of {len(payload)} bytes is larger than the {largest_picture} allowed here"
            raise _RefusalError("too_large", reason)
        event_id, jpeg = unwrap(payload)
        return Picture(topic.node, topic.site, event_id, jpeg)
    if len(payload) > LARGEST[topic.leaf]:
        raise _RefusalError(
            "too_large", f"a message of {len(payload)} bytes is larger than the {LARGEST[topic.leaf]} allowed"
        )
    if topic.leaf == "event":
        spoken: AnyEvent | State | Health = parse_event(payload)
    elif topic.leaf == "state":
        spoken = parse_control(State, payload)
    elif topic.leaf == "health":
        spoken = parse_control(Health, payload)
    else:
        raise _RefusalError("topic", f"topic {message.topic!r} is not for the server")
    if (spoken.site, spoken.node) != (topic.site, topic.node):
        raise _RefusalError(
            "foreign", f"a message of {spoken.site}/{spoken.node} came on the topic of {topic.site}/{topic.node}"
        )
    return spoken


def _place(payload: bytes, topic: Topic) -> Unreadable | None:
    if len(payload) > 4 * MAX_EVENT_BYTES:
        return None
    try:
        found = Unreadable.model_validate(json.loads(payload))
    except (ValidationError, ValueError, RecursionError):
        return None
    own = (found.node, found.site) == (topic.node, topic.site)
    return found if own and 1 <= found.seq < 2**53 else None
