"""The server's `site.yaml`: sites, gates, priors, hours. Strict; unknown keys are errors with file, key and line."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from tapal_contract import yamlfile
from tapal_server.correlation import types

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Spans = tuple[tuple[int, int], ...]
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def spans(value: Any) -> Spans:
    """Read `"07:00-12:00, 13:00-17:00"` or `closed` into seconds after midnight; a span may pass midnight."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise ValueError('hours are text such as "07:00-17:00" or "closed" (in quotes)')  # noqa: TRY004 - pydantic explains ValueError
    if value.strip() == "closed":
        return ()
    found: list[tuple[int, int]] = []
    for part in value.split(","):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise ValueError('hours are written "07:00-17:00", several with commas, or "closed"')
        h1, m1, h2, m2 = map(int, match.groups())
        start, end = h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60
        if max(start, end) > 86400 or max(m1, m2) > 59 or start == end:
            raise ValueError('hours lie between 00:00 and 24:00 and start differs from end, such as "07:00-17:00"')
        found += [(start, end)] if start < end else [(start, 86400), (0, end)]
    return tuple(sorted(found))


Hours = Annotated[Spans, BeforeValidator(spans)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DelayConfig(_Strict):
    """The prior of the time between a crossing and its record."""

    typical_s: float = Field(default=60.0, gt=0, le=86400, description="the delay half of the people stay below")
    longest_s: float = Field(default=1800.0, gt=0, le=86400, description="hardly anybody takes longer")
    first: Literal["crossing", "record", "either"] = "crossing"

    @model_validator(mode="after")
    def _ordered(self) -> "DelayConfig":
        if self.longest_s <= self.typical_s:
            raise ValueError("longest_s must be larger than typical_s")
        return self


class RatesConfig(_Strict):
    """Priors of what the data alone cannot always separate, as shares of the crossings."""

    recall: float = Field(default=0.95, gt=0.05, lt=1.0, description="share of passers the camera reports")
    false_share: float = Field(default=0.001, ge=0, le=0.5, description="crossings that nobody made")
    double_share: float = Field(default=0.003, ge=0, le=0.5, description="people counted twice")
    unlogged_share: float = Field(default=0.002, ge=0, le=0.5, description="people without a record")
    late_share: float = Field(default=0.01, ge=0, le=0.9, description="records that reach the server late")


class GateConfig(_Strict):
    """One line in one direction."""

    line: str = Field(min_length=1, max_length=64)
    direction: Literal["inbound", "outbound"]
    delay: DelayConfig = DelayConfig()
    rates: RatesConfig = RatesConfig()
    lanes: tuple[str, ...] = Field(default=(), description="lanes of the log that belong to this line; empty: all")
    counter_zones: tuple[str, ...] = Field(default=(), description="zones a lawful passer visits before the line")
    confirmed_by: tuple[str, ...] = Field(default=(), description="other lines the same people pass")
    learn: bool = Field(default=True, description="learn the law and the rates from the data")


class CameraConfig(_Strict):
    """Where a camera of the site looks, for the map."""

    id: str = Field(min_length=1, max_length=64, description="as its node names it")
    node: str | None = Field(
        default=None, min_length=1, max_length=64, description="where two nodes have one of the id"
    )
    bearing: float = Field(ge=0, lt=360, description="degrees clockwise from north: 90 is east")
    view: float = Field(
        default=60.0, ge=5, le=359, description="degrees from the left edge of the picture to the right"
    )


class SiteConfig(_Strict):
    """A place that is watched."""

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    name: str = ""
    kind: Literal["checkpoint", "unofficial", "pier"] = "checkpoint"
    checkpoint: str | None = Field(default=None, description="the code used by the passage log")
    timezone: str = "Asia/Makassar"
    hours: Hours = ((0, 86400),)
    weekly: dict[Literal[DAYS], Hours] = Field(default_factory=dict, description="hours of a weekday")  # type: ignore[valid-type]  # a tuple of literals
    holidays: dict[str, Hours] = Field(default_factory=dict, description='hours of a date "2026-03-19"')
    location: tuple[float, float] | None = None
    cameras: tuple[CameraConfig, ...] = Field(default=(), description="where they look, for the map; needs 'location'")
    labels: tuple[str, ...] = ("person",)
    scheduled_only: bool = Field(default=False, description="service runs only when a voyage or movement is planned")
    share: str = Field(
        default="all",
        pattern=r"^[A-Za-z0-9_.-]{1,32}$",
        description="sites of one share are correlated by one server, and only their records are compared",
    )
    gates: tuple[GateConfig, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone of the tz database; Nunukan is Asia/Makassar") from error
        return value

    @field_validator("holidays", mode="before")
    @classmethod
    def _dates(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        dates: dict[str, Any] = {}
        for key, hours in value.items():
            try:
                day = key if isinstance(key, date) else date.fromisoformat(str(key))
            except ValueError as error:
                raise ValueError(f"a holiday is a date such as 2026-03-19, not {key!r}") from error
            dates[day.isoformat()] = hours
        return dates

    @field_validator("location")
    @classmethod
    def _on_earth(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not (-90 <= value[0] <= 90 and -180 <= value[1] <= 180):
            raise ValueError("location is [latitude, longitude] in degrees")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "SiteConfig":
        seen: set[tuple[str, str]] = set()
        for gate in self.gates:
            if (gate.line, gate.direction) in seen:
                raise ValueError(f"gate {gate.line!r} {gate.direction} is given twice; keep one")
            seen.add((gate.line, gate.direction))
        if self.cameras and self.location is None:
            raise ValueError(f"site {self.id!r} says where its cameras look but not where it is; add 'location'")
        named = [(camera.node, camera.id) for camera in self.cameras]
        twice = next((camera for place, camera in enumerate(named) if camera in named[:place]), None)
        if twice is not None:
            raise ValueError(f"camera {twice[1]!r} is given twice; keep one, or say of which 'node' each is")
        if self.kind == "checkpoint" and self.checkpoint is None:
            raise ValueError(f"site {self.id!r} is a checkpoint without its code; add 'checkpoint'")
        return self

    def to_site(self) -> types.Site:
        """Give the engine what it needs."""
        gates = tuple(
            types.Gate(
                line=gate.line,
                direction=gate.direction,
                delay=types.Delay(**gate.delay.model_dump()),
                rates=types.Rates(**gate.rates.model_dump()),
                lanes=gate.lanes,
                counter_zones=gate.counter_zones,
                confirmed_by=gate.confirmed_by,
                learn=gate.learn,
            )
            for gate in self.gates
        )
        return types.Site(
            id=self.id,
            kind=self.kind,
            gates=gates,
            checkpoint=self.checkpoint,
            name=self.name or self.id,
            timezone=self.timezone,
            hours=self.hours,
            weekly={DAYS.index(day): hours for day, hours in self.weekly.items()},
            holidays=self.holidays,
            location=self.location,
            labels=self.labels,
            scheduled_only=self.scheduled_only,
            looks=tuple(
                types.Look(camera=camera.id, bearing=camera.bearing, view=camera.view, node=camera.node)
                for camera in self.cameras
            ),
        )


class CorrelationConfig(_Strict):
    """How alerts are decided and rationed."""

    threshold: float = Field(default=0.6, gt=0, lt=1, description="P(unlogged) at which an alert stands")
    early: float = Field(
        default=0.25, gt=0, lt=1, description="P(unlogged) that raises one that would stand should no record come"
    )
    alerts_per_hour: int = Field(default=6, ge=1, le=1000, description="more than this becomes one surge alert")

    def to_settings(self) -> types.Settings:
        """Give the engine what it needs."""
        return types.Settings(threshold=self.threshold, early=self.early, alerts_per_hour=self.alerts_per_hour)


class SitesFile(_Strict):
    """The whole file."""

    sites: tuple[SiteConfig, ...] = Field(min_length=1)
    correlation: CorrelationConfig = CorrelationConfig()

    @model_validator(mode="after")
    def _unique(self) -> "SitesFile":
        seen: set[str] = set()
        for site in self.sites:
            if site.id in seen:
                raise ValueError(f"site {site.id!r} is given twice; keep one")
            seen.add(site.id)
        return self

    def to_sites(self) -> tuple[types.Site, ...]:
        """Give the engine all sites."""
        return tuple(site.to_site() for site in self.sites)

    def shares(self) -> dict[str, tuple[types.Site, ...]]:
        """The sites by the share they are correlated in."""
        found: dict[str, tuple[types.Site, ...]] = {}
        for site in self.sites:
            found[site.share] = (*found.get(site.share, ()), site.to_site())
        return found


def load_sites(path: Path) -> SitesFile:
    """Read `site.yaml`.

    Raises:
        ConfigError: unreadable or wrong; names file, line, key and remedy.
    """
    return yamlfile.load(path, SitesFile)


def loads_sites(text: str) -> SitesFile:
    """Read the text of a `site.yaml`; see :func:`load_sites`."""
    return yamlfile.loads(text, SitesFile, name="site.yaml")
