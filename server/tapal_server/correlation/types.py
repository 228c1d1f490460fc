"""What goes into the engine and what comes out: frozen values, times in UTC seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["inbound", "outbound"]
Kind: TypeAlias = Literal[
    "presence",
    "manifest_mismatch",
    "bypass",
    "unlogged_crossing",
    "count_excess",
    "record_conflict",
    "blind",
    "surge",
]
Status: TypeAlias = Literal["open", "explained", "expired"]
Data: TypeAlias = "str | int | float | bool | tuple[Data, ...] | Mapping[str, Data] | None"

REFUSED = frozenset({"refused", "deferred"})  # results of records whose holders did not pass

KINDS: tuple[Kind, ...] = (
    "presence",
    "manifest_mismatch",
    "bypass",
    "unlogged_crossing",
    "count_excess",
    "record_conflict",
    "blind",
    "surge",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One confirmed change of side that a camera reported."""

    id: str
    site: str
    line: str
    direction: Direction
    time: float
    received_at: float
    label: str = "person"
    confidence: float = 1.0
    camera: str = ""
    visited: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the passage log. A row with the same id replaces the earlier one."""

    id: str
    checkpoint: str
    direction: Direction
    time: float
    received_at: float
    lane: str | None = None
    voyage_id: str | None = None
    traveller_class: str | None = None
    persons: int = 1
    result: str | None = None
    document_type: str | None = None
    document_hash: str | None = None
    check_digit_ok: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """A vessel came to a berth or left it."""

    id: str
    site: str
    berth: str
    event: Literal["arrived", "departed"]
    time: float
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A movement entered beforehand that explains what it covers; `line` or `direction` None covers all."""

    id: str
    site: str
    start: float
    end: float
    line: str | None = None
    direction: Direction | None = None
    persons: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """A scheduled call with what was declared and cleared; counts unknown yet are None."""

    id: str
    site: str
    direction: Direction
    start: float
    end: float
    line: str | None = None
    declared: int | None = None
    cleared: int | None = None
    boarded: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a camera, a node or the log feed of a site says about itself."""

    id: str
    site: str
    source: Literal["camera", "node", "feed"]
    name: str
    state: Literal["online", "offline", "dark", "covered", "defocused", "moved", "silent"]
    time: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The configured idea of the time between a crossing and its record: a prior, not a promise."""

    typical_s: float = 60.0
    longest_s: float = 1800.0
    first: Literal["crossing", "record", "either"] = "crossing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Priors that the data cannot always tell apart; shares are per crossing."""

    recall: float = 0.95
    false_share: float = 0.001
    double_share: float = 0.003
    unlogged_share: float = 0.002
    late_share: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A line in one direction whose lawful crossings each leave a record."""

    line: str
    direction: Direction
    delay: Delay = field(default_factory=Delay)
    rates: Rates = field(default_factory=Rates)
    lanes: tuple[str, ...] = ()
    counter_zones: tuple[str, ...] = ()
    confirmed_by: tuple[str, ...] = ()
    learn: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where a camera looks: degrees clockwise from north, and how wide."""

    camera: str
    bearing: float
    view: float
    node: str | None = None  # where two nodes of the site have cameras of one name


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place with its gates and its service hours (pairs of seconds after local midnight)."""

    id: str
    kind: Literal["checkpoint", "unofficial", "pier"]
    gates: tuple[Gate, ...]
    checkpoint: str | None = None
    name: str = ""
    timezone: str = "UTC"
    hours: tuple[tuple[int, int], ...] = ((0, 86400),)
    weekly: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    holidays: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    location: tuple[float, float] | None = None
    labels: tuple[str, ...] = ("person",)
    scheduled_only: bool = False
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the engine behaves; every site shares one."""

    threshold: float = 0.6  # an alert stands at this P(unlogged)
    early: float = 0.25  # it is raised at this one already, if it would stand should no record arrive any more
    decide_at: float = 0.98  # share of records known at which a crossing without one is first looked at
    alerts_per_hour: int = 6
    group_gap_s: float = 120.0
    history_s: float = 10 * 86400.0
    history_crossings: int = 50_000
    window_crossings: int = 5_000
    learn: bool = True
    keep_all: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """An innocent reading that fits; `probability` is its share of what the data leave open, if known."""

    code: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert exists: a code and its parameters, turned into sentences by `tapal_server.wording`."""

    code: str
    data: Mapping[str, Data] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A lead with its evidence, its uncertainty and the innocent explanations that fit."""

    id: str
    kind: Kind
    site: str
    line: str | None
    direction: Direction | None
    status: Status
    probability: float
    time: float
    raised_at: float
    reason: Reason
    closed_at: float | None = None
    event_ids: tuple[str, ...] = ()
    record_ids: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    innocent: tuple[Explanation, ...] = ()
    members: tuple[str, ...] = ()
    surge: str | None = None


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """A new alert."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertUpdated:
    """An open alert gained members, evidence or another probability."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AlertClosed:
    """An alert explained itself; `alert.reason` keeps why it was raised, `because` says why it closed."""

    alert: Alert
    because: Reason


Change: TypeAlias = AlertRaised | AlertUpdated | AlertClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """What the engine believes of one crossing: `unmatched` has no record, `unlogged` is a person without one."""

    crossing_id: str
    unmatched: float
    unlogged: float
    decided: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """A crossing with the last posterior the engine gave it."""

    crossing: Crossing
    unmatched: float
    unlogged: float
