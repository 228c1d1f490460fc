"""The passage log over the API."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from tapal_server.api.access import ActorOf, PartsOf
from tapal_server.api.problems import PROBLEMS
from tapal_server.passages.rows import read_rows

__all__ = ["router"]

router = APIRouter(prefix="/passages", tags=["passages"], responses=PROBLEMS)

Source = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00/]+$", examples=["simkim"])]
EXAMPLE = {
    "record_id": "4711",
    "recorded_at": "2026-03-02T14:00:25.151+08:00",
    "direction": "masuk",
    "checkpoint": "TTK",
    "persons": 1,
}


class BadRowOut(BaseModel):
    """A row that was not taken."""

    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="Line of the file; in a JSON list the first row is line 2.", examples=[2])
    reason: str = Field(examples=["persons 'x' is not a whole number from 1 to 500"])


class ImportOut(BaseModel):
    """What became of the rows; good ones are kept whatever happened to others."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    source: str
    at: datetime
    added: int
    unchanged: int
    corrected: int
    withdrawn: int
    rejected: int
    problems: list[BadRowOut]
    ignored_columns: list[str]


class Withdrawal(BaseModel):
    """Records that the log takes back."""

    model_config = ConfigDict(extra="forbid")

    record_ids: list[Annotated[str, Field(max_length=128, pattern=r"^[^\x00]*$")]] = Field(
        min_length=1, max_length=5000, examples=[["4711"]]
    )


class Withdrawn(BaseModel):
    """How many there were."""

    withdrawn: int


@router.post("")
def push(
    source: Source,
    rows: Annotated[list[dict[str, Any]], Body(min_length=1, max_length=20_000, examples=[[EXAMPLE]])],
    actor: ActorOf,
    parts: PartsOf,
) -> ImportOut:
    """Push rows with the fields of passages.csv; pushing again changes nothing, a difference corrects."""
    report, records = read_rows(rows, name="push", key=parts.keys.get("documents"))
    return ImportOut.model_validate(parts.services.passages.take(actor, source, report, records))


@router.post("/withdraw")
def withdraw(source: Source, body: Withdrawal, actor: ActorOf, parts: PartsOf) -> Withdrawn:
    """Take records back."""
    return Withdrawn(withdrawn=parts.services.passages.withdraw(actor, source, body.record_ids))
