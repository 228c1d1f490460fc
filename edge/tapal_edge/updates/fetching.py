"""A bundle over HTTP(S), resumed where it broke off, kept only when it is the one that was offered."""

import hashlib
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tapal_contract.errors import TapalError
from tapal_contract.updates import ModelOffer

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
ANSWER_S = 30.0
PAUSES_S = (1.0, 5.0, 15.0, 60.0, 120.0)
"""Between attempts that brought nothing; one that brought something begins them anew."""
FINAL = {400, 401, 403, 404, 410}
Tick = Callable[[int, int], object]


class CancelledError(TapalError):
    """Nobody wants the bundle any more."""


def fetch(
    offer: ModelOffer,
    folder: Path,
    *,
    server: str | None = None,
    tls: ssl.SSLContext | None = None,
    tick: Tick | None = None,
    wait: Callable[[float], bool] | None = None,
) -> Path:
    """Return the file of the offered bundle in `folder`, fetched as far as it is not there.

    Args:
        offer: what to fetch.
        folder: where bundles and parts of them are kept.
        server: asked in place of the one the offer names, for nodes that reach it by another address.
        tls: whom to believe.
        tick: told how many bytes are there, and of how many.
        wait: waits so many seconds; true where nobody wants the bundle any more.

    Raises:
        TapalError: it cannot be had, or is another than was offered.
    """
    wait = wait or _sleep
    folder.mkdir(parents=True, exist_ok=True)
    target, part = folder / f"{offer.sha256}.tapal", folder / f"{offer.sha256}.part"
    if target.is_file() and _is_it(target, offer):
        return target
    failures = 0
    while (have := _size(part)) < offer.bytes:
        try:
            _go_on(_address(offer, server), part, have, offer.bytes, tls=tls, tick=tick, wait=wait)
        except urllib.error.HTTPError as error:
            if error.code in FINAL:
                raise TapalError(
                    f"the server answers {error.code} for the bundle of {offer.title}: roll it out anew"
                ) from error
            problem = f"answer {error.code}"
        except (OSError, EOFError, ValueError) as error:
            problem = str(error)
        else:
            continue
        failures = 1 if _size(part) > have else failures + 1
        if failures > len(PAUSES_S):
            raise TapalError(f"the bundle of {offer.title} does not come ({problem}): check the way to the server")
        log.warning("fetching %s broke off at %d of %d bytes: %s", offer.title, _size(part), offer.bytes, problem)
        if wait(PAUSES_S[failures - 1]):
            raise CancelledError("the bundle is not wanted any more")
    if not _is_it(part, offer):
        part.unlink()
        raise TapalError(f"what came is not the bundle of {offer.title} that was offered: roll it out anew")
    part.replace(target)
    return target


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _address(offer: ModelOffer, server: str | None) -> str:
    if server is None:
        return offer.url
    return server.rstrip("/") + urlsplit(offer.url).path


def _go_on(
    url: str,
    part: Path,
    have: int,
    total: int,
    *,
    tls: ssl.SSLContext | None,
    tick: Tick | None,
    wait: Callable[[float], bool],
) -> None:
    """Add to the part what comes in one answer."""
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the contract allows http and https only
    with urllib.request.urlopen(request, timeout=ANSWER_S, context=tls) as answer:  # noqa: S310 - as above
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        with part.open("ab" if resumed else "wb") as file:
            got = have if resumed else 0
            while chunk := answer.read(min(CHUNK, total + 1 - got)):
                file.write(chunk)
                got += len(chunk)
                if tick:
                    tick(min(got, total), total)
                if got > total:
                    raise ValueError(f"more than {total} bytes come")
                if wait(0.0):
                    raise CancelledError("the bundle is not wanted any more")
    if got < total:
        raise EOFError(f"it ended after {got} of {total} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_it(path: Path, offer: ModelOffer) -> bool:
    if path.stat().st_size != offer.bytes:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest() == offer.sha256
