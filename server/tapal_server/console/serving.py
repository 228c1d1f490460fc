"""The console on the server's services."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

from tapal_server.alerts.query import Kept
from tapal_server.alerts.states import OPEN, Outcome, State
from tapal_server.alerts.tally import Tally
from tapal_server.alerts.views import AlertDetail, AlertFilter, AlertView, HistoryView, ReasonView
from tapal_server.console import ports
from tapal_server.console.console import Console
from tapal_server.console.i18n import DEFAULT
from tapal_server.console.mounting import mount_desk
from tapal_server.console.office import Office
from tapal_server.console.ports import (
    LISTED,
    PAGE,
    UNFILMED,
    AlertRow,
    Code,
    Detail,
    Entry,
    Evidence,
    Found,
    Mark,
    Person,
    Search,
    Signed,
)
from tapal_server.console.subjects import actor_of, person_of
from tapal_server.correlation.types import Site
from tapal_server.errors import (
    CodeNeededError,
    FirstPasswordOverError,
    NotFoundError,
    SignInError,
    TooManyAttemptsError,
)
from tapal_server.events import (
    AlertChanged,
    AlertRaised,
    ClipChanged,
    CommandAnswered,
    MediaStored,
    NodeSeen,
    RolloutChanged,
    ServerEvent,
)
from tapal_server.nodes import NodeView
from tapal_server.notify.service import Notifier
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.people.first import FirstRun
from tapal_server.services import Services
from tapal_server.settings import Settings

__all__ = ["ServicesDesk", "mount"]

MOST_EXPLAINED = 50
LATELY = timedelta(hours=8)
EXPLAINED = AlertFilter(states=frozenset({State.RESOLVED}), outcomes=frozenset({Outcome.EXPLAINED}))
UNFINISHED = AlertFilter(states=OPEN)
NAMES_KEPT = timedelta(minutes=1)
MARGIN = timedelta(minutes=1)
ACTIONS = {"raise": "raised", "acknowledge": "acknowledged", "start": "started", "assign": "assigned"}
ACTIONS |= {"resolve": "resolved", "reopen": "reopened", "close": "closed", "update": "updated"}
ABOUT = ("agency", "name")
STATES: Mapping[State, ports.State] = {
    State.NEW: "new",
    State.REOPENED: "reopened",
    State.ACKNOWLEDGED: "acknowledged",
    State.IN_PROGRESS: "in_progress",
    State.RESOLVED: "resolved",
}


def mount(
    app: FastAPI,
    services: Services,
    *,
    sites: Iterable[Site] = (),
    secure_cookies: bool = False,
    language: str = DEFAULT,
    document_key: bytes | None = None,
    first: FirstRun | None = None,
    notifier: Notifier | None = None,
    sites_file: Path | None = None,
    settings: Settings | None = None,
) -> Console:
    """Serve the console at the root of the app; call it last, so that the app's own routes win.

    With the key of document numbers, passage files can be imported on a page; without it, only elsewhere.
    """
    desk, office = ServicesDesk(services, sites), None
    if document_key:
        office = Office(services, document_key, notifier=notifier, sites_file=sites_file, settings=settings)
    return mount_desk(app, desk, office, first=first, secure_cookies=secure_cookies, language=language)


class ServicesDesk:
    """Answers the console from the services; what a person may see and do is decided there."""

    def __init__(self, services: Services, sites: Iterable[Site]) -> None:
        self._services = services
        self._sites = {site.id: site for site in sites}
        self._kept = Kept()
        self._named: Mapping[str, str] = {}
        self._named_at: datetime | None = None

    def sign_in(self, username: str, password: str, code: str | None, address: str) -> Signed:
        """Open a session, or raise RefusedError."""
        try:
            signed = self._services.auth.sign_in(username, password, client=address, code=code)
        except TooManyAttemptsError as error:
            raise ports.RefusedError("limited", retry_after_s=error.retry_after_s) from error
        except CodeNeededError as error:
            raise ports.RefusedError("code") from error
        except FirstPasswordOverError as error:
            raise ports.RefusedError("over") from error
        except SignInError as error:
            raise ports.RefusedError("wrong") from error
        lasts = signed.expires_at - self._services.clock.now()
        return Signed(token=signed.token, person=person_of(signed.actor), lasts_s=int(lasts.total_seconds()))

    def person(self, token: str) -> Person | None:
        """Whose session the token is; None if it ended."""
        actor = self._services.auth.actor_for(token)
        return person_of(actor) if actor else None

    def change_password(self, person: Person, old: str, new: str) -> None:
        """Change one's own password, which ends one's sessions."""
        self._services.people.change_own_password(actor_of(person), old, new)

    def propose_second_factor(self, person: Person) -> tuple[str, str]:
        """A new secret, and its address for an authenticator."""
        return self._services.people.propose_second_factor(actor_of(person))

    def confirm_second_factor(self, person: Person, secret: str, code: str, password: str) -> None:
        """Turn it on, after a code showed that the authenticator has it."""
        self._services.people.confirm_second_factor(actor_of(person), secret, code, password=password)

    def sign_out(self, token: str) -> None:
        """End the session of the token."""
        self._services.auth.sign_out(token)

    def duty_alerts(self, person: Person) -> tuple[AlertRow, ...]:
        """The newest that somebody still has to look at, and those that lately explained themselves before."""
        explained = replace(EXPLAINED, since=self._services.clock.now() - LATELY)
        lists = ((UNFINISHED, LISTED), (explained, MOST_EXPLAINED))
        found = self._services.alerts.newest(actor_of(person), lists, self._kept)
        views = [one for one in found if one.state is not State.RESOLVED or one.acknowledged_at is None]
        seen = self._services.media.has(tuple(event for view in views for event in view.event_ids))
        return tuple(self._row(view, seen) for view in views)

    def unfinished(self, person: Person) -> int:
        """How many somebody still has to look at."""
        return self._services.alerts.page(actor_of(person), Paging(1, 1), UNFINISHED).total

    def tally(self, person: Person, since: datetime) -> Tally:
        """The alerts raised since then, finished or not, in numbers."""
        return self._services.alerts.tally(actor_of(person), since)

    def alert(self, person: Person, alert_id: str) -> AlertRow | None:
        """One alert, if it exists and the person may see it."""
        try:
            view = self._services.alerts.get(actor_of(person), alert_id)
        except NotFoundError:
            return None
        return self._row(view, self._services.media.has(view.event_ids))

    def detail(self, person: Person, alert_id: str) -> Detail | None:
        """The alert with its evidence; the services record that it was looked at."""
        try:
            found = self._services.alerts.detail(actor_of(person), alert_id)
        except NotFoundError:
            return None
        row = self._row(found.alert, frozenset(found.pictures))
        return Detail(
            alert=row,
            evidence=_evidence(found),
            history=tuple(_entry(entry) for entry in found.history),
            files=found.attachments,
            shares=found.shares,
            linked=found.linked,
        )

    def acknowledge(self, person: Person, alert_id: str) -> None:
        """The person has seen it and answers for it."""
        self._services.alerts.acknowledge(actor_of(person), alert_id)

    def take(self, person: Person, alert_id: str) -> None:
        """The person works on it."""
        self._services.alerts.start(actor_of(person), alert_id)

    def note(self, person: Person, alert_id: str, text: str) -> None:
        """Write something down beside it."""
        self._services.alerts.note(actor_of(person), alert_id, text)

    def resolve(self, person: Person, alert_id: str, verdict: ports.Verdict, note: str) -> None:
        """Judge it."""
        self._services.alerts.resolve(actor_of(person), alert_id, Outcome(verdict), note)

    def reopen(self, person: Person, alert_id: str, note: str) -> None:
        """Take the judgement back."""
        self._services.alerts.reopen(actor_of(person), alert_id, note)

    def flag_welfare(self, person: Person, alert_id: str, note: str, *, on: bool) -> None:
        """Say that people may need help, or that nobody does."""
        self._services.alerts.flag_welfare(actor_of(person), alert_id, note or None, on=on)

    def picture(self, person: Person, event_id: str) -> bytes | None:
        """The JPEG of an event, if there is one the person may see."""
        try:
            return self._services.media.read(actor_of(person), event_id)
        except NotFoundError:
            return None

    def subscribe(self, changed: Callable[[ports.Topic], None]) -> ports.Unsubscribe:
        """Call `changed` from any thread whenever something a page shows may have changed."""

        def told(event: ServerEvent) -> None:
            if isinstance(event, AlertRaised | AlertChanged | MediaStored):
                changed("alerts")
            elif isinstance(event, ClipChanged):
                changed("clips")
            elif isinstance(event, NodeSeen | CommandAnswered | RolloutChanged):
                changed("nodes")

        return self._services.bus.subscribe(told)

    def search(self, person: Person, wanted: Search) -> Found:
        """Alerts of any state, newest first."""
        one = frozenset({State(wanted.state)}) if wanted.state in set(State) else frozenset()
        chosen = AlertFilter(
            states=OPEN if wanted.state == ports.UNFINISHED else one,
            kinds=frozenset({wanted.kind}) if wanted.kind else frozenset(),
            sites=frozenset({wanted.site}) if wanted.site else frozenset(),
        )
        page = self._services.alerts.page(actor_of(person), Paging(max(1, wanted.page), PAGE), chosen)
        seen = self._services.media.has(tuple(event for view in page.items for event in view.event_ids))
        rows = tuple(self._row(view, seen) for view in page.items)
        return Found(alerts=rows, total=page.total, pages=page.pages)

    def sites(self, person: Person) -> tuple[Site, ...]:
        """The sites the person sees."""
        return tuple(site for site in self._sites.values() if person.sites is None or site.id in person.sites)

    def nodes(self, person: Person) -> tuple[NodeView, ...]:
        """The edge nodes of those sites with their cameras."""
        return self._services.nodes.all(actor_of(person))

    def zone(self, person: Person) -> str:
        """The time zone of the person's first site."""
        mine = self.sites(person)
        return mine[0].timezone if mine else "UTC"

    def names(self, person: Person) -> Mapping[str, str]:
        """What people are called, by their user name."""
        return dict(self._services.people.names(actor_of(person)))

    def _called(self) -> Mapping[str, str]:
        """What people are called, read again after a while."""
        now = self._services.clock.now()
        if self._named_at is None or now - self._named_at > NAMES_KEPT:
            self._named, self._named_at = dict(self._services.people.names(SYSTEM)), now
        return self._named

    def _row(self, view: AlertView, pictures: frozenset[str]) -> AlertRow:
        site = self._sites.get(view.site)
        picture = next((event for event in view.event_ids if event in pictures), None)
        return AlertRow(
            id=view.id,
            kind=view.kind,
            site=view.site,
            site_name=(site.name if site else "") or view.site,
            timezone=site.timezone if site else "UTC",
            line=view.line,
            direction=view.direction,
            open=view.status == "open" or view.state is State.REOPENED,  # a person has the last word
            state=STATES[view.state],
            verdict=view.outcome.value if view.outcome else None,
            probability=view.probability,
            time=view.time,
            raised_at=view.raised_at,
            closed_at=view.closed_at,
            picture=picture,
            owner=view.assignee,
            owner_name=self._called().get(view.assignee) if view.assignee else None,
            reason=_code(view.reason),
            because=_code(view.closed_because) if view.closed_because else None,
            innocent=tuple(Code(str(one["code"]), one) for one in view.innocent),
            low=view.low,
            high=view.high,
            people=max(1, len(view.event_ids)),
            members=view.members,
            severity=view.severity.value,
            welfare=view.welfare,
            version=view.version,
            acknowledged_at=view.acknowledged_at,
            film=None if view.kind in UNFILMED else picture or next(iter(view.event_ids), None),
        )


def _code(reason: ReasonView) -> Code:
    return Code(reason.code, reason.data)


def _entry(view: HistoryView) -> Entry:
    outcome = view.detail.get("outcome")
    by = None if view.actor == "system" else view.actor
    action = ACTIONS.get(view.action, view.action)
    if action == "welfare" and not view.detail.get("welfare"):
        action = "unwelfare"
    about = next((str(view.detail[key]) for key in ABOUT if view.detail.get(key)), "")
    verdict = str(outcome) if outcome else None
    return Entry(at=view.at, by=by, action=action, text=view.note or "", verdict=verdict, about=about)


def _evidence(found: AlertDetail) -> Evidence:
    crossings = [
        Mark(id=one.event_id, what="crossing", at=one.time, chance=one.unlogged, mine=one.member)
        for one in found.crossings
    ]
    records = [Mark(id=one.record_id, what="record", at=one.recorded_at) for one in found.records]
    marks = (*crossings, *records)
    times = [mark.at for mark in marks] or [found.alert.time]
    return Evidence(start=_utc(min(times)) - MARGIN, end=_utc(max(times)) + MARGIN, marks=marks)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
