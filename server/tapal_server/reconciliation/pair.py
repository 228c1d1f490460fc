"""Which two logs an office wants compared."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ReconcilePair"]


class ReconcilePair(BaseModel):
    """Two sources of one site that should tell the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str = Field(description="Site whose checkpoint both log.")
    first: str = Field(description="A source, such as simkim.")
    second: str = Field(
        description="Another agency's source: compared with the first, and not correlated with the cameras."
    )
    settle_hours: float = Field(6.0, ge=0, le=72, description="A day is compared so long after it ended.")
