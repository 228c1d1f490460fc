"""Everything the console and the API may ask the server to do, in one typed value.

All calls are synchronous and touch the database: from `async` code call them in a thread. Each takes the
:class:`~tapal_server.people.actor.Actor` who asks, and the services themselves decide what that one may see and do.
"""

from dataclasses import dataclass

from tapal_server.ais.service import VesselService
from tapal_server.alerts.attachments import AttachmentService
from tapal_server.alerts.service import AlertService
from tapal_server.alerts.sharing import SharingService
from tapal_server.alerts.ties import TieService
from tapal_server.audit.log import AuditLog
from tapal_server.clips.service import ClipService
from tapal_server.clock import Clock
from tapal_server.commands.service import CommandService
from tapal_server.desk.service import DeskService
from tapal_server.enrolment.service import EnrolmentService
from tapal_server.events import Bus
from tapal_server.feeds.service import FeedService
from tapal_server.gates import GateService
from tapal_server.media import MediaService
from tapal_server.models.registry import ModelService
from tapal_server.models.review import ReviewService
from tapal_server.models.rollouts import RolloutService
from tapal_server.nodes import NodeService
from tapal_server.notify.book import RuleBook
from tapal_server.notify.office import NotifyService
from tapal_server.notify.webpush import PushService
from tapal_server.observations import ObservationService
from tapal_server.passages.query import PassageReader
from tapal_server.passages.store import PassageService
from tapal_server.people.auth import AuthService
from tapal_server.people.directory import PeopleService
from tapal_server.people.tokens import TokenService
from tapal_server.reconciliation.service import ReconciliationService
from tapal_server.reports.period import ReportService
from tapal_server.voyages.manifests import ManifestService
from tapal_server.voyages.plans import PlanService
from tapal_server.voyages.service import VoyageService

__all__ = ["Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one server."""

    alerts: AlertService
    attachments: AttachmentService
    ties: TieService
    sharing: SharingService
    auth: AuthService
    people: PeopleService
    tokens: TokenService
    nodes: NodeService
    gates: GateService
    commands: CommandService
    enrolment: EnrolmentService
    observations: ObservationService
    passages: PassageService
    passage_log: PassageReader
    feeds: FeedService
    desk: DeskService
    reports: ReportService
    plans: PlanService
    voyages: VoyageService
    manifests: ManifestService
    vessels: VesselService
    reconciliation: ReconciliationService
    media: MediaService
    clips: ClipService
    models: ModelService
    rollouts: RolloutService
    review: ReviewService
    notify: NotifyService
    rules: RuleBook
    push: PushService
    audit: AuditLog
    bus: Bus
    clock: Clock
