"""Identifiers: UUIDv7 for messages and starts, short names for nodes, sites, cameras, lines and zones."""

import re
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


def _require_uuid(value: str) -> str:
    if not UUID_PATTERN.fullmatch(value):
        raise ValueError(f"{value!r} is not a UUID in lower-case hexadecimal form")
    return value


Uuid = Annotated[str, AfterValidator(_require_uuid), Field(json_schema_extra={"format": "uuid"})]
