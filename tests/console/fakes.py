"""A desk without a server: what the services would answer, kept in memory."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tapal_contract.errors import TapalError
from tapal_server.alerts.tally import Tally
from tapal_server.console.ports import (
    AlertRow,
    Code,
    Detail,
    Entry,
    Evidence,
    Found,
    Mark,
    Person,
    RefusedError,
    Search,
    Signed,
)
from tapal_server.console.views.cards import section_of
from tapal_server.correlation.types import Gate, Look, Site
from tapal_server.errors import SignInError
from tapal_server.nodes import CameraView, NodeView

NOW = datetime.now(UTC).replace(microsecond=0)
OFFICER = Person(id="u1", username="sari", name="Sari Wulandari", role="officer")
AUDITOR = Person(id="u2", username="budi", name="Budi Santoso", role="auditor", may=frozenset({"see", "audit"}))


SITES = (
    Site(
        id="tunon-taka",
        kind="checkpoint",
        name="Tunon Taka",
        timezone="Asia/Makassar",
        location=(4.143, 117.664),
        looks=(Look(camera="gate-1", bearing=225.0, view=70.0),),
        gates=(Gate(line="gerbang", direction="inbound"), Gate(line="gerbang", direction="outbound")),
    ),
    Site(
        id="bambangan",
        kind="unofficial",
        name="Dermaga Bambangan",
        timezone="Asia/Makassar",
        location=(4.06, 117.76),
        gates=(Gate(line="dermaga", direction="inbound"),),
    ),
)


def node(name: str = "nunukan-01", status: str = "online", **changes: object) -> NodeView:
    camera = CameraView(camera="gate-1", state="online", fps=6.9, detail="", last_event=None, last_event_at=None)
    view = NodeView(
        node=name,
        site="tunon-taka",
        status=status,
        since=NOW,
        last_seen=NOW,
        version="0.1.0",
        through=10,
        conflicts=0,
        repeats=0,
        lost=0,
        health={"queue": 0, "temperature_c": 51.0, "disk_free_bytes": 42_000_000_000, "warnings": []},
        cameras=(camera,),
    )
    return replace(view, **changes)


def alert(number: int = 1, **changes: object) -> AlertRow:
    row = AlertRow(
        id=f"a{number}",
        kind="unlogged_crossing",
        site="tunon-taka",
        site_name="Tunon Taka",
        timezone="Asia/Makassar",
        line="gerbang",
        direction="inbound",
        open=True,
        state="new",
        verdict=None,
        probability=0.83,
        time=NOW - timedelta(minutes=number),
        raised_at=NOW - timedelta(minutes=number - 0.5),
        closed_at=None,
        picture=None,
        owner=None,
        reason=Code("no_record", {"people": 1, "waited_s": 900.0, "usual_s": 120.0, "longest_s": 600.0}),
        innocent=(Code("false_or_double_count", {"probability": 0.1}), Code("record_late")),
    )
    return replace(row, **changes)


class FakeDesk:
    """Alerts by id, people by token, and who listens."""

    def __init__(self) -> None:
        self.people = {"sari": OFFICER, "budi": AUDITOR}
        self.sessions: dict[str, Person] = {}
        self.alerts: dict[str, AlertRow] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.pictures: dict[str, bytes] = {}
        self.refuse: RefusedError | None = None
        self.watching: list[NodeView] = []
        self.marks: tuple[Mark, ...] = ()
        self.listeners: list[Callable[[str], None]] = []
        self.lock = threading.Lock()

    def put(self, row: AlertRow) -> None:
        self.alerts[row.id] = row
        self.entries.setdefault(row.id, [Entry(at=row.raised_at, by=None, action="raised")])
        self.tell()

    def tell(self, topic: str = "alerts") -> None:
        for listener in list(self.listeners):
            listener(topic)

    def sign_in(self, username: str, password: str, code: str | None, address: str) -> Signed:
        if self.refuse:
            raise self.refuse
        person = self.people.get(username)
        if person is None or password != "correct horse":
            raise RefusedError("wrong")
        token = f"token-{username}"
        self.sessions[token] = person
        return Signed(token=token, person=person, lasts_s=3600)

    def person(self, token: str) -> Person | None:
        return self.sessions.get(token)

    def change_password(self, person: Person, old: str, new: str) -> None:
        if len(new) < 12:
            raise TapalError("too short")
        self.sessions.clear()

    def propose_second_factor(self, person: Person) -> tuple[str, str]:
        return "ABCDEFGHIJKLMNOP", f"otpauth://totp/Tapal:{person.username}?secret=ABCDEFGHIJKLMNOP"

    def confirm_second_factor(self, person: Person, secret: str, code: str, password: str) -> None:
        if password != "correct horse":
            raise SignInError("the password is wrong")
        if (secret, code) != ("ABCDEFGHIJKLMNOP", "287082"):
            raise TapalError("the code does not fit")
        self.people[person.username] = replace(person, needs_second_factor=False)

    def sign_out(self, token: str) -> None:
        self.sessions.pop(token, None)

    def duty_alerts(self, person: Person) -> list[AlertRow]:
        return [row for row in self.alerts.values() if section_of(row)]

    def unfinished(self, person: Person) -> int:
        return sum(row.state != "resolved" for row in self.alerts.values())

    def alert(self, person: Person, alert_id: str) -> AlertRow | None:
        return self.alerts.get(alert_id)

    def detail(self, person: Person, alert_id: str) -> Detail | None:
        row = self.alerts.get(alert_id)
        if row is None:
            return None
        span = timedelta(minutes=10)
        evidence = Evidence(start=row.time - span, end=row.time + span, marks=self.marks)
        return Detail(alert=row, evidence=evidence, history=tuple(self.entries[alert_id]))

    def acknowledge(self, person: Person, alert_id: str) -> None:
        self._change(person, alert_id, "acknowledged", state="acknowledged", owner=person.name, acknowledged_at=NOW)

    def take(self, person: Person, alert_id: str) -> None:
        self._change(person, alert_id, "assigned", state="in_progress", owner=person.name)

    def note(self, person: Person, alert_id: str, text: str) -> None:
        self._change(person, alert_id, "note", text)

    def resolve(self, person: Person, alert_id: str, verdict: str, note: str) -> None:
        self._change(person, alert_id, "resolved", note, state="resolved", verdict=verdict, acknowledged_at=NOW)

    def reopen(self, person: Person, alert_id: str, note: str) -> None:
        self._change(person, alert_id, "reopened", note, state="acknowledged", verdict=None)

    def flag_welfare(self, person: Person, alert_id: str, note: str, *, on: bool) -> None:
        self._change(person, alert_id, "welfare", note, welfare=on)

    def picture(self, person: Person, event_id: str) -> bytes | None:
        return self.pictures.get(event_id)

    def search(self, person: Person, wanted: Search) -> Found:
        rows = [
            row
            for row in self.alerts.values()
            if wanted.state in {None, row.state} and wanted.kind in {None, row.kind} and wanted.site in {None, row.site}
        ]
        first = (wanted.page - 1) * 25
        return Found(alerts=tuple(rows[first : first + 25]), total=len(rows), pages=max(1, -(-len(rows) // 25)))

    def sites(self, person: Person) -> tuple[Site, ...]:
        return SITES

    def nodes(self, person: Person) -> tuple[NodeView, ...]:
        return tuple(self.watching)

    def zone(self, person: Person) -> str:
        return "Asia/Makassar"

    def tally(self, person: Person, since: datetime) -> Tally:
        seen = [row for row in self.alerts.values() if row.raised_at >= since]
        return Tally(
            raised=len(seen),
            waiting=sum(row.state == "new" and row.open for row in seen),
            outcomes=Counter(row.verdict for row in seen if row.verdict),
        )

    def names(self, person: Person) -> dict[str, str]:
        return {one.username: one.name for one in self.people.values()}

    def subscribe(self, changed: Callable[[str], None]) -> Callable[[], None]:
        self.listeners.append(changed)
        return lambda: self.listeners.remove(changed)

    def _change(self, person: Person, alert_id: str, action: str, text: str = "", **changes: object) -> None:
        with self.lock:
            if alert_id not in self.alerts:
                raise TapalError(f"alert {alert_id!r} is not known")
            row = self.alerts[alert_id]
            self.alerts[alert_id] = replace(row, version=row.version + 1, **changes)
            verdict = changes.get("verdict")
            entry = Entry(at=datetime.now(UTC), by=person.name, action=action, text=text, verdict=verdict)
            self.entries[alert_id].append(entry)
        self.tell()
