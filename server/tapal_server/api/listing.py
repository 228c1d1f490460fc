"""A page of a list, on the wire."""

from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from tapal_server.paging import Page

__all__ = ["Listing"]

Out = TypeVar("Out")
Item = TypeVar("Item")


class Listing(BaseModel, Generic[Out]):
    """Some items, and how many there are in all."""

    items: list[Out]
    total: int = Field(examples=[1])
    page: int = Field(examples=[1])
    size: int = Field(examples=[50])
    pages: int = Field(examples=[1])

    @classmethod
    def of(cls, page: Page[Item], make: Callable[[Item], Out]) -> "Listing[Out]":
        """A page of other things."""
        return cls(
            items=[make(item) for item in page.items],
            total=page.total,
            page=page.paging.number,
            size=page.paging.size,
            pages=page.pages,
        )
