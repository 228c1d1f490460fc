"""Who is told what, as the office has it: the settings file's rules until somebody changes them in the console.

Channels stay in the file: their addresses and keys are secrets of whoever runs the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from pydantic import Field, ValidationError
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from tapal_contract.events import first_problem
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import NotifyRulesRow
from tapal_server.errors import ConflictError, InvalidError
from tapal_server.notify.rules import EscalationStep, NotifySettings, Rule, Section, Severity, kinds
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["OfficeRules", "RuleBook", "RulesView", "read_rules"]

MOST_RULES = 50
MOST_STEPS = 5
_ONLY = 1  # there is one row


class OfficeRules(Section):
    """What an administrator decides: rules, when what nobody took is told again, and what browsers are told."""

    rules: tuple[Rule, ...] = Field((), max_length=MOST_RULES)
    escalation: tuple[EscalationStep, ...] = Field((), max_length=MOST_STEPS)
    push_least_severity: Severity = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The rules in force, and who decided them; nobody where the settings file holds."""

    rules: OfficeRules
    version: int
    changed_by: str | None
    changed_at: datetime | None


class RuleBook:
    """Reads the rules in force, and writes them down anew.

    Attributes:
        of_file: what the settings file says.
    """

    def __init__(
        self, database: Database, settings: NotifySettings, sites: Sequence[Site], *, audit: AuditLog, clock: Clock
    ) -> None:
        self._database = database
        self.of_file = settings
        self._sites = frozenset(site.id for site in sites)
        self._channels = frozenset(one.name for one in (*settings.channels, *settings.webhooks))
        self._audit = audit
        self._clock = clock

    def current(self) -> NotifySettings:
        """The settings with the rules in force; another server's change counts at the next look."""
        with self._database.read() as session:
            rules = self._view(session).rules
        push = self.of_file.push.model_copy(update={"least_severity": rules.push_least_severity})
        changes = {"rules": rules.rules, "escalation": rules.escalation, "push": push}
        return self.of_file.model_copy(update=changes)

    def get(self, actor: Actor) -> RulesView:
        """The rules in force."""
        actor.require(Permission.SETTINGS)
        with self._database.read() as session:
            return self._view(session)

    def change(self, actor: Actor, rules: OfficeRules, *, expected_version: int) -> RulesView:
        """Put these rules in force, at once and on every server.

        Raises:
            InvalidError: a channel, site or kind that is not known; what is wrong is named.
            ConflictError: somebody else changed the rules since.
        """
        actor.require(Permission.SETTINGS)
        self._check(rules)
        return self._keep(actor, rules, expected_version)

    def forget(self, actor: Actor, *, expected_version: int) -> RulesView:
        """Go back to the settings file's rules."""
        actor.require(Permission.SETTINGS)
        return self._keep(actor, None, expected_version)

    def _keep(self, actor: Actor, rules: OfficeRules | None, expected_version: int) -> RulesView:
        body = None if rules is None else rules.model_dump(mode="json")
        now = self._clock.now()
        with self._database.write() as session:
            # The row is there before it is locked: of two who are the first to change the rules one waits here.
            insert = sqlite_insert if self._database.is_sqlite else postgresql_insert
            first = insert(NotifyRulesRow).values(number=_ONLY, version=0, changed_by=actor.name, changed_at=now)
            session.execute(first.on_conflict_do_nothing())
            row = session.get_one(NotifyRulesRow, _ONLY, with_for_update=True)
            if expected_version != row.version:
                raise ConflictError("somebody else changed the rules; look at them again")
            before = self._view(session).rules.model_dump(mode="json")
            row.body, row.version = body, row.version + 1
            row.changed_by, row.changed_at = actor.name, now
            detail = {"before": before, "after": body or "the settings file"}
            self._audit.append(session, actor, "notify.rules", "notify:rules", detail)
            session.flush()
            return self._view(session)

    def _view(self, session: Session) -> RulesView:
        row = session.get(NotifyRulesRow, _ONLY)
        if row is None or row.body is None:
            settings, version = self.of_file, row.version if row else 0
            rules = OfficeRules(
                rules=settings.rules,
                escalation=settings.escalation,
                push_least_severity=settings.push.least_severity,
            )
            return RulesView(rules=rules, version=version, changed_by=None, changed_at=None)
        rules = OfficeRules.model_validate(row.body)
        return RulesView(rules=rules, version=row.version, changed_by=row.changed_by, changed_at=row.changed_at)

    def _check(self, rules: OfficeRules) -> None:
        for rule in rules.rules:
            for field, names, known in (
                ("channel", (rule.channel,), self._channels),
                ("site", rule.sites, self._sites),
                ("kind", rule.kinds, kinds()),
            ):
                unknown = next((name for name in names if name not in known), None)
                if unknown is not None:
                    raise InvalidError(
                        f"{field} {unknown[:64]!r} is not known; choose among {', '.join(sorted(known)) or 'none'}",
                        field=field,
                    )
            if not rule.on:
                raise InvalidError(f"the rule of channel {rule.channel} has no occasion; name one", field="rules")
            if rule.timezone not in available_timezones():
                raise InvalidError(f"time zone {rule.timezone[:64]!r} is not known", field="timezone")
        waits = [step.after_minutes for step in rules.escalation]
        if waits != sorted(waits):
            raise InvalidError("each step of an escalation comes later than the one before", field="escalation")


def read_rules(values: object) -> OfficeRules:
    """Rules as they were typed in.

    Raises:
        InvalidError: the first thing that cannot be.
    """
    try:
        return OfficeRules.model_validate(values)
    except ValidationError as error:
        raise InvalidError(first_problem(error), field="rules") from error
