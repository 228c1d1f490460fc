"""A server without its network: database, services and correlator, put together."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from tapal_contract.errors import ConfigError
from tapal_server.ais.listener import AisListener
from tapal_server.ais.service import VesselService
from tapal_server.alerts.attachments import AttachmentService
from tapal_server.alerts.casebook import Casebook
from tapal_server.alerts.service import AlertService
from tapal_server.alerts.sharing import SharingService
from tapal_server.alerts.ties import TieService
from tapal_server.audit.log import AuditLog
from tapal_server.clips.service import ClipService
from tapal_server.clips.wishes import Wishes
from tapal_server.clock import Clock, SystemClock
from tapal_server.commands.dispatch import Dispatcher
from tapal_server.commands.keeper import Keeper
from tapal_server.commands.service import CommandService
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.desk.service import DeskService
from tapal_server.enrolment.service import EnrolmentService, server_key
from tapal_server.events import Bus
from tapal_server.feeds.folder import WatchedFolder
from tapal_server.feeds.service import FeedService
from tapal_server.gates import GateService, Learned
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.proof import Proof
from tapal_server.ingest.subscriber import Subscriber
from tapal_server.keeping.anchor import AnchorFile
from tapal_server.keeping.retention import RetentionJob
from tapal_server.keys import Keys
from tapal_server.live.begin import Beginning
from tapal_server.live.correlator import ALL, Correlator
from tapal_server.live.inbox import Scope
from tapal_server.live.kept import Shelf
from tapal_server.live.ledger import Ledger
from tapal_server.live.schooling import Teacher
from tapal_server.live.shares import Shares
from tapal_server.live.watchdog import Watchdog
from tapal_server.media import MediaService, MediaStore
from tapal_server.models.collecting import Collector
from tapal_server.models.registry import ModelService
from tapal_server.models.review import ReviewService
from tapal_server.models.rollouts import RolloutService
from tapal_server.models.routine import RolloutRoutine
from tapal_server.nodes import NodeService
from tapal_server.notify import outward
from tapal_server.notify.apprise_sender import send as apprise_send
from tapal_server.notify.book import RuleBook
from tapal_server.notify.office import NotifyService
from tapal_server.notify.outlets import Outlets, Send
from tapal_server.notify.outward import Post
from tapal_server.notify.service import Notifier
from tapal_server.notify.webpush import Pusher, PushService
from tapal_server.observations import ObservationService
from tapal_server.passages.query import PassageReader
from tapal_server.passages.store import PassageService
from tapal_server.people.auth import AuthService
from tapal_server.people.directory import PeopleService
from tapal_server.people.passwords import Passwords
from tapal_server.people.tokens import TokenService
from tapal_server.people.totp import SecondFactor
from tapal_server.rates import Rates
from tapal_server.reconciliation.routine import ReconcileRoutine
from tapal_server.reconciliation.service import ReconciliationService
from tapal_server.replicas.ownership import Alone, Ownership
from tapal_server.reports.period import ReportService
from tapal_server.services import Services
from tapal_server.settings import Settings
from tapal_server.sites import SitesFile, load_sites
from tapal_server.voyages.manifests import ManifestService
from tapal_server.voyages.plans import PlanService
from tapal_server.voyages.service import VoyageService

if TYPE_CHECKING:
    from tapal_server.replicas.relay import Relay

__all__ = ["Parts", "build_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A server without its network: what commands use, and tests."""

    settings: Settings
    database: Database
    keys: Keys
    services: Services
    sites: tuple[Site, ...]
    intake: Intake
    subscriber: Subscriber | None
    dispatcher: Dispatcher
    correlator: Shares
    ownership: Ownership
    relay: "Relay | None"
    watchdog: Watchdog
    folder: WatchedFolder
    notifier: Notifier
    retention: RetentionJob
    anchor: AnchorFile
    reconciler: ReconcileRoutine
    rollouts: RolloutRoutine
    collector: Collector
    ais: AisListener | None


def build_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    send: Send | None = None,
    post: Post | None = None,
) -> Parts:
    """Open the database and build the services on it; the caller closes the database."""
    clock = clock or SystemClock()
    config = load_sites(settings.sites)
    sites = config.to_sites()
    database = Database(settings.database_url)
    keys = Keys(settings.data_dir / "keys")
    store = _store(settings)
    bus = Bus()
    audit = AuditLog(database, keys, clock)
    ledger = Ledger(clock, audit)
    public_url = settings.http.public_url
    outlets = _outlets(settings, database, sites, keys, clock=clock, send=send, post=post)
    ownership, relay = _replicas(database, bus)
    correlator = _correlators(settings, config, database, ledger, ownership, bus=bus, clock=clock, store=store)
    services = _services(
        settings,
        database,
        sites,
        audit=audit,
        bus=bus,
        clock=clock,
        keys=keys,
        store=store,
        passwords=passwords,
        learned=correlator,
        outlets=outlets,
    )
    proof = Proof(database, settings.mqtt.signatures if settings.mqtt else "when_enrolled", server_key(keys))
    intake = _intake(settings, database, store, bus=bus, clock=clock, proof=proof)
    return Parts(
        settings=settings,
        database=database,
        keys=keys,
        services=services,
        sites=sites,
        intake=intake,
        subscriber=Subscriber(settings.mqtt, intake) if settings.mqtt else None,
        correlator=correlator,
        ownership=ownership,
        relay=relay,
        dispatcher=Dispatcher(settings.mqtt, database, Keeper(database, clock), proof=proof, bus=bus, clock=clock),
        watchdog=Watchdog(database, ledger, sites, bus=bus, clock=clock),
        folder=WatchedFolder(settings.data_dir / "incoming", services.feeds),
        retention=RetentionJob(database, store, settings.retention, audit=audit, clock=clock, review=services.review),
        ais=AisListener(settings.ais, services.vessels) if settings.ais else None,
        reconciler=ReconcileRoutine(services.reconciliation, settings.reconcile, sites, clock),
        rollouts=RolloutRoutine(database, address=settings.http.address, bus=bus, clock=clock),
        collector=_collector(settings, database, store, audit=audit, bus=bus, clock=clock),
        anchor=AnchorFile(settings.data_dir / "audit-anchors.jsonl", audit),
        notifier=Notifier(database, services.rules, sites, outlets, bus=bus, clock=clock, public_url=public_url),
    )


def _intake(
    settings: Settings, database: Database, store: MediaStore, *, bus: Bus, clock: Clock, proof: Proof
) -> Intake:
    largest = settings.media.largest_kb * 1024
    shares = settings.mqtt is not None and settings.mqtt.share is not None
    return Intake(
        database,
        store,
        bus=bus,
        clock=clock,
        largest_picture=largest,
        proof=proof,
        shares=shares,
        kept_for=timedelta(days=settings.retention.events),
    )


def _collector(
    settings: Settings, database: Database, store: MediaStore, *, audit: AuditLog, bus: Bus, clock: Clock
) -> Collector:
    review = settings.review
    wishes = Wishes(database, store, review.clips, review.clips_per_day, audit=audit, bus=bus, clock=clock)
    return Collector(database, store, wishes, bus=bus, clock=clock)


def _store(settings: Settings) -> MediaStore:
    media = settings.media
    if media.url is None:
        return MediaStore(settings.media_folder)
    try:
        # fsspec and what it needs come with the extra `s3`.
        from tapal_server.objects import ObjectStore  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"media.url {media.url!r} needs fsspec; run: pip install 'tapal[s3]'") from error
    return ObjectStore(media.url, {key: value.get_secret_value() for key, value in media.options.items()})


def _replicas(database: Database, bus: Bus) -> "tuple[Ownership, Relay | None]":
    """How this server agrees with others on its database; alone on SQLite."""
    if database.is_sqlite:
        return Alone(), None
    # Both stand on psycopg, which only the extra `postgres` brings.
    from tapal_server.replicas.elected import Elected  # noqa: PLC0415
    from tapal_server.replicas.relay import Relay  # noqa: PLC0415

    return Elected(database.url), Relay(database.url, bus)


def _correlators(
    settings: Settings,
    config: SitesFile,
    database: Database,
    ledger: Ledger,
    ownership: Ownership,
    *,
    bus: Bus,
    clock: Clock,
    store: MediaStore,
) -> Shares:
    without, shares = frozenset(pair.second for pair in settings.reconcile), config.shares()
    beginning, teacher = Beginning(), Teacher()

    def of(share: str, sites: tuple[Site, ...]) -> Correlator:
        return Correlator(
            database,
            lambda: Engine(sites, config.correlation.to_settings()),
            ledger,
            bus=bus,
            clock=clock,
            without=without,
            share=share,
            of=None if set(shares) == {ALL} else Scope.of(sites),
            shelf=Shelf(store),
            beginning=beginning,
            teacher=teacher,
        )

    share_of = {site.id: site.share for site in config.sites}
    return Shares({share: of(share, sites) for share, sites in shares.items()}, share_of, ownership)


def _outlets(
    settings: Settings,
    database: Database,
    sites: tuple[Site, ...],
    keys: Keys,
    *,
    clock: Clock,
    send: Send | None,
    post: Post | None,
) -> Outlets:
    post = post or outward.post
    return Outlets(
        database,
        settings.notify,
        sites,
        send=send or apprise_send,
        post=post,
        pusher=Pusher(keys, post, contact=settings.notify.push.contact),
        clock=clock,
        public_url=settings.http.public_url,
    )


class _Secrets(TypedDict):
    passwords: Passwords
    second_factor: SecondFactor


def _auth(settings: Settings, database: Database, audit: AuditLog, clock: Clock, secrets: _Secrets) -> AuthService:
    rates = Rates(settings.http.calls_per_minute, settings.http.stranger_calls_per_minute)
    return AuthService(database, settings=settings.sign_in, audit=audit, clock=clock, rates=rates, **secrets)


def _services(
    settings: Settings,
    database: Database,
    sites: tuple[Site, ...],
    *,
    audit: AuditLog,
    bus: Bus,
    clock: Clock,
    keys: Keys,
    store: MediaStore,
    passwords: Passwords | None,
    learned: Learned,
    outlets: Outlets,
) -> Services:
    secrets: _Secrets = {"passwords": passwords or Passwords(), "second_factor": SecondFactor(keys, clock)}
    checkpoints, bundles = {site.id: site.checkpoint for site in sites}, settings.data_dir / "models"
    casebook = Casebook(database, audit=audit, clock=clock, bus=bus)
    passages = PassageService(database, audit=audit, clock=clock, bus=bus)
    ledger = Ledger(clock, audit)
    reconciliation = ReconciliationService(database, sites, ledger=ledger, audit=audit, clock=clock, bus=bus)
    return Services(
        alerts=AlertService(database, audit=audit, clock=clock, bus=bus, checkpoint_of=checkpoints.get),
        attachments=AttachmentService(casebook, store, largest=settings.media.largest_attachment_kb * 1024),
        ties=TieService(casebook),
        sharing=SharingService(casebook),
        auth=_auth(settings, database, audit, clock, secrets),
        people=PeopleService(database, audit=audit, clock=clock, **secrets),
        tokens=TokenService(database, audit=audit, clock=clock),
        nodes=NodeService(database),
        gates=GateService(database, sites, learned),
        commands=CommandService(database, store, audit=audit, bus=bus, clock=clock),
        enrolment=EnrolmentService(database, audit=audit, clock=clock, keys=keys),
        observations=ObservationService(database),
        passages=passages,
        feeds=FeedService(database, passages, audit=audit, clock=clock, keys=keys),
        passage_log=PassageReader(database, checkpoints.get),
        desk=DeskService(database, audit=audit, clock=clock, sites=checkpoints),
        reports=ReportService(
            database, sites, learned, audit=audit, reconciliation=reconciliation, pairs=settings.reconcile
        ),
        plans=PlanService(database, sites, audit=audit, clock=clock, bus=bus),
        voyages=VoyageService(database, sites, audit=audit, clock=clock, bus=bus),
        vessels=VesselService(database, sites, near_km=settings.ais_near_km, clock=clock),
        reconciliation=reconciliation,
        manifests=ManifestService(database, sites, audit=audit, clock=clock, bus=bus, keys=keys),
        models=ModelService(database, bundles, store, key=settings.models.key_file, audit=audit, clock=clock),
        review=ReviewService(database, store, settings.retention.held_alerts, audit=audit, bus=bus, clock=clock),
        rollouts=RolloutService(database, address=settings.http.address, audit=audit, bus=bus, clock=clock),
        media=MediaService(database, store, audit=audit, clock=clock),
        clips=ClipService(database, store, audit=audit, bus=bus, clock=clock),
        notify=NotifyService(
            database, outlets, settings.notify, sites, audit=audit, public_url=settings.http.public_url
        ),
        rules=RuleBook(database, settings.notify, sites, audit=audit, clock=clock),
        push=PushService(database, audit=audit, clock=clock, keys=keys),
        audit=audit,
        bus=bus,
        clock=clock,
    )
