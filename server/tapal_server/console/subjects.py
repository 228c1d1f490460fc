"""The person of a page, as the services know them."""

from tapal_server.console.ports import Person
from tapal_server.errors import SignInError
from tapal_server.people.actor import Actor

__all__ = ["actor_of", "person_of"]


def actor_of(person: Person) -> Actor:
    """The actor behind a person of a page."""
    if not isinstance(person.subject, Actor):
        raise SignInError("the session has ended; sign in again")
    return person.subject


def person_of(actor: Actor) -> Person:
    """A person of a page."""
    return Person(
        id=actor.user_id or actor.name,
        username=actor.name,
        name=actor.display_name,
        role=actor.role.value if actor.role else "",
        agency=actor.agency,
        sites=tuple(sorted(actor.sites)) or None,
        may=frozenset(permission.value for permission in actor.permissions),
        language=actor.language,
        must_change_password=actor.must_change_password,
        needs_second_factor=actor.needs_second_factor,
        subject=actor,
    )
