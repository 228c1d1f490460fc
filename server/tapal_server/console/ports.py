"""What the console needs from the server behind it, and the values it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from tapal_contract.errors import TapalError
from tapal_server.alerts.tally import Tally
from tapal_server.alerts.views import AttachmentView, LinkedView, ShareView
from tapal_server.correlation.types import Site
from tapal_server.nodes import NodeView

State = Literal["new", "reopened", "acknowledged", "in_progress", "resolved"]
UNFINISHED = "open"  # what a search calls every state but resolved
WAITING = frozenset[State]({"new", "reopened"})  # for somebody to take it on
Verdict = Literal["confirmed", "false_alarm", "explained", "welfare"]
VERDICTS: tuple[Verdict, ...] = ("confirmed", "explained", "false_alarm", "welfare")
UNFILMED = frozenset({"blind", "surge"})  # no event of theirs is a moment before a camera
LISTED = 200  # unfinished alerts, the newest, that lists of the duty page and the map hold
PAGE = 25  # alerts of a search, at a time
Topic = Literal["alerts", "shift", "nodes", "clips"]
Unsubscribe = Callable[[], None]


class RefusedError(TapalError):
    """A sign-in that was refused: wrong, in need of a code, with a first password that is over, or tried too often."""

    def __init__(self, reason: Literal["wrong", "code", "over", "limited"], *, retry_after_s: float = 60) -> None:
        super().__init__(f"the sign-in was refused: {reason}")
        self.reason = reason
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in."""

    id: str
    username: str
    name: str
    role: str
    agency: str | None = None
    sites: tuple[str, ...] | None = None
    may: frozenset[str] = frozenset({"see", "judge"})
    language: str | None = None
    must_change_password: bool = False
    needs_second_factor: bool = False
    subject: object = None  # what the services know this person by

    @property
    def may_judge(self) -> bool:
        """Whether the verdict buttons are for this person."""
        return "judge" in self.may

    @property
    def scope(self) -> str:
        """What two persons share who see the same alerts."""
        sites = "*" if self.sites is None else ",".join(sorted(self.sites))
        return f"{self.role}:{self.agency or ''}:{sites}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A session that was opened: the token for the cookie, and whose it is."""

    token: str
    person: Person
    lasts_s: int


@dataclass(frozen=True, slots=True)
class Code:
    """A sentence to be: its code, and the data it speaks of."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert as lists and pages show it."""

    id: str
    kind: str
    site: str
    site_name: str
    timezone: str
    line: str | None
    direction: str | None
    open: bool
    state: State
    verdict: str | None
    probability: float | None
    time: datetime
    raised_at: datetime
    closed_at: datetime | None
    picture: str | None
    owner: str | None
    owner_name: str | None = None
    reason: Code = Code("")
    because: Code | None = None
    innocent: tuple[Code, ...] = ()
    low: float | None = None
    high: float | None = None
    people: int = 1
    members: tuple[str, ...] = ()
    severity: str = "medium"
    welfare: bool = False
    version: int = 1
    acknowledged_at: datetime | None = None
    film: str | None = None  # the event whose clip shows what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an alert's history."""

    at: datetime
    by: str | None
    action: str
    text: str = ""
    verdict: str | None = None
    about: str = ""  # the file, the agency: what it was done with


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A crossing or a record on the time line; `chance` is a crossing's probability of having no record."""

    id: str
    what: Literal["crossing", "record"]
    at: datetime
    chance: float | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Crossings and records around an alert."""

    start: datetime
    end: datetime
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """An alert with its evidence and its history."""

    alert: AlertRow
    evidence: Evidence
    history: tuple[Entry, ...]
    files: tuple[AttachmentView, ...] = ()
    shares: tuple[ShareView, ...] = ()
    linked: tuple[LinkedView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which alerts of the past; None does not limit."""

    state: str | None = None
    kind: str | None = None
    site: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what a search found."""

    alerts: tuple[AlertRow, ...]
    total: int
    pages: int


class Desk(Protocol):
    """The services as the console uses them: blocking calls, made from worker threads."""

    def sign_in(self, username: str, password: str, code: str | None, address: str) -> Signed:
        """Open a session, or raise RefusedError."""

    def person(self, token: str) -> Person | None:
        """Whose session the token is; None if it ended."""

    def change_password(self, person: Person, old: str, new: str) -> None:
        """Change one's own password, which ends one's sessions; raises TapalError with the reason."""

    def propose_second_factor(self, person: Person) -> tuple[str, str]:
        """A new secret, and its address for an authenticator."""

    def confirm_second_factor(self, person: Person, secret: str, code: str, password: str) -> None:
        """Turn it on; raises TapalError where the code does not fit."""

    def sign_out(self, token: str) -> None:
        """End the session of the token."""

    def duty_alerts(self, person: Person) -> Sequence[AlertRow]:
        """Every alert that somebody still has to look at, and those that lately explained themselves before."""

    def unfinished(self, person: Person) -> int:
        """How many alerts somebody still has to look at, those too that no list holds; counted to some thousands."""
        ...

    def tally(self, person: Person, since: datetime) -> Tally:
        """The alerts raised since then, finished or not, in numbers."""

    def search(self, person: Person, wanted: Search) -> Found:
        """Alerts of any state, newest first."""

    def sites(self, person: Person) -> Sequence[Site]:
        """The sites the person sees."""

    def nodes(self, person: Person) -> Sequence[NodeView]:
        """The edge nodes of those sites with their cameras."""

    def zone(self, person: Person) -> str:
        """The time zone of the person's first site."""

    def names(self, person: Person) -> Mapping[str, str]:
        """What people are called, by their user name."""

    def alert(self, person: Person, alert_id: str) -> AlertRow | None:
        """One alert, if it exists and the person may see it."""

    def detail(self, person: Person, alert_id: str) -> Detail | None:
        """The alert with its evidence; that the person looked at it is recorded."""

    def acknowledge(self, person: Person, alert_id: str) -> None:
        """The person has seen it and answers for it."""

    def take(self, person: Person, alert_id: str) -> None:
        """The person works on it."""

    def note(self, person: Person, alert_id: str, text: str) -> None:
        """Write something down beside it."""

    def resolve(self, person: Person, alert_id: str, verdict: Verdict, note: str) -> None:
        """Judge it."""

    def reopen(self, person: Person, alert_id: str, note: str) -> None:
        """Take the judgement back."""

    def flag_welfare(self, person: Person, alert_id: str, note: str, *, on: bool) -> None:
        """Say that people may need help, or that nobody does."""

    def picture(self, person: Person, event_id: str) -> bytes | None:
        """The JPEG of an event, if there is one the person may see."""

    def subscribe(self, changed: Callable[[Topic], None]) -> Unsubscribe:
        """Call `changed` from any thread whenever something a page shows may have changed."""
