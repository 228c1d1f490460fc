"""What server and nodes say of models: which one is offered, within which bounds it must stay, how it fares."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tapal_contract.ids import HIGHEST_SEQ, Text
from tapal_contract.model import Frozen

WORD = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
MAX_BUNDLE_BYTES = 1024**3 + 2 * 1024**2
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class ModelBounds(Frozen):
    """How a new model is compared with the one in use, on the same frames, before and after the switch.

    A bound is judged only when both ``frames`` were compared and the two together had ``boxes`` sure boxes: on an empty
    pier every model agrees with every other. Where that does not come about within ``longest_s``, the old model stays.
    """

    frames: int = Field(default=300, ge=1, le=1_000_000, description="compared before the switch, and again after it")
    boxes: int = Field(default=50, ge=0, le=1_000_000, description="sure boxes of both together, at least")
    longest_s: float = Field(default=3600.0, gt=0.0, le=30 * 86_400.0, description="of each of the two comparisons")
    agreement: Share = Field(default=0.8, description="least share of one's sure boxes that the other has, too")
    counts: tuple[float, float] = Field(default=(0.8, 1.25), description="sure boxes, new over old: least and most")
    latency: float = Field(default=1.5, gt=0.0, le=1000.0, description="median time of a frame, new over old: most")
    share: float = Field(
        default=0.5, gt=0.0, le=1.0, description="most of the time that the second model may take beside the first"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        least, most = self.counts
        if not 0 <= least <= most <= 1000:
            raise ValueError(f"'counts' {list(self.counts)} is not [least, most]; write [0.8, 1.25]")
        return self


class ModelOffer(Frozen):
    """A signed bundle that a node is to fetch, try and use."""

    name: str = Field(pattern=WORD)
    version: str = Field(pattern=WORD)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the bundle")
    bytes: int = Field(ge=1, le=MAX_BUNDLE_BYTES, description="of the bundle")
    url: Text = Field(pattern=r"^https?://[^\s]+$", max_length=1000, description="where it is; answers to Range")
    bounds: ModelBounds = ModelBounds()

    @property
    def title(self) -> str:
        """NAME@VERSION."""
        return f"{self.name}@{self.version}"


ModelState = Literal["steady", "fetching", "shadow", "watching", "failed"]


class ModelHealth(Frozen):
    """Which model a node uses, and how a change of it goes.

    ``steady``: nothing goes on. ``fetching``: the bundle comes. ``shadow``: the candidate looks at the same frames and
    counts nothing. ``watching``: it counts, and the one before looks on. ``failed``: it was not taken or was given up
    again, ``detail`` says why; the model in use is ``active`` all the same.
    """

    active: Text = Field(max_length=200, description="NAME@VERSION, or what the file says of itself")
    state: ModelState
    candidate: Text | None = Field(default=None, max_length=200, description="tried now, or that failed last")
    previous: Text | None = Field(default=None, max_length=200, description="to which the node can go back at once")
    fetched: Share | None = Field(default=None, description="of the bundle that comes")
    frames: int = Field(default=0, ge=0, le=HIGHEST_SEQ, description="compared so far in this state")
    agreement: Share | None = None
    counts: float | None = Field(default=None, ge=0.0, description="sure boxes, candidate over the other")
    latency: float | None = Field(default=None, ge=0.0, description="median time of a frame, candidate over the other")
    detail: Text = Field(default="", max_length=500)
