"""A film as a browser asks for it: whole, or the part it wants to jump to (RFC 9110, 14)."""

import re

from starlette.responses import Response

__all__ = ["film_response"]

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_TYPE = "video/mp4"


def film_response(film: bytes, wanted: str | None, *, keep_s: int) -> Response:
    """The film, or the one part of it that the header `Range` names; several parts at once are not served."""
    headers = {"Accept-Ranges": "bytes", "Cache-Control": f"private, max-age={keep_s}"}
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if found is None or found.groups() == ("", ""):
        return Response(film, media_type=_TYPE, headers=headers)
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return Response(film, media_type=_TYPE, headers=headers)
    size = len(film)
    if first:
        begin, end = int(first), min(int(last), size - 1) if last else size - 1
    else:
        begin, end = max(0, size - int(last)), size - 1
    if begin > end:
        unsatisfiable = {"Content-Range": f"bytes */{size}"}
        return Response(status_code=416, headers=headers | unsatisfiable)
    part = headers | {"Content-Range": f"bytes {begin}-{end}/{size}"}
    return Response(film[begin : end + 1], status_code=206, media_type=_TYPE, headers=part)
