"""docs/settings.md tells every setting, with the default it has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tapal_server.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def rows(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The lines of the table, as the program itself would write them."""
    for name, field in model.model_fields.items():
        several = "[]" if str(field.annotation).startswith("tuple") else ""
        key, words = f"{before}{name}{several}", (field.description or "").replace("|", "or")
        section = section_of(field)
        if section is None:
            yield f"| `{key}` | {words} | `{default(field)}` |"
            continue
        yield f"| `{key}` | {words or (section.__doc__ or '').splitlines()[0]} |  |"
        yield from rows(section, f"{key}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    return next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)


def default(field: FieldInfo) -> Any:
    if field.is_required():
        return "required"
    return json.dumps(field.get_default(call_default_factory=True), default=str)


def test_every_setting_is_on_the_page():
    """The whole table is printed when it differs, to be pasted."""
    wanted = "\n".join(["| key | what it is | default |", "|---|---|---|", *rows(Settings)])
    assert PAGE.read_text(encoding="utf-8").endswith(f"{wanted}\n"), wanted
