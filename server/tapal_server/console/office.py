"""The passage log, people and the audit chain, as the console's pages use them."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tapal_server.alerts.views import RecordView
from tapal_server.audit.chain import Link
from tapal_server.console.ports import Person
from tapal_server.console.subjects import actor_of
from tapal_server.correlation.types import Record
from tapal_server.desk.service import HandoverView
from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.notify.service import Notifier
from tapal_server.paging import Page, Paging
from tapal_server.passages.model import Report
from tapal_server.passages.query import PassageFilter
from tapal_server.passages.reader import read_lines
from tapal_server.passages.store import ImportView
from tapal_server.people.directory import UserView
from tapal_server.people.roles import Permission, Role
from tapal_server.services import Services
from tapal_server.settings import Settings
from tapal_server.texts import decoded

__all__ = ["Office", "Preview"]

SAMPLE = 8
KEPT = 4
KEPT_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file that was read but not taken: its first good rows, and what is wrong with the others."""

    token: str
    name: str
    report: Report
    sample: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file somebody is looking at before taking it."""

    owner: str
    name: str
    text: str
    since: float


class Office:
    """Calls the services for the pages; who may do what is decided there."""

    def __init__(
        self,
        services: Services,
        document_key: bytes,
        *,
        notifier: Notifier | None = None,
        sites_file: Path | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.services = services
        self.notifier = notifier
        self.sites_file = sites_file
        self.settings = settings
        self.report_formats: tuple[str, ...] = ("xlsx", "pdf")
        self._key = document_key
        self._clock = clock
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def offer(self, person: Person, name: str, content: bytes) -> str:
        """Keep a file for a look before it is taken; returns the token of its preview."""
        if not actor_of(person).may(Permission.PASSAGES):
            raise ForbiddenError(f"{person.username!r} may not import passages")
        text, now = decoded(content, name=name), self._clock()
        for token in [token for token, one in self._waiting.items() if now - one.since > KEPT_S]:
            del self._waiting[token]
        while len(self._waiting) >= KEPT:
            self._waiting.popitem(last=False)
        token = secrets.token_urlsafe(12)
        self._waiting[token] = Waiting(person.id, name, text, now)
        return token

    def preview(self, person: Person, token: str) -> Preview:
        """Read an offered file whole, without storing anything."""
        waiting = self._find(person, token)
        report, records = read_lines(waiting.text.splitlines(keepends=True), name=waiting.name, key=self._key)
        sample = tuple(islice(records, SAMPLE))
        for _ in records:
            pass  # the report fills as the rows are read
        return Preview(token=token, name=waiting.name, report=report, sample=sample)

    def take(self, person: Person, token: str, source: str) -> ImportView:
        """Take an offered file into the log."""
        waiting = self._find(person, token)
        report, records = read_lines(waiting.text.splitlines(keepends=True), name=waiting.name, key=self._key)
        view = self.services.passages.take(actor_of(person), source.strip(), report, records)
        self._waiting.pop(token, None)
        return view

    def records(self, person: Person, wanted: PassageFilter, page: int) -> Page[RecordView]:
        """Records, newest first."""
        return self.services.passage_log.page(actor_of(person), Paging(page, 25), wanted)

    def imports(self, person: Person) -> tuple[ImportView, ...]:
        """What was taken in last."""
        return self.services.passage_log.imports(actor_of(person), Paging(1, 10)).items

    def people(self, person: Person) -> tuple[UserView, ...]:
        """Everybody with an account."""
        return self.services.people.page(actor_of(person), Paging(1, 500)).items

    def add_person(self, person: Person, form: dict[str, str]) -> UserView:
        """Open an account; its owner changes the password at the first sign-in."""
        role = form.get("role", "")
        if role not in set(Role):
            raise InvalidError(f"role {role!r} is not known; choose one of the list", field="role")
        return self.services.people.add(
            actor_of(person),
            form.get("name", ""),
            form.get("password", ""),
            role=Role(role),
            display_name=form.get("display_name", "").strip() or None,
            agency=form.get("agency", "").strip() or None,
            must_change_password=True,
        )

    def close_account(self, person: Person, name: str, *, closed: bool) -> None:
        """Close an account, ending its sessions, or open it again."""
        self.services.people.change(actor_of(person), name, disabled=closed)

    def colleagues(self, person: Person) -> tuple[tuple[str, str], ...]:
        """User name and name of everybody else."""
        return tuple(one for one in self.services.people.names(actor_of(person)) if one[0] != person.username)

    def handovers(self, person: Person) -> tuple[HandoverView, ...]:
        """Shifts handed over, newest first."""
        return self.services.desk.handovers(actor_of(person), Paging(1, 10)).items

    def hand_over(self, person: Person, to: str, note: str) -> None:
        """Give one's shift to somebody, with all that is open."""
        self.services.desk.hand_over(actor_of(person), to, note.strip())

    def accept(self, person: Person, handover_id: str) -> None:
        """Take a shift over by name."""
        self.services.desk.accept(actor_of(person), handover_id)

    def audit(self, person: Person, page: int) -> Page[Link]:
        """The audit chain, newest first."""
        return self.services.audit.page(actor_of(person), Paging(page, 50))

    def chain_is_whole(self) -> bool:
        """Whether every link of the audit chain follows from the one before."""
        return self.services.audit.verify() is None

    def _find(self, person: Person, token: str) -> Waiting:
        waiting = self._waiting.get(token)
        if waiting is None or waiting.owner != person.id:
            raise NotFoundError("this preview is no longer kept; choose the file again")
        return waiting
