"""A row of a table as the frozen view of a service."""

from dataclasses import fields
from typing import Any, TypeVar

__all__ = ["seen"]

View = TypeVar("View")


def seen(kind: type[View], row: object, /, **others: Any) -> View:
    """The view whose fields are the row's columns of the same name, but for those given."""
    names = (field.name for field in fields(kind))  # type: ignore[arg-type]  # a dataclass, as the callers' types are
    return kind(**{name: getattr(row, name) for name in names if name not in others}, **others)
