"""What bodies and paths of several operations have in common."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = ["AlertId", "Id", "Since", "Strict", "Text", "Until", "Words"]

AlertId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$", examples=["unlogged_crossing-01a2"])]
ID_PATTERN = r"^[0-9a-f-]{36}$"
Id = Annotated[str, Path(pattern=ID_PATTERN, examples=["0198a5f2-7c1e-7c3a-9d52-3f6b1c2d4e5f"])]
Text = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
Words = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
Since = Annotated[AwareDatetime, Query(examples=["2026-03-01T00:00:00+08:00"])]
Until = Annotated[AwareDatetime, Query(examples=["2026-04-01T00:00:00+08:00"])]


class Strict(BaseModel):
    """A body without unknown fields."""

    model_config = ConfigDict(extra="forbid")
