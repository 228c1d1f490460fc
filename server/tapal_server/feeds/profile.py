"""How one agency's table becomes passage records: a mapping, kept as data."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tapal_server.passages.fields import OPTIONAL, REQUIRED, FieldName
from tapal_server.passages.mrz import MrzError, read_mrz

__all__ = ["Profile", "Withdrawal"]

Column = Annotated[str, Field(min_length=1, max_length=128)]
_TIMES = ("recorded_at", "received_at")


class Section(BaseModel):
    """A part of a profile."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Withdrawal(Section):
    """Rows that take a record back."""

    column: Column
    values: tuple[str, ...] = Field(min_length=1)


class Profile(Section):
    """Columns, codes and times of one feed."""

    source: str = Field(
        min_length=1, max_length=64, pattern=r"^[^\x00/]+$", description="Whose log; ids count per source."
    )
    format: Literal["csv", "jsonl", "xlsx"] = "csv"
    encoding: Literal["utf-8", "windows-1252", "utf-16"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    timezone: str = Field("Asia/Makassar", description="Of times that carry no offset.")
    times: tuple[str, ...] = Field((), description="strptime patterns; RFC 3339 and ISO are always understood.")
    fields: dict[FieldName, Column | tuple[Column, ...]] = Field(
        default_factory=dict, description="Column of each field; several are joined by a blank. Default: the same name."
    )
    constants: dict[FieldName, str] = Field(default_factory=dict, description="Fields that are the same in every row.")
    codes: dict[FieldName, dict[str, str]] = Field(default_factory=dict, description="The feed's code -> ours.")
    column_codes: dict[Column, dict[str, str]] = Field(
        default_factory=dict,
        description="The same for one column, before several are joined: a vessel's code that stands beside its date.",
    )
    withdrawn: Withdrawal | None = None
    mrz: Column | None = Field(None, description="Column with the machine readable zone; hashed at once.")
    silent_after_minutes: float | None = Field(None, gt=0, description="Without a row for so long, the feed is blind.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone of the tz database, such as Asia/Makassar") from error
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        twice = self.fields.keys() & self.constants.keys()
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))}: give a column or a constant, not both")
        return self

    @cached_property
    def _constants(self) -> dict[str, str]:
        return {str(field): value for field, value in self.constants.items()}

    @cached_property
    def _plan(self) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
        """Field, its columns, whether it is a time: worked out once, used for each of a hundred thousand rows."""
        fields = (field for field in (*REQUIRED, *OPTIONAL) if field not in self._constants)
        return tuple((field, self.columns_of(field), field in _TIMES) for field in fields)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def columns_of(self, field: str) -> tuple[str, ...]:
        """Columns that make a field."""
        found = self.fields.get(field, field)  # type: ignore[call-overload]  # any text may be asked for
        return (found,) if isinstance(found, str) else tuple(found)

    def missing(self, columns: frozenset[str]) -> tuple[str, ...]:
        """Required fields that a table with these columns does not give."""
        return tuple(
            field
            for field in REQUIRED
            if field not in self.constants and not all(name in columns for name in self.columns_of(field))
        )

    def takes_back(self, row: Mapping[str, Any]) -> bool:
        """Whether the row withdraws its record."""
        rule = self.withdrawn
        return rule is not None and str(row.get(rule.column, "")).strip() in rule.values

    def apply(self, row: Mapping[str, Any]) -> dict[str, str]:
        """The row in our fields.

        Raises:
            ValueError: a time or a machine readable zone that cannot be read, or a code that is not listed.
        """
        fields = dict(self._constants)
        for field, columns, is_time in self._plan:
            if len(columns) == 1:
                value = row.get(columns[0])
                if value is None:
                    continue
                if is_time and isinstance(value, datetime):
                    fields[field] = self._zoned(value)
                    continue
                text = self._of_column(columns[0], str(value).strip()) if self.column_codes else str(value).strip()
            else:
                text = " ".join(
                    self._of_column(name, str(row[name]).strip()) for name in columns if row.get(name) not in {None, ""}
                )
            if text:
                fields[field] = self._time(text, field) if is_time else self._decode(field, text)
        if self.mrz and str(row.get(self.mrz) or "").strip():
            fields |= _document(str(row[self.mrz]))
        return fields

    def _decode(self, field: str, text: str) -> str:
        return _meaning(self.codes.get(field), field, text)  # type: ignore[call-overload]  # any text may be asked for

    def _of_column(self, column: str, text: str) -> str:
        return _meaning(self.column_codes.get(column), f"column {column}", text) if text else text

    def _time(self, text: str, field: str) -> str:
        for pattern in self.times:
            try:
                return self._zoned(datetime.strptime(text, pattern))  # noqa: DTZ007 - the zone is added
            except ValueError:
                continue
        try:
            return self._zoned(datetime.fromisoformat(text))
        except ValueError:
            pass  # said below, with the value
        raise ValueError(f"{field} {text[:40]!r} fits none of the profile's times; add its pattern there")

    def _zoned(self, value: datetime) -> str:
        return (value if value.tzinfo else value.replace(tzinfo=self._zone)).isoformat()


def _meaning(codes: Mapping[str, str] | None, what: str, text: str) -> str:
    if not codes:
        return text
    if text not in codes:
        raise ValueError(f"{what} {text[:40]!r} is not among the profile's codes; add it there")
    return codes[text]


def _document(text: str) -> dict[str, str]:
    try:
        zone = read_mrz(text)
    except MrzError as error:
        raise ValueError(str(error)) from error
    if not zone.check_digits_ok:
        raise ValueError("the check digits of the machine readable zone do not hold; read it again")
    return {"document_type": zone.document_type, "document_number": zone.number}
