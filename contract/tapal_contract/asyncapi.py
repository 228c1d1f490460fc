"""The AsyncAPI 3.0 document and the JSON Schemas of the contract, built from the models alone."""

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from tapal_contract.clip import PIECE_BYTES
from tapal_contract.events import EVENT_TYPES, Event
from tapal_contract.looks import KIND as LOOKS_KIND
from tapal_contract.model import Frozen
from tapal_contract.node import Ack, Command, Health, State
from tapal_contract.topics import LEAVES, ROOT, Leaf

CONTRACT_VERSION = "1.7.0"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_JSON_LEAVES: dict[Leaf, tuple[type[Frozen], ...]] = {
    "event": EVENT_TYPES,
    "state": (State,),
    "health": (Health,),
    "ack": (Ack,),
    "command": (Command,),
}
_DESCRIPTION = """Messages between edge nodes and the server, over MQTT 3.1.1 or 5.

A node that was enrolled signs all it says, and gets signed what it is told. A signed JSON message has one member more,
its last: `"sig":"KEY.SIGNATURE"`, written just so, without spaces. KEY are the first 16 hexadecimal digits of the
SHA-256 of the signer's 32-byte Ed25519 public key, SIGNATURE is base64url without padding. Signed are the bytes
`tapal/1 signed`, a line feed, the topic, a line feed, and the message as sent but without that member. A signed picture
has a second comment segment, `tapal/1 sig=KEY.SIGNATURE`, right after the first; signed is the picture without it. A
signed piece of a film has a second line, `sig=KEY.SIGNATURE`; signed is the piece without it.
A node obeys commands signed by the server it was enrolled at and issued no more than ten minutes ago.
"""
_FROM_SERVER: frozenset[Leaf] = frozenset({"ack", "command"})
_PURPOSE: dict[Leaf, str] = {
    "event": "What the node saw. QoS 1; deleted at the node only after the server's ack.",
    "media": "A JPEG of an event, after its event, or of a snapshot command. Its first comment segment reads "
    "'tapal/1 event=<id>', the id being the event's or the command's. Or a piece of the film that a clip command asked "
    "for. QoS 1.",
    "state": "Retained birth and last will of the node.",
    "health": "Every 30 s, and at once after a command: frames, queue, temperature, disk, geometry, answers.",
    "ack": "The server has committed everything up to 'through'.",
    "command": "A request of the server; only the listed names are carried out.",
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return one JSON Schema (2020-12) per file name: the event union and each control message."""
    schemas = {"event": TypeAdapter(Event).json_schema(mode="serialization")}
    for leaf, models in _JSON_LEAVES.items():
        if leaf != "event":
            schemas[leaf] = models[0].model_json_schema(mode="serialization")
    return {
        f"{name}.schema.json": {"$schema": _DIALECT, "title": f"Tapal {name}", **_untitled(schema)}
        for name, schema in schemas.items()
    }


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document."""
    models = [(model, "serialization") for group in _JSON_LEAVES.values() for model in group]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # a literal mode
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tapal",
            "version": CONTRACT_VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "defaultContentType": "application/json",
        "channels": {leaf: _channel(leaf) for leaf in LEAVES},
        "operations": {f"{_verb(leaf)}-{leaf}": _operation(leaf) for leaf in LEAVES},
        "components": {"messages": _messages(), "schemas": definitions["$defs"]},
    }


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


def _verb(leaf: Leaf) -> str:
    return "receive" if leaf in _FROM_SERVER else "send"


def _names(leaf: Leaf) -> list[str]:
    return ["Media", "ClipPiece"] if leaf == "media" else [model.__name__ for model in _JSON_LEAVES[leaf]]


def _channel(leaf: Leaf) -> dict[str, Any]:
    return {
        "address": f"{ROOT}/{{site}}/{{node}}/{leaf}",
        "description": _PURPOSE[leaf],
        "parameters": {"site": {"description": "id of the site"}, "node": {"description": "id of the node"}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(leaf)},
        "bindings": {"mqtt": {}},
    }


def _operation(leaf: Leaf) -> dict[str, Any]:
    return {
        "action": _verb(leaf),
        "summary": f"The node {'receives' if leaf in _FROM_SERVER else 'sends'} {leaf} messages.",
        "channel": {"$ref": f"#/channels/{leaf}"},
        "messages": [{"$ref": f"#/channels/{leaf}/messages/{name}"} for name in _names(leaf)],
        "bindings": {"mqtt": {"qos": 1, "retain": leaf == "state"}},
    }


def _messages() -> dict[str, Any]:
    messages: dict[str, Any] = {
        model.__name__: {
            "title": model.__name__,
            "summary": (model.__doc__ or "").strip().splitlines()[0],
            "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        }
        for group in _JSON_LEAVES.values()
        for model in group
    }
    messages["Media"] = {
        "title": "Media",
        "summary": "A JPEG with heads blurred, naming its event or command in its first comment segment.",
        "contentType": "image/jpeg",
        "payload": {"type": "string", "format": "binary"},
    }
    messages["ClipPiece"] = {
        "title": "ClipPiece",
        "summary": "A piece of a film (MP4, H.264, heads blurred): the line 'tapal/1 clip=<id of the command> "
        f"piece=<n>/<of> sha256=<of the whole>', and at most {PIECE_BYTES} bytes; all but the last are full. It is "
        "acknowledged under the UUIDv5 of its number in the name space of the command's id. At its end the film may "
        f"say what was seen in it: a box of the kind uuid, {LOOKS_KIND}, then JSON with an entry for each frame, each "
        "a list of [label, confidence, x1, y1, x2, y2].",
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    }
    return messages
