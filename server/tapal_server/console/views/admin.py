"""Administration: agencies, who is told what, how long things are kept, and the settings in force."""

from collections.abc import Iterable, Sequence

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.console.views.setup import CHANNEL_EXAMPLE, example
from tapal_server.console.views.tables import table
from tapal_server.keeping.retention import RetentionSettings
from tapal_server.notify.office import ChannelView, DeliveryView
from tapal_server.people.directory import UserView
from tapal_server.people.roles import Role
from tapal_server.settings import Settings

KEPT = (
    "events", "unreviewed_media", "live_media", "reference_views", "alert_media", "review", "document_hashes",
    "passages", "attachments", "alerts", "deliveries", "sessions",
)  # fmt: skip
LOOKS = {"sent": "good", "waiting": "wait", "held_back": "wait", "given_up": "bad"}


def agencies(people: Sequence[UserView], channels: Sequence[ChannelView], words: Words) -> Html:
    """Each agency with its partner accounts and the systems that are told what is shared with it."""
    named = {one.agency for one in people if one.role is Role.PARTNER} | {one.agency for one in channels}
    rows = [
        (
            agency,
            _names(f"{one.display_name} ({one.name})" for one in people if one.agency == agency and not one.disabled)
            or words("admin.none"),
            _names(one.name for one in channels if one.agency == agency) or words("admin.none"),
        )
        for agency in sorted(name for name in named if name)
    ]
    if not rows:
        return common.empty(words("admin.no_agencies"), words("admin.no_agencies.next"))
    heads = [words(f"admin.{name}") for name in ("agency", "partners", "webhooks")]
    return join(table(words("admin.agencies"), heads, rows), tag("p", words("admin.agencies.how"), class_="note"))


def channels(found: Sequence[ChannelView], words: Words) -> Html:
    """Each way to people or systems, with a button that tries it."""
    if not found:
        return join(
            common.empty(words("admin.no_channels"), words("admin.no_channels.next")),
            example(CHANNEL_EXAMPLE, words("admin.channels")),
        )
    rows = [
        (
            one.name,
            words(f"admin.kind.{one.kind}"),
            one.language,
            str(one.at_most_per_hour),
            common.button(words("admin.test.send"), act="test", key=one.name),
        )
        for one in found
    ]
    heads = [words(f"admin.{name}") for name in ("channel", "kind", "language", "most", "test")]
    return join(table(words("admin.channels"), heads, rows), tag("p", words("admin.channels.how"), class_="note"))


def deliveries(found: Sequence[DeliveryView], zone: str, words: Words) -> Html:
    """The last messages and what became of them."""
    if not found:
        return common.empty(words("admin.no_deliveries"), words("admin.no_deliveries.next"))
    rows = [
        (
            shown.full(one.made_at, zone),
            one.channel,
            tag("a", one.title, href=f"/alerts/{one.alert_id}") if one.alert_id else one.title,
            join(
                tag("span", words(f"admin.delivery.{one.state}"), class_=f"pill {LOOKS.get(one.state, 'wait')}"),
                tag("span", one.problem, class_="note") if one.problem else None,
            ),
        )
        for one in found
    ]
    heads = [words(f"admin.{name}") for name in ("delivery.at", "channel", "delivery.title", "delivery.state")]
    return table(words("admin.deliveries"), heads, rows)


def retention(kept: RetentionSettings, words: Words) -> Html:
    """How long each kind of thing is kept."""
    rows = [(words(f"admin.keep.{name}"), _span(getattr(kept, name), words)) for name in KEPT]
    heads = [words("admin.keep.what"), words("admin.keep.days")]
    held = words("admin.held", names=", ".join(kept.held_alerts)) if kept.held_alerts else None
    return join(
        table(words("admin.retention"), heads, rows),
        tag("p", held) if held else None,
        tag("p", words("admin.retention.how"), class_="note"),
    )


def in_force(settings: Settings, words: Words) -> Html:
    """The settings that a person may need to know; nothing secret."""
    mqtt, signing = settings.mqtt, settings.sign_in
    values = {
        "data_dir": str(settings.data_dir),
        "database": settings.database_url.partition("://")[0],
        "broker": mqtt.url if mqtt else words("admin.none"),
        "signatures": mqtt.signatures if mqtt else words("admin.none"),
        "public_url": settings.http.public_url or f"http://{settings.http.host}:{settings.http.port}",
        "secure": words("admin.yes" if settings.http.is_secure else "admin.no"),
        "session": words("admin.hours", n=f"{signing.session_hours:g}"),
        "idle": words("admin.minutes", n=f"{signing.idle_minutes:g}"),
        "failures": str(signing.failures),
        "upload": f"{settings.http.longest_upload_mb} MB",
        "ais": settings.ais or words("admin.none"),
        "language": settings.language,
    }
    rows = [(words(f"admin.set.{name}"), value) for name, value in values.items()]
    heads = [words("admin.setting"), words("admin.value")]
    return join(table(words("admin.settings"), heads, rows), tag("p", words("admin.settings.how"), class_="note"))


def _span(days: float, words: Words) -> str:
    return words("admin.hours", n=f"{days * 24:.3g}") if days < 1 else words("admin.days", n=f"{days:g}")


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
