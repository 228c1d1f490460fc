"""Scenario files: what passes a gate, what the camera does with it, and what the log does."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tapal_contract import yamlfile
from tapal_contract.errors import TapalError

FOLDER = Path(__file__).parent / "scenarios"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ferry(_Strict):
    """Calls that land many people in a short time."""

    per_day: float = Field(ge=0, le=48)
    people: tuple[int, int] = Field(description="least and most people of a call")
    minutes: float = Field(gt=0, le=240, description="time until the last one is off")

    @model_validator(mode="after")
    def _ordered(self) -> "Ferry":
        if not 0 < self.people[0] <= self.people[1] <= 2000:
            raise ValueError("people is [least, most], between 1 and 2000")
        return self


class Traffic(_Strict):
    """Who passes."""

    per_hour: float = Field(ge=0, le=5000, description="walkers by day")
    night_share: float = Field(default=1.0, ge=0, le=1, description="walkers at night beside the day's")
    group_share: float = Field(default=0.2, ge=0, le=1, description="arrivals that are groups")
    group_most: int = Field(default=5, ge=2, le=50)
    group_gap_s: float = Field(default=1.5, gt=0, le=60)
    ferry: Ferry | None = None
    officers_per_hour: float = Field(default=0.0, ge=0, le=60, description="staff who pass without a record, both ways")


class Unlogged(_Strict):
    """People without a record."""

    alone_per_day: float = Field(default=0.0, ge=0, le=1000)
    share_of_people: float = Field(default=0.0, ge=0, le=1, description="hidden among the others, anywhere")
    in_groups_per_day: float = Field(default=0.0, ge=0, le=1000, description="one in a group of lawful people")


class Camera(_Strict):
    """What the camera does."""

    recall: float = Field(default=0.98, gt=0, le=1)
    recall_in_crowd: float | None = Field(default=None, gt=0, le=1, description="recall when many pass within 2 s")
    double_share: float = Field(default=0.003, ge=0, le=1)
    double_in_crowd: float | None = Field(default=None, ge=0, le=1)
    false_per_hour: float = Field(default=0.05, ge=0, le=100)
    delivery_s: float = Field(default=0.5, ge=0, le=600)
    outages: tuple[tuple[float, float], ...] = Field(default=(), description="[from, to] in hours")


class Log(_Strict):
    """What the passage log does."""

    delay_s: float = Field(default=30.0, gt=0, le=7200, description="median of the lognormal delay")
    spread: float = Field(default=0.4, gt=0, le=2)
    first: Literal["crossing", "record", "either"] = "crossing"
    slow_share: float = Field(default=0.0, ge=0, le=1, description="people who take ten times as long")
    skew_s: float = Field(default=0.0, ge=-3600, le=3600, description="the log's clock ahead of the camera's")
    skew_until_h: float | None = Field(default=None, ge=0, description="when the clock is put right")
    drift_s_per_day: float = Field(default=0.0, ge=-600, le=600)
    missing_share: float = Field(default=0.0, ge=0, le=1, description="lawful people whose row never comes")
    delivery_s: float = Field(default=1.5, ge=0, le=600)
    late_share: float = Field(default=0.0, ge=0, le=1)
    late_hours: float = Field(default=2.0, gt=0, le=240)
    outages: tuple[tuple[float, float], ...] = Field(default=(), description="[from, to] in hours; rows come after")


class Scenario(_Strict):
    """One gate for some hours."""

    name: str
    hours: float = Field(gt=0, le=24 * 3660)
    start: str = "2026-03-02T06:00:00+08:00"
    site: str = "gate"
    kind: Literal["checkpoint", "unofficial"] = "checkpoint"
    line: str = "gate"
    checkpoint: str = "GATE"
    direction: Literal["inbound", "outbound"] = "inbound"
    traffic: Traffic
    unlogged: Unlogged = Unlogged()
    camera: Camera = Camera()
    log: Log = Log()


def names() -> list[str]:
    """Return the scenarios that come with Tapal."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_scenario(name_or_path: str) -> Scenario:
    """Read a scenario by name or by path.

    Raises:
        TapalError: there is no such scenario, or the file is wrong.
    """
    path = Path(name_or_path)
    if not path.suffix:
        path = FOLDER / f"{name_or_path}.yaml"
        if not path.is_file():
            raise TapalError(f"no scenario is called {name_or_path!r}; choose {', '.join(names())} or give a file")
    return yamlfile.load(path, Scenario)
