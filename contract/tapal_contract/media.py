"""Pictures on the wire: a plain JPEG whose comment segment names the event it belongs to.

The name travels inside the file, so the payload of ``.../media`` is a JPEG any viewer opens, and brokers that speak
only MQTT 3.1.1 (no user properties) can carry it. JPEG segments: ITU-T T.81, B.1.1 and B.2.4.5.
"""

from tapal_contract.errors import MessageError
from tapal_contract.ids import UUID_PATTERN

MAX_MEDIA_BYTES = 4 * 1024 * 1024
_START = b"\xff\xd8"
_COMMENT = b"\xff\xfe"
_PREFIX = b"tapal/1 event="


def wrap(jpeg: bytes, event_id: str) -> bytes:
    """Return the JPEG with a comment segment that names its event.

    Raises:
        MessageError: the bytes are not a JPEG, or the id is not a UUID.
    """
    if not jpeg.startswith(_START):
        raise MessageError("media must be a JPEG; these bytes do not begin like one")
    if not UUID_PATTERN.fullmatch(event_id):
        raise MessageError(f"media names event {event_id!r}, which is not a UUID")
    comment = _PREFIX + event_id.encode()
    return _START + _COMMENT + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[len(_START) :]


def unwrap(payload: bytes) -> tuple[str, bytes]:
    """Return the event id and the JPEG (still with its comment).

    Raises:
        MessageError: too large, not a JPEG, or not naming an event.
    """
    if len(payload) > MAX_MEDIA_BYTES:
        raise MessageError(f"media of {len(payload)} bytes is larger than the {MAX_MEDIA_BYTES} the contract allows")
    head = _START + _COMMENT + (len(_PREFIX) + 36 + 2).to_bytes(2, "big") + _PREFIX
    if not payload.startswith(head):
        raise MessageError("media must be a JPEG whose first segment is a comment that names its event")
    event_id = payload[len(head) : len(head) + 36].decode("ascii", errors="replace")
    if not UUID_PATTERN.fullmatch(event_id):
        raise MessageError(f"media names event {event_id!r}, which is not a UUID")
    return event_id, payload
