"""Posting to an address outside: only where it may, resolved once and connected to exactly that, never redirected."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tapal_contract.errors import TapalError

__all__ = ["Answer", "OutwardError", "Post", "post"]

_PATIENCE_S = 10.0
_MOST_READ = 4096


class OutwardError(TapalError):
    """An address that may not be used, or that did not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int

    @property
    def taken(self) -> bool:
        """Whether the other side took it."""
        return 200 <= self.status < 300


Post = Callable[[str, Mapping[str, str], bytes, bool], Answer]


def post(url: str, headers: Mapping[str, str], body: bytes, allow_private: bool = False) -> Answer:  # noqa: FBT001, FBT002 - the shape of Post
    """Send a body.

    A name is resolved once; if any of its addresses is not public the request is refused, else the connection goes to
    the address that was checked, so that a name cannot change its meaning between check and use.

    Raises:
        OutwardError: not https, an address of this machine or network, or nobody answered.
    """
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allow_private else {"https"}) or not parts.hostname:
        raise OutwardError(f"{parts.scheme}://{parts.hostname}: only https addresses are used")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = _address(parts.hostname, port, allow_private=allow_private)
        connection = _connect(parts.scheme, parts.hostname, address, port)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body=body, headers=dict(headers))
            answer = connection.getresponse()
            answer.read(_MOST_READ)
            return Answer(answer.status)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OutwardError(f"{parts.hostname}: could not be reached ({type(error).__name__})") from error


def _address(host: str, port: int, *, allow_private: bool) -> str:
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not allow_private:
        hidden = [address for address in found if not _is_public(address)]
        if hidden or not found:
            raise OutwardError(f"{host} is an address of this machine or network, and those are not posted to")
    return found[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)


def _connect(scheme: str, host: str, address: str, port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_S)
    connected = socket.create_connection((address, port), timeout=_PATIENCE_S)
    if scheme == "https":
        connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    connection.sock = connected
    return connection
