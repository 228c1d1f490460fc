"""Figures for Prometheus, on loopback: no list of cameras is for the whole network to read."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tapal_contract.errors import TapalError

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
REQUEST_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def exposition(figures: Iterable[Figure]) -> str:
    """Write figures in Prometheus' text format, those of one name together."""
    lines: list[str] = []
    described: set[str] = set()
    for figure in sorted(figures, key=lambda each: each.name):
        if figure.name not in described:
            described.add(figure.name)
            lines += [f"# HELP {figure.name} {figure.help}", f"# TYPE {figure.name} {figure.kind}"]
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in figure.labels.items())
        lines.append(f"{figure.name}{{{labels}}} {figure.value:g}" if labels else f"{figure.name} {figure.value:g}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@asynccontextmanager
async def serve(port: int, figures: Callable[[], Iterable[Figure]]) -> AsyncIterator[int]:
    """Serve ``/metrics`` on loopback for the length of the block; yields the port.

    Raises:
        TapalError: the port is taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_WITHIN_S):
                request = await reader.readline()
                while (await reader.readline()).strip():
                    pass
            found = request.split()[:2] == [b"GET", b"/metrics"]
            body = exposition(await asyncio.to_thread(figures)).encode() if found else b"only GET /metrics is here\n"
            status = b"200 OK" if found else b"404 Not Found"
            head = b"HTTP/1.1 %b\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %d\r\n"
            writer.write(head % (status, len(body)) + b"Connection: close\r\n\r\n" + body)
            await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:  # a client that went away or talks nonsense
            log.debug("metrics request failed: %s", error)
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(answer, LOOPBACK, port)
    except OSError as error:
        raise TapalError(
            f"metrics port {port} cannot be used ({error.strerror}); choose another metrics.port"
        ) from error
    async with server:
        yield server.sockets[0].getsockname()[1]
