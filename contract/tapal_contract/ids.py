"""Identifiers: UUIDv7 for messages and starts, short names for nodes, sites, cameras, lines and zones."""

import re
import secrets
import uuid
from typing import Annotated

import uuid_utils
from pydantic import AfterValidator, Field

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LABEL_PATTERN = r"^[a-z][a-z0-9 _-]{0,31}$"
UUID_PATTERN = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")

Name = Annotated[str, Field(pattern=NAME_PATTERN, description="lower-case letters, digits, dot, dash and underscore")]
Label = Annotated[str, Field(pattern=LABEL_PATTERN, description="a COCO name such as person or boat")]


HIGHEST_SEQ = 2**53 - 1  # what every JSON reader and every database holds exactly
Seq = Annotated[int, Field(ge=1, le=HIGHEST_SEQ)]
Text = Annotated[str, Field(pattern="^[^\\x00]*$", description="without NUL, which PostgreSQL does not store")]


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562): unique, and sorted by the time of its making."""
    return str(uuid_utils.uuid7())


def id_at(moment_s: float) -> str:
    """Return a UUIDv7 of a moment, in UTC seconds, for what happened then and has no id of its own."""
    moment = round(moment_s * 1000) & (1 << 48) - 1
    chance = secrets.randbits(74)
    return str(uuid.UUID(int=moment << 80 | 0x7 << 76 | chance >> 62 << 64 | 0x2 << 62 | chance & (1 << 62) - 1))


def moment_of(identifier: str) -> float | None:
    """Return the moment in a UUIDv7, in UTC seconds; None of an id of another kind."""
    plain = identifier.replace("-", "")
    return int(plain[:12], 16) / 1000 if plain[12:13] == "7" else None


def _require_uuid(value: str) -> str:
    if not UUID_PATTERN.fullmatch(value):
        raise ValueError(f"{value!r} is not a UUID in lower-case hexadecimal form")
    return value


Uuid = Annotated[str, AfterValidator(_require_uuid), Field(json_schema_extra={"format": "uuid"})]
