"""Where an AIS receiver is."""

from urllib.parse import urlsplit

__all__ = ["ais_url"]


def ais_url(url: str) -> str:
    """The same, if it is such an address."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in {"udp", "tcp"} or not parts.hostname or port is None:
        raise ValueError(f"{url!r} is no AIS address; write udp://0.0.0.0:10110 to listen, or tcp://receiver:10110")
    return url
