"""Which of a server's connections others could read on the wire."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

__all__ = ["database_is_guarded", "is_local", "plain_url"]

_CHECKED = {"verify-ca", "verify-full"}


def is_local(host: str | None) -> bool:
    """Whether a connection to this host never leaves the machine; none at all is a socket's file."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def plain_url(url: str) -> bool:
    """Whether an address asks for a link without TLS that leaves the machine."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "mqtt", "tcp"} and not is_local(parts.hostname)


def database_is_guarded(url: str) -> bool:
    """Whether the database is on this machine, or must show a certificate that is checked."""
    parts = urlsplit(url)
    if parts.scheme.startswith("sqlite"):
        return True
    asked = parse_qs(parts.query)
    return asked.get("sslmode", [""])[-1] in _CHECKED or all(map(is_local, _hosts(parts.netloc, asked)))


def _hosts(netloc: str, asked: dict[str, list[str]]) -> Iterator[str]:
    named = asked.get("host", [])
    if named:
        yield from ",".join(named).split(",")
        return
    for one in netloc.rpartition("@")[2].split(","):
        yield one.partition("]")[0] + "]" if one.startswith("[") else one.partition(":")[0]
