"""Feeds as the console's pages use them: a mapping typed in, tried on a file before it is kept."""

import io
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from tapal_contract.errors import TapalError
from tapal_server.console.ports import Person
from tapal_server.console.subjects import actor_of
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.feeds.profile import Profile
from tapal_server.feeds.service import FeedService, Preview
from tapal_server.passages.fields import OPTIONAL, REQUIRED

__all__ = ["FIELDS", "Draft", "Drafts", "profile_of", "typed"]

FIELDS = (*REQUIRED, *OPTIONAL)
CODED = ("direction", "checkpoint")
KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mapping as it was typed in, and what a file became by it."""

    owner: str
    form: Mapping[str, str]
    file: bytes = b""
    file_name: str = ""
    preview: Preview | None = None
    problem: TapalError | None = None


class Drafts:
    """Keeps what somebody is trying, for as long as the server runs and not many others try."""

    def __init__(self, feeds: FeedService) -> None:
        self._feeds = feeds
        self._kept: OrderedDict[str, Draft] = OrderedDict()

    def make(self, person: Person, form: Mapping[str, str], file_name: str, file: bytes, *, before: str = "") -> str:
        """Try a mapping; without a new file, on the one tried before. Returns the token of the draft."""
        earlier = self._kept.get(before)
        if not file and earlier is not None and earlier.owner == person.id:
            file, file_name = earlier.file, earlier.file_name
        draft = Draft(owner=person.id, form=form, file=file, file_name=file_name)
        try:
            profile = profile_of(form)
            if file:
                found = self._feeds.preview(actor_of(person), profile, io.BytesIO(file), name=file_name)
                draft = replace(draft, preview=found)
        except TapalError as error:
            draft = replace(draft, problem=error)
        token = secrets.token_urlsafe(12)
        while len(self._kept) >= KEPT:
            self._kept.popitem(last=False)
        self._kept[token] = draft
        return token

    def fail(self, token: str, problem: TapalError) -> None:
        """Remember why a mapping could not be kept."""
        self._kept[token] = replace(self._kept[token], problem=problem)

    def get(self, person: Person, token: str) -> Draft:
        """A draft of one's own."""
        draft = self._kept.get(token)
        if draft is None or draft.owner != person.id:
            raise NotFoundError("this draft is no longer kept; open the feed again")
        return draft


def profile_of(form: Mapping[str, str]) -> Profile:
    """The mapping that was typed in.

    Raises:
        InvalidError: something in it cannot be; its field is named.
    """
    values: dict[str, Any] = {
        name: form.get(name, "").strip() for name in ("source", "format", "encoding", "timezone") if form.get(name)
    }
    values["source"] = form.get("source", "").strip()
    values["delimiter"] = {"tab": "\t"}.get(form.get("delimiter", ","), form.get("delimiter", ","))
    values["times"] = tuple(line.strip() for line in form.get("times", "").splitlines() if line.strip())
    columns = {field: form.get(f"column_{field}", "").strip() for field in FIELDS}
    values["fields"] = {field: _columns(text) for field, text in columns.items() if text}
    constants = {field: form.get(f"constant_{field}", "").strip() for field in FIELDS}
    values["constants"] = {field: text for field, text in constants.items() if text}
    codes = {field: _codes(form.get(f"codes_{field}", ""), field) for field in FIELDS}
    values["codes"] = {field: pairs for field, pairs in codes.items() if pairs}
    values["column_codes"] = _column_codes(form.get("column_codes", ""))
    if form.get("withdrawn_column", "").strip():
        taken_back = tuple(one.strip() for one in form.get("withdrawn_values", "").split(",") if one.strip())
        values["withdrawn"] = {"column": form["withdrawn_column"].strip(), "values": taken_back}
    values["mrz"] = form.get("mrz", "").strip() or None
    values["silent_after_minutes"] = form.get("silent_after_minutes", "").strip().replace(",", ".") or None
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "profile"
        raise InvalidError(f"{where}: {first['msg']}", field="profile") from error


def typed(name: str, profile: Profile | None) -> dict[str, str]:
    """A mapping as it stands in the form."""
    if profile is None:
        return {"name": name, "timezone": "Asia/Makassar"}
    form = {
        "name": name,
        "source": profile.source,
        "format": profile.format,
        "encoding": profile.encoding,
        "delimiter": "tab" if profile.delimiter == "\t" else profile.delimiter,
        "timezone": profile.timezone,
        "times": "\n".join(profile.times),
        "mrz": profile.mrz or "",
        "silent_after_minutes": f"{profile.silent_after_minutes:g}" if profile.silent_after_minutes else "",
    }
    for field, columns in profile.fields.items():
        form[f"column_{field}"] = columns if isinstance(columns, str) else " + ".join(columns)
    for field, constant in profile.constants.items():
        form[f"constant_{field}"] = constant
    for field, pairs in profile.codes.items():
        form[f"codes_{field}"] = "\n".join(f"{theirs} = {ours}" for theirs, ours in pairs.items())
    form["column_codes"] = "\n".join(
        f"{column}: {theirs} = {ours}"
        for column, pairs in profile.column_codes.items()
        for theirs, ours in pairs.items()
    )
    if profile.withdrawn is not None:
        form["withdrawn_column"] = profile.withdrawn.column
        form["withdrawn_values"] = ", ".join(profile.withdrawn.values)
    return form


def _columns(text: str) -> str | tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(" + ") if part.strip())
    return parts if len(parts) > 1 else text


def _column_codes(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        column, colon, pair = line.partition(":")
        if colon and column.strip():
            found.setdefault(column.strip(), []).append(pair)
        elif line.strip():
            raise InvalidError(f"column_codes: {line[:60]!r} is not written COLUMN: CODE = MEANING", field="profile")
    return {column: _codes("\n".join(pairs), column) for column, pairs in found.items()}


def _codes(text: str, field: str) -> dict[str, str]:
    pairs = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        theirs, sign, ours = line.partition("=")
        if not sign or not theirs.strip() or not ours.strip():
            raise InvalidError(f"{field}: {line[:60]!r} is not written CODE = MEANING", field="profile")
        pairs[theirs.strip()] = ours.strip()
    return pairs
