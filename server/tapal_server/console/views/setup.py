"""Setting up: the first administrator's form, and the list of what is still to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views.sign_in import field, language_choice, plain_page

SITE_EXAMPLE = """sites:
  - id: tunon-taka
    name: Tunon Taka
    kind: checkpoint            # checkpoint | unofficial | pier
    checkpoint: GATE            # the code the passage log uses
    timezone: Asia/Makassar
    hours: "00:00-24:00"
    location: [4.143, 117.664]
    gates:
      - {line: gate, direction: inbound, delay: {typical_s: 30, longest_s: 900, first: crossing}}
"""
CAMERA_EXAMPLE = """node: nunukan-01
site: tunon-taka
mqtt: {url: mqtts://broker:8883}
model: default
cameras:
  - id: gate-1
    source: rtsp://user:password@camera/stream
    fps: 7
    labels: [person]
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: its texts by name, whether it is done, and what to show to do it."""

    name: str
    done: bool
    detail: str = ""
    inside: Html | None = None


def setup_page(words: Words, *, error: str | None = None, username: str = "", display_name: str = "") -> str:
    """The whole first page."""
    form = tag(
        "form",
        tag("h1", words("setup.title")),
        tag("p", words("setup.why")),
        tag("p", error, class_="error", role="alert") if error else None,
        field("code", words("setup.code"), autocomplete="off", autofocus=True),
        tag("p", words("setup.code.where"), class_="note"),
        field("username", words("sign_in.username"), value=username, autocomplete="username"),
        field("display_name", words("people.display_name"), value=display_name, autocomplete="name"),
        field("password", words("setup.password"), kind="password", autocomplete="new-password", minlength="12"),
        tag("button", words("setup.create"), type="submit", class_="button primary"),
        language_choice(words),
        method="post",
        action="/setup",
    )
    return plain_page(words("setup.title"), form, words)


def checklist(steps: Sequence[Step], words: Words) -> Html:
    """Everything there is to do, done or not, in order."""
    left = sum(not step.done for step in steps)
    told = words("start.left", n=left) if left else words("start.ready")
    look = "banner good" if not left else "banner wait"
    return join(
        tag("p", told, class_=look, role="status"), tag("ol", [_step(step, words) for step in steps], class_="steps")
    )


def _step(step: Step, words: Words) -> Html:
    state = words("start.done" if step.done else "start.open")
    return tag(
        "li",
        tag(
            "div",
            tag("h2", words(f"start.{step.name}")),
            tag("span", state, class_="pill good" if step.done else "pill wait"),
            class_="row",
        ),
        tag("p", step.detail, class_="note") if step.detail else None,
        tag("p", words(f"start.{step.name}.how")),
        step.inside,
        class_="panel",
    )


def example(text: str, label: str) -> Html:
    """A file to copy."""
    return tag("pre", tag("code", text), class_="example", tabindex="0", role="region", aria_label=label)


def site_check(text: str, words: Words) -> Html:
    """Where a sites.yaml is tried before the server is started with it."""
    area = tag("textarea", text, id="yaml", name="yaml", rows=12, class_="input mono", spellcheck="false")
    return tag(
        "form",
        tag("div", tag("label", words("start.site.try"), for_="yaml"), area, class_="field"),
        tag("button", words("start.site.check"), type="submit", class_="button"),
    )


def channels(names: Sequence[str], words: Words) -> Html:
    """A button for each way of telling people."""
    if not names:
        return example(CHANNEL_EXAMPLE, words("start.tell"))
    buttons = [
        tag(
            "button",
            icon("sound"),
            words("start.tell.test", name=name),
            type="button",
            class_="button",
            data_act="test",
            data_id=name,
        )
        for name in names
    ]
    return tag("div", buttons, class_="row")


CHANNEL_EXAMPLE = """notify:
  channels:
    - {name: duty, url: "tgram://TOKEN/CHAT"}
  rules:
    - {channel: duty, least_severity: medium}
"""
