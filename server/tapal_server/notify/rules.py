"""Who is told what: rules as data, and the messages they make."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tapal_server.alerts.states import rank

__all__ = [
    "Channel",
    "EscalationStep",
    "NotifySettings",
    "Occasion",
    "PushRule",
    "Rule",
    "Webhook",
    "kind_name",
    "kinds",
    "limit_message",
    "message_of",
]

Severity = Literal["low", "medium", "high"]
Hour = Annotated[int, Field(ge=0, le=24)]
Level = Annotated[int, Field(ge=1, le=4)]


class Section(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Channel(Section):
    """A way to people: an Apprise address (WhatsApp, Telegram, e-mail, webhook, ...)."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    url: SecretStr = Field(description="Apprise address, such as tgram://TOKEN/CHAT or mailtos://USER:WORD@HOST.")
    language: Literal["id", "en"] = "id"
    at_most_per_hour: int = Field(
        30,
        ge=1,
        le=1000,
        description="What is beyond is listed and told as one message; what is high comes through.",
    )


class Webhook(Channel):
    """A partner's system: each message is signed (HMAC-SHA256), and retried until it answers 2xx."""

    secret: SecretStr = Field(min_length=16, description="Shared with the receiver, who checks signatures with it.")
    format: Literal["json", "cap"] = "json"
    agency: str | None = Field(None, description="Tell only what is shared with this agency, as soon as it is.")
    allow_private: bool = Field(default=False, description="Allow addresses of this network, and plain http.")


class PushRule(Section):
    """Which alerts browsers are told of."""

    least_severity: Severity = "high"
    kinds: tuple[str, ...] = ()
    on: tuple[Literal["raised", "escalated", "welfare"], ...] = ("raised", "escalated", "welfare")
    quiet_hours: tuple[Hour, Hour] | None = None
    timezone: str = "Asia/Makassar"
    at_most_per_hour: int = Field(20, ge=1, le=1000)
    contact: str = Field("mailto:tapal@localhost", pattern="^(mailto:|https://)", description="Told to push services.")


class Rule(Section):
    """Which alerts a channel is told; an empty list does not limit."""

    channel: str
    sites: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    least_severity: Severity = "medium"
    on: tuple[Literal["raised", "escalated", "welfare"], ...] = ("raised", "escalated", "welfare")
    levels: tuple[Level, ...] = Field((), description="Steps of escalation it is told of, the first being 1.")
    quiet_hours: tuple[Hour, Hour] | None = Field(None, description="From, to: local hours with no message.")
    timezone: str = "Asia/Makassar"

    def wants(self, occasion: "Occasion", now: datetime) -> bool:
        """Whether this rule tells its channel; what is high or about welfare comes through quiet hours."""
        urgent = occasion.severity == "high" or occasion.action == "welfare"
        return (
            occasion.action in self.on
            and (occasion.action != "escalated" or not self.levels or occasion.level in self.levels)
            and (not self.sites or occasion.site in self.sites)
            and (not self.kinds or occasion.kind in self.kinds)
            and (urgent or rank(occasion.severity) >= rank(self.least_severity))
            and (urgent or not self._is_quiet(now))
        )

    def _is_quiet(self, now: datetime) -> bool:
        if self.quiet_hours is None:
            return False
        start, end = self.quiet_hours
        hour = now.astimezone(ZoneInfo(self.timezone)).hour
        return start <= hour < end if start <= end else hour >= start or hour < end


class EscalationStep(Section):
    """An alert nobody acknowledged for so long is told again, to whoever listens to escalations."""

    after_minutes: float = Field(gt=0)
    least_severity: Severity = "high"


class NotifySettings(Section):
    """Channels, rules, and when an alert that nobody took is told again."""

    channels: tuple[Channel, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    rules: tuple[Rule, ...] = ()
    push: PushRule = PushRule()
    sender: str = Field("tapal", pattern=r"^[^\s,<&]{1,128}$", description="Name of this office in CAP documents.")
    escalation: tuple[EscalationStep, ...] = (EscalationStep(after_minutes=5), EscalationStep(after_minutes=15))


class Occasion(Section):
    """Something about an alert that may be worth a message."""

    alert_id: str
    action: Literal["raised", "escalated", "welfare", "shared"]
    site: str
    kind: str
    severity: Severity
    level: int = 0

    @property
    def key(self) -> str:
        """Names it; a channel is told each key once."""
        return f"{self.alert_id}:{self.action}:{self.level}"


_KINDS = {
    "id": {
        "presence": "kehadiran di luar layanan",
        "manifest_mismatch": "manifes tidak cocok",
        "bypass": "melewati konter",
        "unlogged_crossing": "perlintasan tanpa catatan",
        "count_excess": "jumlah melebihi catatan",
        "record_conflict": "catatan bertentangan",
        "blind": "pengawasan terputus",
        "surge": "lonjakan peringatan",
    },
    "en": {
        "presence": "presence outside service",
        "manifest_mismatch": "manifest mismatch",
        "bypass": "counter bypassed",
        "unlogged_crossing": "crossing without record",
        "count_excess": "more crossings than records",
        "record_conflict": "conflicting records",
        "blind": "blind view",
        "surge": "surge of alerts",
    },
}
_ACTIONS = {
    "id": {
        "raised": "Petunjuk baru",
        "escalated": "Belum ditangani",
        "welfare": "Perlu perlindungan",
        "shared": "Dibagikan",
    },
    "en": {"raised": "New lead", "escalated": "Not taken yet", "welfare": "Protection needed", "shared": "Shared"},
}


def kinds() -> frozenset[str]:
    """Every kind of alert there is."""
    return frozenset(_KINDS["id"])


def kind_name(kind: str, language: str) -> str:
    """What an alert of this kind is called."""
    return _KINDS[language].get(kind, kind)


def message_of(
    occasion: Occasion, language: str, *, site_name: str, at: datetime, probability: float | None, url: str | None
) -> tuple[str, str]:
    """Title and body: where, when, what and how sure; never anything of a person."""
    kind = kind_name(occasion.kind, language)
    title = f"{_ACTIONS[language][occasion.action]}: {kind}, {site_name}"
    sure = "" if probability is None else f"{'Peluang' if language == 'id' else 'Probability'} {probability:.0%}. "
    note = "Ini petunjuk, bukan bukti." if language == "id" else "A lead, not a proof."
    link = f"\n{url}/alerts/{occasion.alert_id}" if url else ""
    return title, f"{at:%d-%m-%Y %H:%M %Z}. {sure}{note}{link}"


def limit_message(channel: Channel, *, url: str | None) -> tuple[str, str]:
    """Title and text that say that there is more than a channel is told in an hour."""
    if channel.language == "en":
        title = "More alerts than can be told here"
        text = f"This channel is told {channel.at_most_per_hour} an hour. The others wait on the alerts page."
    else:
        title = "Peringatan lebih banyak daripada yang dikirim ke sini"
        text = f"Saluran ini menerima {channel.at_most_per_hour} per jam. Sisanya menunggu di halaman peringatan."
    return title, f"{text}\n{url}" if url else text
