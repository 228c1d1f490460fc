"""Who does something: a person, a program with a token, or the server itself."""

from dataclasses import dataclass, replace

from tapal_server.errors import ForbiddenError, NotFoundError
from tapal_server.people.roles import PERMISSIONS, Permission, Role

__all__ = ["NOWHERE", "SYSTEM", "Actor"]

# No site has an empty name: whoever is of another agency sees no site, only the alerts shared with it.
NOWHERE = frozenset({""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who asks; every call of a service that shows or changes something takes one."""

    name: str
    display_name: str
    permissions: frozenset[Permission]
    user_id: str | None = None
    role: Role | None = None
    agency: str | None = None
    sites: frozenset[str] = frozenset()  # empty: all sites
    language: str | None = None
    session_id: str | None = None
    must_change_password: bool = False
    has_second_factor: bool = False
    needs_second_factor: bool = False  # and may do nothing else before it is set up

    def may(self, permission: Permission) -> bool:
        """Whether this one may do that at all."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise ForbiddenError unless allowed."""
        if not self.may(permission):
            raise ForbiddenError(f"{self.name!r} may not do this; it needs the permission {permission.value!r}")

    def sees(self, site: str) -> bool:
        """Whether this one may see what happens at the site."""
        return not self.sites or site in self.sites

    def require_site(self, site: str) -> None:
        """Raise NotFoundError for a site of somebody else, as if it did not exist."""
        if not self.sees(site):
            raise NotFoundError(f"site {site!r} is not known")

    def until_second_factor(self) -> "Actor":
        """The same one, who may do nothing yet but set a second factor up."""
        return replace(self, permissions=frozenset(), needs_second_factor=True)

    def with_session(self, session_id: str | None, *, must_change: bool, second_factor: bool) -> "Actor":
        """The same one, in a session."""
        return replace(self, session_id=session_id, must_change_password=must_change, has_second_factor=second_factor)


def of_role(
    *,
    user_id: str,
    name: str,
    display_name: str,
    role: Role,
    agency: str | None,
    sites: frozenset[str],
    language: str | None,
) -> Actor:
    """A person with all a role allows."""
    return Actor(
        user_id=user_id,
        name=name,
        display_name=display_name,
        role=role,
        permissions=PERMISSIONS[role],
        agency=agency,
        sites=NOWHERE if role is Role.PARTNER else sites,
        language=language,
    )


SYSTEM = Actor(name="system", display_name="Tapal", permissions=frozenset(Permission))
