"""People with an account, and the form that opens one."""

from collections.abc import Sequence

from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.views.common import button
from tapal_server.console.views.forms import choice, field
from tapal_server.console.views.tables import table
from tapal_server.people.directory import UserView
from tapal_server.people.roles import Role


def people(found: Sequence[UserView], me: str, words: Words) -> Html:
    """Everybody, with role, posts and state, and the button that closes or opens an account."""
    heads = [words(f"people.{name}") for name in ("name", "role", "sites", "state", "action")]
    return table(words("people.title"), heads, [_row(one, me, words) for one in found])


def _row(one: UserView, me: str, words: Words) -> tuple[str | Html | None, ...]:
    state = words("people.closed" if one.disabled else "people.open")
    act = "reopen_account" if one.disabled else "close_account"
    label = words("people.reopen" if one.disabled else "people.close")
    return (
        f"{one.display_name} ({one.name})",
        words(f"role.{one.role.value}") + (f" · {one.agency}" if one.agency else ""),
        "-" if one.role is Role.PARTNER else ", ".join(one.sites) or words("people.all_sites"),
        tag("span", state, class_="pill bad" if one.disabled else "pill good"),
        None if one.name == me else button(label, act=act, key=one.name),
    )


def form(words: Words) -> Html:
    """Open an account."""
    roles = [(role.value, words(f"role.{role.value}")) for role in Role]
    return tag(
        "form",
        tag("h2", words("people.add")),
        tag(
            "div",
            field("name", words("people.username"), autocomplete="off", maxlength="64"),
            field("display_name", words("people.display_name"), autocomplete="off", maxlength="128"),
            field("password", words("people.password"), type="password", autocomplete="new-password", minlength="12"),
            choice("role", words("people.role"), roles),
            field("agency", words("people.agency"), required=False, autocomplete="off", maxlength="64"),
            class_="fields",
        ),
        tag("button", words("people.create"), type="submit", class_="button primary"),
        class_="panel",
    )
