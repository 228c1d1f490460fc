"""MQTT topics: ``tapal/1/{site}/{node}/{leaf}``."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from tapal_contract.errors import TopicError
from tapal_contract.ids import NAME_PATTERN

Leaf = Literal["event", "media", "state", "health", "ack", "command"]
LEAVES: tuple[Leaf, ...] = get_args(Leaf)
ROOT = "tapal/1"
_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of one node."""

    site: str
    node: str
    leaf: Leaf

    def __post_init__(self) -> None:
        for what, value in (("site", self.site), ("node", self.node)):
            if not _NAME.fullmatch(value):
                raise TopicError(
                    f"{what} {value!r} cannot stand in a topic: use lower-case letters, digits, dot, dash, underscore"
                )
        if self.leaf not in LEAVES:
            raise TopicError(f"topic leaf {self.leaf!r} is not one of {', '.join(LEAVES)}")

    @property
    def path(self) -> str:
        """The topic as the broker knows it."""
        return f"{ROOT}/{self.site}/{self.node}/{self.leaf}"

    @classmethod
    def parse(cls, path: str) -> "Topic":
        """Read a topic path.

        Raises:
            TopicError: not a topic of the contract.
        """
        return _parse(path)


@lru_cache(maxsize=10_000)  # a server hears the same few of each node all day
def _parse(path: str) -> Topic:
    parts = path.split("/")
    if len(parts) != 5 or "/".join(parts[:2]) != ROOT:
        raise TopicError(f"topic {path!r} is not {ROOT}/SITE/NODE/LEAF")
    _, _, site, node, leaf = parts
    for known in LEAVES:
        if leaf == known:
            return Topic(site=site, node=node, leaf=known)
    raise TopicError(f"topic {path!r} ends in {leaf!r}, not in one of {', '.join(LEAVES)}")


def subscription(leaf: Leaf, *, site: str = "+", node: str = "+") -> str:
    """Return the filter that matches one leaf of every node, or of the site and node given."""
    return f"{ROOT}/{site}/{node}/{leaf}"
