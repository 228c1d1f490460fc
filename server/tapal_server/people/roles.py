"""Who may do what."""

from enum import StrEnum

__all__ = ["PERMISSIONS", "Permission", "Role"]


class Permission(StrEnum):
    """Something a person may do."""

    SEE = "see"
    JUDGE = "judge"
    ASSIGN = "assign"
    SHELVE = "shelve"
    SHARE = "share"
    PASSAGES = "passages"
    PLAN = "plan"
    REPORT = "report"
    EXPORT = "export"
    REVIEW = "review"
    PEOPLE = "people"
    SETTINGS = "settings"
    AUDIT = "audit"


class Role(StrEnum):
    """What a person is in the office."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    TRAINER = "trainer"
    AUDITOR = "auditor"
    PARTNER = "partner"
    ADMIN = "admin"


_OFFICER = frozenset({Permission.SEE, Permission.JUDGE, Permission.SHELVE, Permission.PLAN, Permission.REPORT})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: _OFFICER,
    Role.SUPERVISOR: _OFFICER | {Permission.ASSIGN, Permission.SHARE, Permission.PASSAGES, Permission.EXPORT},
    Role.ANALYST: frozenset(
        {Permission.SEE, Permission.PASSAGES, Permission.PLAN, Permission.REPORT, Permission.EXPORT}
    ),
    Role.TRAINER: frozenset({Permission.SEE, Permission.REVIEW}),
    Role.AUDITOR: frozenset({Permission.SEE, Permission.REPORT, Permission.AUDIT}),
    # A partner agency sees only the alerts that were shared with it.
    Role.PARTNER: frozenset({Permission.SEE}),
    # The administrator runs the system; judging alerts stays with those who answer for it.
    Role.ADMIN: frozenset(Permission) - {Permission.JUDGE},
}
