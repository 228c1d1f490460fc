"""What the broker should let each client do, as an ACL file of Mosquitto."""

from collections.abc import Iterable

from tapal_contract.topics import Leaf, Topic, subscription
from tapal_server.enrolment.service import NodeKey

__all__ = ["broker_acl"]

_SAID: tuple[Leaf, ...] = ("event", "media", "state", "health")
_HEARD: tuple[Leaf, ...] = ("ack", "command")


def broker_acl(keys: Iterable[NodeKey], server: str) -> str:
    """Rules for the server and for every node with a key that holds; whoever is not named may do nothing."""
    lines = ["# Made by 'tapal server broker-acl'; make it anew after nodes came or went, and send Mosquitto a SIGHUP."]
    lines += ["", f"user {server}"]
    lines += [f"topic read {subscription(leaf)}" for leaf in _SAID]
    lines += [f"topic write {subscription(leaf)}" for leaf in _HEARD]
    for node, site in sorted({(key.node, key.site) for key in keys if key.revoked_at is None}):
        lines += ["", f"user {node}"]
        lines += [f"topic write {Topic(site, node, leaf).path}" for leaf in _SAID]
        lines += [f"topic read {Topic(site, node, leaf).path}" for leaf in _HEARD]
    return "\n".join(lines) + "\n"
