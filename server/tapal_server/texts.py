"""The text of a file that somebody sent."""

from tapal_server.errors import InvalidError

__all__ = ["decoded"]


def decoded(content: bytes, *, name: str) -> str:
    """UTF-8, with or without a byte order mark.

    Raises:
        InvalidError: it is not; the sentence says at which byte.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(f"{name}: is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
