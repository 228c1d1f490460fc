"""Strict YAML: unknown and repeated keys are errors that name the file, the key and the line.

Pydantic says what is wrong and where in the data; the YAML nodes say on which line that place stands.
"""

from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tapal_contract.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Problem = Mapping[str, Any]  # as pydantic tells it
MAX_BYTES = 4 * 1024 * 1024


class LocatedError(ValueError):
    """For validators that know the very entry that is wrong: its place is added to that of the field they check."""

    def __init__(self, message: str, location: tuple[int | str, ...]) -> None:
        super().__init__(message)
        self.location = location


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses a key given twice in one mapping."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    loader.flatten_mapping(node)
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is given twice; keep one", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def load(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a model.

    Raises:
        ConfigError: unreadable, not YAML, or not what the model asks; names file, line and key.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path}: the file is larger than {MAX_BYTES} bytes; is it a configuration?")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return loads(text, model, name=str(path))


def loads(text: str, model: type[Model], *, name: str = "configuration") -> Model:
    """Read YAML text into a model; ``name`` stands for the file in errors.

    Raises:
        ConfigError: see :func:`load`.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}, line {line}: {error.problem or 'not valid YAML'}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{name}: not valid YAML ({error})") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{name}: expected keys and values, found {type(data).__name__}; see the example in the docs")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(error, root, name)) from error


def problem_at(path: Path, location: tuple[int | str, ...], text: str) -> ConfigError:
    """Return the error for a problem found only after loading, with the file, the line and the key it belongs to."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    line, known = _locate(root, location)
    return ConfigError(f"{path}, line {line}, {_spell(known) or 'top level'}: {text}")


def _explain(error: ValidationError, root: yaml.Node | None, name: str) -> str:
    problems = _causes(error)
    problem, meant = _misspelt(problems)
    location = tuple(problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, LocatedError):
        location += cause.location
    line, known = _locate(root, location)
    key = _spell(known) or "top level"
    if problem["type"] == "extra_forbidden":
        remedy = f"did you mean {meant!r}, which is missing?" if meant else "remove it or correct its spelling"
        text = f"unknown key {location[-1]!r}; {remedy}"
    elif problem["type"] == "missing":
        text = f"{location[-1]!r} is missing; add it"
    else:
        text = problem["msg"].removeprefix("Value error, ")
        if not isinstance(cause, LocatedError) and isinstance(problem["input"], str | int | float | bool):
            text += f", not {problem['input']!r}"
    more = len(problems) - 1 - bool(meant)
    return f"{name}, line {line}, {key}: {text}" + (f" (and {more} more)" if more else "")


def _causes(error: ValidationError) -> list[Problem]:
    """What is wrong, without what follows from something wrong within it: a list that is empty but for that."""
    problems: list[Any] = error.errors(include_url=False)
    within = {one["loc"][:depth] for one in problems for depth in range(len(one["loc"]))}
    return [one for one in problems if one["loc"] not in within] or problems


def _misspelt(problems: list[Problem]) -> tuple[Problem, str | None]:
    """The problem to tell first, and the missing key that an unknown one beside it seems to mean."""
    first = problems[0]
    if first["type"] == "missing":
        for one in problems:
            if one["type"] == "extra_forbidden" and one["loc"][:-1] == first["loc"][:-1]:
                meant = get_close_matches(str(one["loc"][-1]), [str(first["loc"][-1])])
                return one, meant[0] if meant else None
    return first, None


def _locate(root: yaml.Node | None, location: tuple[int | str, ...]) -> tuple[int, list[int | str]]:
    """Walk down as far as the location leads; parts that pydantic adds (union tags) are passed over."""
    node, known = root, list[int | str]()
    line = root.start_mark.line + 1 if root else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(part):
                    line, node = key_node.start_mark.line + 1, value_node
                    known.append(part)
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
            known.append(part)
    return line, known


def _spell(location: list[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
