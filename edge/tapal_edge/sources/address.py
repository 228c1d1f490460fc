"""The address of a camera: where its password stands in it, and how it is shown without one.

A password may be written ``${secret:NAME}``; then it is kept sealed (see :mod:`tapal_edge.safe`) and put in only in the
moment the camera is opened.
"""

import re
from collections.abc import Callable
from urllib.parse import quote

REFERENCE = re.compile(r"\$\{secret:([a-z0-9][a-z0-9._-]{0,63})\}")
_OF_USER = re.compile(r"://[^/:@\s]*:([^/\s]+)@")
# Some cameras want it in the path or the query: .../user=viewer_password=word_channel=1_stream=0.sdp
_PARAMETER = re.compile(
    r"(?<=[?&/_;])(?:password|passwd|pass|pwd|psw)=(.+?)(?=$|[&/?#;\s]|_(?:channel|stream)=)", re.IGNORECASE
)
_USER_PART = re.compile(r"(://)[^/@\s]*@")


def references(source: str) -> tuple[str, ...]:
    """Return the names of the secrets an address asks for."""
    return tuple(REFERENCE.findall(source))


def require_wellformed(source: str) -> None:
    """Refuse what looks like a reference and is none.

    Raises:
        ValueError: one sentence that says how to write it.
    """
    if "${" in REFERENCE.sub("", source):
        raise ValueError("a sealed password is written ${secret:NAME}, its name of lower-case letters, digits and .-_")
    if references(source) and "://" not in source:
        raise ValueError("only an address such as rtsp://USER:${secret:NAME}@HOST/PATH can hold a sealed password")


def filled(source: str, secret: Callable[[str], str]) -> str:
    """Return the address with its secrets in it, each letter that means something to an address escaped."""
    return REFERENCE.sub(lambda found: quote(secret(found[1]), safe=""), source)


def plain_passwords(source: str | int) -> list[tuple[int, int]]:
    """Return where passwords stand that anybody can read, from left to right."""
    if isinstance(source, int) or "://" not in source:
        return []
    found = [match.span(1) for pattern in (_OF_USER, _PARAMETER) for match in pattern.finditer(source)]
    return sorted((start, end) for start, end in found if not REFERENCE.search(source[start:end]))


def redacted(source: str | int) -> str:
    """Return the source without user, password and query."""
    text = str(source)
    if text.count("://") != 1 or " " in text:
        return _PARAMETER.sub("...", _USER_PART.sub(r"\1", text))
    scheme, _, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # A password with a slash in it ends behind what looks like the host.
    begin = (authority if "@" in authority else rest).rfind("@") + 1
    rest = rest[begin:]
    return _PARAMETER.sub("...", f"{scheme}://{re.split(r'[?#]', rest, maxsplit=1)[0]}")
