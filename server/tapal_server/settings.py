"""What an operator may set, read once from one YAML file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from tapal_contract.errors import ConfigError
from tapal_server.ais.address import ais_url
from tapal_server.clips.turns import Why
from tapal_server.keeping.retention import RetentionSettings
from tapal_server.links import database_is_guarded, is_local, plain_url
from tapal_server.notify.rules import NotifySettings
from tapal_server.people.roles import Role
from tapal_server.reconciliation.pair import ReconcilePair

__all__ = [
    "HttpSettings",
    "MediaSettings",
    "MqttSettings",
    "OidcSettings",
    "OpenTo",
    "ReviewSettings",
    "Settings",
    "SignInSettings",
]


def _broker_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ValueError(f"{url!r} is not a broker address; write mqtt://host:1883 or mqtts://host:8883")
    return url


def _password_in(file: Path, key: str) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(
            f"{file}: the password cannot be read ({error.strerror}); check {key} and the owner of the file"
        ) from error


OpenTo = Literal["docs", "metrics"]


def _tile_url(url: str) -> str:
    parts = urlsplit(url)
    whole = all(part in parts.path for part in ("{z}", "{x}", "{y}")) and not set(url) & set(" ;,'\"")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not whole:
        raise ValueError(f"{url!r} is not a tile server; write https://HOST/{{z}}/{{x}}/{{y}}.png")
    return url


class Section(BaseModel):
    """A part of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class MqttSettings(Section):
    """Where the edges' messages come from."""

    url: Annotated[str, AfterValidator(_broker_url)] = Field(
        "mqtt://127.0.0.1:1883", description="Broker address, mqtt:// or mqtts://."
    )
    username: str | None = Field(None, description="Name at the broker, if it asks for one.")
    password: SecretStr | None = Field(None, description="Password at the broker.")
    password_file: Path | None = Field(None, description="Instead of it: a file with the password and nothing else.")
    ca_file: Path | None = Field(None, description="CA that signed the broker's certificate; default: the system's.")
    client_id: str = Field("tapal-server", description="Name of this server's broker session; unique per replica.")
    share: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
        description="Name of the MQTT 5 shared subscription of all replicas; null where one server listens alone.",
    )
    signatures: Literal["required", "when_enrolled", "off"] = Field(
        "when_enrolled", description="Which nodes must sign: all, those with a key, none."
    )
    batch: int = Field(1000, ge=1, le=10_000, description="Messages committed together at most.")
    reconnect_longest_s: float = Field(30.0, gt=0, description="Longest pause between attempts to reach the broker.")

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both set; keep one of them")
        return self

    @property
    def word(self) -> str | None:
        """The password at the broker, read anew from its file: it may have been changed since.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.password_file is not None:
            return _password_in(self.password_file, "mqtt.password_file")
        return self.password.get_secret_value() if self.password else None


class HttpSettings(Section):
    """Where the console and the API listen."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: str | None = Field(None, description="Address people use, if a proxy stands in front.")
    tls_certificate: Path | None = Field(None, description="PEM certificate chain, for TLS without a proxy.")
    tls_key: Path | None = Field(None, description="PEM key of the certificate.")
    trusted_proxies: tuple[str, ...] = Field((), description="Proxies whose X-Forwarded-* headers are believed.")
    open_to_all: tuple[OpenTo, ...] = Field(
        ("docs", "metrics"),
        description="What is read without signing in: the API's description, counts for Prometheus.",
    )
    map_tiles: Annotated[str, AfterValidator(_tile_url)] | None = Field(
        None, description="Tile server of the map, https://HOST/{z}/{x}/{y}.png; null: our sketch, without internet."
    )
    map_thanks: str = Field("", max_length=200, description="Whom to thank for the tiles, as the tile server asks.")
    longest_upload_mb: int = Field(64, ge=1, le=2048, description="Largest file a person or system may upload.")
    calls_per_minute: int | None = Field(
        6000, ge=1, description="Calls of the API by one person, in all sessions and with all tokens; null: any number."
    )
    stranger_calls_per_minute: int | None = Field(
        600, ge=1, description="Calls of one address without a valid sign-in, or to get one; null: any number."
    )

    @property
    def address(self) -> str:
        """Where people and nodes reach this server, as far as it knows."""
        if self.public_url is not None:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - taken apart, not listened on
        return f"{'https' if self.tls_certificate else 'http'}://{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the server over TLS, its own or a proxy's."""
        return self.tls_certificate is not None or (self.public_url or "").startswith("https://")


class MediaSettings(Section):
    """Where pictures of events are kept."""

    folder: Path | None = Field(None, description="Folder; default: media/ in the data folder.")
    url: str | None = Field(
        None, pattern=r"^[a-z0-9]+://", description="Instead of the folder: s3://BUCKET/FOLDER, or what fsspec knows."
    )
    options: dict[str, SecretStr] = Field(
        {}, description="For the store behind the url, such as endpoint_url, key and secret."
    )
    largest_kb: int = Field(2048, ge=1, description="A larger picture is refused.")
    largest_attachment_kb: int = Field(10_240, ge=1, le=65_536, description="A larger attachment is refused.")


class ModelSettings(Section):
    """Models that are rolled out to nodes."""

    key_file: Path | None = Field(
        None, description="Public key of `tapal model keygen`: bundles of no other are taken in; default: any."
    )


class ReviewSettings(Section):
    """What comes to the review by itself, so that models learn from it."""

    clips: tuple[Why, ...] = Field(
        ("missed", "false_alarm", "confirmed"),
        description="After which verdicts and reports the clip is fetched; also: explained.",
    )
    clips_per_day: int = Field(
        6, ge=0, le=1000, description="Clips fetched so from one node in 24 hours at most, each under 1 MB; 0: none."
    )


class SignInSettings(Section):
    """Limits on signing in."""

    session_hours: float = Field(12.0, gt=0, le=720, description="A session ends this long after signing in.")
    idle_minutes: float = Field(240.0, gt=0, description="A session ends after this long without a request.")
    first_password_hours: float = Field(
        72.0, gt=0, description="A password that an administrator chose is of no more use after this long."
    )
    failures: int = Field(5, ge=1, description="Failed attempts for one name before it has to wait.")
    window_minutes: float = Field(15.0, gt=0, description="Failures older than this are forgotten.")
    second_factor: tuple[Role, ...] = Field(
        (), description="Roles that must have a second factor; who has none may do nothing before setting one up."
    )


def _provider_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ValueError(f"{url!r} is no address of a provider; write https://..., as the provider calls itself")
    return url


class OidcSettings(Section):
    """The office's own provider of sign-ins (OpenID Connect)."""

    issuer: Annotated[str, AfterValidator(_provider_url)] = Field(description="The provider, as it calls itself.")
    client_id: str = Field(min_length=1, description="What the provider calls this server.")
    client_secret: SecretStr | None = Field(None, description="If the provider gave one.")
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What is asked for; openid must be there.")
    name_claim: str = Field("preferred_username", description="Claim with the name of the account here.")
    role_claim: str | None = Field(
        None, description="Claim with roles or groups, with dots inside objects; null leaves roles to this server."
    )
    roles: dict[str, Role] = Field({}, description="The claim's value -> role; the first that fits counts.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes: add openid; without it the provider does not say who somebody is")
        if (self.role_claim is None) != (not self.roles):
            raise ValueError("role_claim and roles go together; give both or neither")
        return self


class Settings(Section):
    """Settings of one server."""

    data_dir: Path = Field(Path("tapal-data"), description="Folder for the database, secrets and pictures.")
    database: str | None = Field(
        None, description="sqlite:///FILE or postgresql://...; default: tapal.sqlite3 in the data folder."
    )
    database_password_file: Path | None = Field(
        None, description="File with PostgreSQL's password and nothing else, where the URL has none."
    )
    sites: Path = Field(Path("sites.yaml"), description="File that lists sites and gates.")
    mqtt: MqttSettings | None = Field(MqttSettings(), description="Broker; null runs without one.")
    http: HttpSettings = HttpSettings()
    media: MediaSettings = MediaSettings()
    models: ModelSettings = ModelSettings()
    review: ReviewSettings = ReviewSettings()
    sign_in: SignInSettings = SignInSettings()
    oidc: OidcSettings | None = Field(None, description="The office's own provider of sign-ins; null: none.")
    retention: RetentionSettings = RetentionSettings()
    notify: NotifySettings = NotifySettings()
    reconcile: tuple[ReconcilePair, ...] = Field((), description="Sources of a site that are compared day by day.")
    ais: Annotated[str, AfterValidator(ais_url)] | None = Field(
        None, description="AIS receiver: udp://0.0.0.0:10110 listens, tcp://HOST:PORT asks; null runs without one."
    )
    ais_near_km: float = Field(10.0, gt=0, le=500, description="Vessels farther from every site are not kept.")
    language: str = Field("id", pattern="^(id|en)$", description="Language of the console before a person chose one.")
    require_tls: bool = Field(
        default=False,
        description="Refuse to run unless pages, broker, database and store use TLS or stay on this machine.",
    )

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.oidc is not None and self.http.public_url is None:
            raise ValueError("oidc: needs http.public_url, to which the provider sends people back")
        return self

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.database_password_file is not None:
            parts = urlsplit(self.database or "")
            if not parts.username or parts.password:
                raise ValueError("database_password_file: needs a database of the form postgresql://USER@HOST/NAME")
        return self

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        plain = list(self._plain_links()) if self.require_tls else []
        if plain:
            raise ValueError(f"require_tls: others could read {'; '.join(plain)}")
        return self

    def _plain_links(self) -> Iterator[str]:
        """What others could read on the wire, each with what to set."""
        if not self.http.is_secure and not is_local(self.http.host):
            yield "the pages (set http.tls_certificate and http.tls_key)"
        elif self.http.public_url is not None and plain_url(self.http.public_url):
            yield "the pages (http.public_url is not https)"
        elif self.http.tls_certificate is None and not is_local(self.http.host):
            yield "the way from the proxy (listen on http.host 127.0.0.1, or set http.tls_certificate and http.tls_key)"
        if self.mqtt is not None and plain_url(self.mqtt.url):
            yield "the broker's messages (mqtt.url: mqtts://...)"
        if self.database is not None and not database_is_guarded(self.database):
            yield "the database (add ?sslmode=verify-full to its address)"
        store = self.media.options.get("endpoint_url")
        if store is not None and plain_url(store.get_secret_value()):
            yield "the store of pictures (media.options.endpoint_url: https://...)"

    @property
    def database_url(self) -> str:
        """The database to open, with its password.

        Raises:
            ConfigError: the file of the password cannot be read.
        """
        url = self.database or f"sqlite:///{self.data_dir / 'tapal.sqlite3'}"
        if self.database_password_file is None:
            return url
        parts = urlsplit(url)
        word = quote(_password_in(self.database_password_file, "database_password_file"), safe="")
        user, _, where = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{word}@{where}"))

    @property
    def media_folder(self) -> Path:
        """The folder of pictures."""
        return self.media.folder or self.data_dir / "media"

    def relative_to(self, folder: Path) -> "Settings":
        """The same settings with relative paths counted from the folder of their file."""
        settings = _moved(self, folder)
        prefix, found, file = (self.database or "").partition("sqlite:///")
        if found and not prefix:
            return settings.model_copy(update={"database": f"sqlite:///{folder / file}"})
        return settings


_Model = TypeVar("_Model", bound=BaseModel)


def _moved(section: _Model, folder: Path) -> _Model:
    changes: dict[str, object] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path):
            changes[name] = folder / value
        elif isinstance(value, BaseModel):
            changes[name] = _moved(value, folder)
    return section.model_copy(update=changes)
