"""A page of a list, on the wire."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from tapal_server.paging import Page

__all__ = ["Listing", "sort_by"]

Item = TypeVar("Item")


class Listing(BaseModel, Generic[Item]):
    """Some items, and how many there are in all."""

    items: list[Item]
    total: int = Field(description="How many there are, as far as they are counted.", examples=[1])
    more: bool = Field(description="There are more than are counted.", examples=[False])
    page: int = Field(examples=[1])
    size: int = Field(examples=[50])
    pages: int = Field(examples=[1])

    @classmethod
    def of(cls, page: Page[Item]) -> "Listing[Item]":
        """A page as a service gives it."""
        return cls(
            items=list(page.items),
            total=page.total,
            more=page.more,
            page=page.paging.number,
            size=page.paging.size,
            pages=page.pages,
        )


def sort_by(names: Iterable[str]) -> Any:
    """The query parameter of a list that sorts by these."""
    pattern = f"^-?({'|'.join(names)})$"
    return Query(max_length=32, pattern=pattern, description=f"{', '.join(names)}; - before it reverses.")
