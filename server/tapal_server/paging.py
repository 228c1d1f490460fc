"""One page of a longer list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from tapal_server.errors import InvalidError

__all__ = ["Page", "Paging"]

Item = TypeVar("Item", covariant=True)  # noqa: PLC0105 - read only

LARGEST = 500


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page: counted from 1, of so many items."""

    number: int = 1
    size: int = 50

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 1_000_000:
            raise InvalidError(f"page {self.number} does not exist; pages count from 1", field="page")
        if not 1 <= self.size <= LARGEST:
            raise InvalidError(f"a page of {self.size} is not possible; ask for 1 to {LARGEST}", field="size")

    @property
    def offset(self) -> int:
        """Items before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some items, and how many there are in all."""

    items: tuple[Item, ...]
    total: int
    paging: Paging

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.paging.size))
