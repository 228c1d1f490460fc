"""One page of a longer list."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tapal_server.errors import InvalidError

__all__ = ["COUNTED", "Page", "Paging", "load", "order_of", "sliced", "sort_name"]

Row = TypeVar("Row")
Item = TypeVar("Item", covariant=True)  # noqa: PLC0105 - read only
Made = TypeVar("Made")

LARGEST = 500
COUNTED = 10_000  # nobody leafs further, and counting millions takes seconds


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
        if self.offset >= COUNTED:
            raise InvalidError(
                f"page {self.number} lies beyond the first {COUNTED:,} items; narrow the list, as by its times",
                field="page",
            )

    @property
    def offset(self) -> int:
        """Items before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some items, and how many there are in all, of which no more than the first thousands are counted."""

    items: tuple[Item, ...]
    total: int
    more: bool = False
    paging: Paging

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.paging.size))


def load(
    session: Session,
    query: Select[Row],
    paging: Paging,
    view: Callable[[Any], Made],
    *order: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> Page[Made]:
    """Count what a query finds, as far as that matters, and view its page."""
    first = query.with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(COUNTED + 1)
    total = session.scalar(select(func.count()).select_from(first.subquery())) or 0
    rows = session.scalars(query.order_by(*order).limit(paging.size).offset(paging.offset))
    return Page(items=tuple(view(row) for row in rows), total=min(total, COUNTED), more=total > COUNTED, paging=paging)


def sort_name(sort: str, known: Collection[str]) -> str:
    """What to sort by, without the sign for descending.

    Raises:
        InvalidError: nothing sorts by that here.
    """
    name = sort.removeprefix("-")
    if name not in known:
        raise InvalidError(
            f"cannot sort by {name[:40]!r}; take one of {', '.join(known)}, with - for descending", field="sort"
        )
    return name


def order_of(sort: str, sorts: Mapping[str, Any]) -> ColumnElement[Any]:
    """The order asked for, of columns by their names."""
    column = sorts[sort_name(sort, sorts)]
    order: ColumnElement[Any] = column.desc() if sort.startswith("-") else column.asc()
    return order


def sliced(
    items: Iterable[Made], paging: Paging, *, sort: str, sorts: Collection[str], **wanted: str | bool | None
) -> Page[Made]:
    """A page of what is at hand whole: sites, nodes, models; a value of `wanted` that is None does not limit."""
    name, limits = sort_name(sort, sorts), {key: value for key, value in wanted.items() if value is not None}
    kept = [one for one in items if all(getattr(one, key) == value for key, value in limits.items())]
    known = sorted(
        (one for one in kept if getattr(one, name) is not None),
        key=lambda one: getattr(one, name),
        reverse=sort.startswith("-"),
    )
    kept = known + [one for one in kept if getattr(one, name) is None]
    here = kept[paging.offset : paging.offset + paging.size]
    return Page(items=tuple(here), total=len(kept), paging=paging)
