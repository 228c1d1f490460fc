"""Whether the server lives and is ready."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from tapal_server.api.access import PartsOf
from tapal_server.db import migrate

__all__ = ["router"]

router = APIRouter(tags=["running"])


class Alive(BaseModel):
    """The process answers."""

    status: str = Field("ok", examples=["ok"])


class Ready(BaseModel):
    """Whether the server can do its work, part by part."""

    ready: bool
    database: bool = Field(description="reachable, with the tables of this version")
    broker: bool = Field(description="connected, or none configured")
    storage: bool = Field(description="took what came last: neither full nor away")
    correlator: bool = Field(description="has caught up and runs")


@router.get("/health")
def health() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/ready", responses={503: {"model": Ready}})
def ready(response: Response, parts: PartsOf) -> Ready:
    """200 when database, broker, storage and correlator work; else 503 with what is missing."""
    try:
        database = migrate.current(parts.database) == migrate.newest()
    except SQLAlchemyError:
        database = False
    broker = parts.subscriber is None or parts.subscriber.connected.is_set()
    storage = parts.subscriber is None or parts.subscriber.stores
    found = Ready(
        ready=database and broker and storage and parts.correlator.running,
        database=database,
        broker=broker,
        storage=storage,
        correlator=parts.correlator.running,
    )
    response.status_code = 200 if found.ready else 503
    return found
