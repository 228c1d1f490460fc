"""Pages before and beside any live connection, as plain HTML: signing in, a new password, an unknown address."""

from tapal_server.console.assets import head
from tapal_server.console.i18n import LANGUAGES, Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag


def sign_in_page(
    words: Words,
    *,
    following: str = "/",
    username: str = "",
    error: str | None = None,
    code: bool = False,
    elsewhere: str | None = None,
) -> str:
    """The whole page; `following` is where to go afterwards, `elsewhere` where the office's own provider begins."""
    form = tag(
        "form",
        tag(
            "div",
            icon("mark"),
            tag("div", tag("h1", words("app.name")), tag("p", words("app.claim"), class_="note")),
            class_="brand",
        ),
        tag("p", error, class_="error", role="alert") if error else None,
        field("username", words("sign_in.username"), value=username, autocomplete="username", autofocus=not username),
        field(
            "password",
            words("sign_in.password"),
            kind="password",
            autocomplete="current-password",
            autofocus=bool(username),
        ),
        field("code", words("sign_in.code_label"), autocomplete="one-time-code", inputmode="numeric") if code else None,
        tag("input", type="hidden", name="next", value=following),
        tag("button", words("sign_in.button"), type="submit", class_="button primary"),
        tag("a", words("sign_in.elsewhere"), href=elsewhere, class_="button") if elsewhere else None,
        tag("p", words("sign_in.hint"), class_="note"),
        tag("p", words("sign_in.notice"), class_="note"),
        language_choice(words),
        method="post",
        action="/sign-in",
    )
    return plain_page(words("sign_in.title"), form, words)


def password_page(words: Words, *, error: str | None = None) -> str:
    """Where one's own password is changed, and has to be at the first sign-in."""
    form = tag(
        "form",
        tag("h1", words("password.title")),
        tag("p", words("password.why")),
        tag("p", error, class_="error", role="alert") if error else None,
        field("old", words("password.old"), kind="password", autocomplete="current-password"),
        field("new", words("password.new"), kind="password", autocomplete="new-password", minlength="12"),
        tag("button", words("password.change"), type="submit", class_="button primary"),
        language_choice(words),
        method="post",
        action="/password",
    )
    return plain_page(words("password.title"), form, words)


def second_factor_page(words: Words, *, secret: str, address: str | None = None, wrong: str = "") -> str:
    """Where an authenticator is set up; its secret is typed in, or taken over by pressing on a phone."""
    spelt = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    form = tag(
        "form",
        tag("h1", words("second_factor.title")),
        tag("p", words("second_factor.why")),
        tag("p", words(f"second_factor.{wrong}"), class_="error", role="alert") if wrong else None,
        tag("p", words("second_factor.secret"), " ", tag("code", spelt)),
        tag("a", words("second_factor.open"), href=address, class_="button") if address else None,
        field("code", words("sign_in.code_label"), autocomplete="one-time-code", inputmode="numeric"),
        field("password", words("sign_in.password"), kind="password", autocomplete="current-password"),
        tag("input", type="hidden", name="secret", value=secret),
        tag("button", words("second_factor.confirm"), type="submit", class_="button primary"),
        language_choice(words),
        method="post",
        action="/second-factor",
    )
    return plain_page(words("second_factor.title"), form, words)


def missing_page(words: Words) -> str:
    """For an address that leads nowhere."""
    told = tag(
        "div",
        tag("h1", words("app.unknown_page")),
        tag("a", words("app.to_duty"), href="/", class_="button primary"),
        class_="told",
    )
    return plain_page(words("app.unknown_page"), told, words)


def plain_page(title: str, content: Html, words: Words) -> str:
    """A page without a live connection."""
    body = tag("body", tag("main", content, class_="sign-in"))
    full = f"{title} · {words('app.name')}"
    return "<!doctype html>" + tag("html", tag("head", head(full)), body, lang=words.language, data_theme="auto")


def field(name: str, label: str, *, kind: str = "text", value: str = "", **attributes: str | bool) -> Html:
    """A labelled field that must be filled."""
    entry = tag("input", id=name, name=name, type=kind, value=value, required=True, class_="input", **attributes)
    return tag("div", tag("label", label, for_=name), entry, class_="field")


def language_choice(words: Words) -> Html:
    """The other language, one press away."""
    names = {"id": "Bahasa Indonesia", "en": "English"}
    buttons = [
        tag("button", names[code], type="button", lang=code, class_="button quiet", data_language_choice=code)
        for code in LANGUAGES
        if code != words.language
    ]
    return tag("div", join(*buttons), class_="row")
