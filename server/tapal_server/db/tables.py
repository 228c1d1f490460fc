"""Every table, in one place to import from."""

from tapal_server.db.ais import VesselRow
from tapal_server.db.alerts import AlertEventRow, AlertHistoryRow, AlertRow, CorrelatorRow
from tapal_server.db.base import Base
from tapal_server.db.casework import AlertLinkRow, AlertShareRow, AttachmentRow
from tapal_server.db.clips import ClipPieceRow, ClipRow
from tapal_server.db.commands import CameraPictureRow, CommandRow, ReferenceViewRow
from tapal_server.db.desk import DeliveryRow, HandoverRow, NotifyRulesRow, ShelfRow
from tapal_server.db.enrolment import EnrolCodeRow, NodeKeyRow
from tapal_server.db.feeds import FeedRow
from tapal_server.db.models import ModelRow, RolloutNodeRow, RolloutRow
from tapal_server.db.observed import EventRow, MediaRow, NodeRow, RefusalRow, RejectedRow
from tapal_server.db.passages import ImportProblemRow, ImportRow, PassageRow, PassageVersionRow
from tapal_server.db.people import AuditRow, SessionRow, SignInFailureRow, TokenRow, UserRow
from tapal_server.db.push import PushRow
from tapal_server.db.review import ReviewDeletionRow, ReviewRow
from tapal_server.db.tallies import TallyRow
from tapal_server.db.voyages import ManifestDocumentRow, PlanRow, ScheduleVersionRow, VoyageRow

__all__ = [
    "AlertEventRow",
    "AlertHistoryRow",
    "AlertLinkRow",
    "AlertRow",
    "AlertShareRow",
    "AttachmentRow",
    "AuditRow",
    "Base",
    "CameraPictureRow",
    "ClipPieceRow",
    "ClipRow",
    "CommandRow",
    "CorrelatorRow",
    "DeliveryRow",
    "EnrolCodeRow",
    "EventRow",
    "FeedRow",
    "HandoverRow",
    "ImportProblemRow",
    "ImportRow",
    "ManifestDocumentRow",
    "MediaRow",
    "ModelRow",
    "NodeKeyRow",
    "NodeRow",
    "NotifyRulesRow",
    "PassageRow",
    "PassageVersionRow",
    "PlanRow",
    "PushRow",
    "ReferenceViewRow",
    "RefusalRow",
    "RejectedRow",
    "ReviewDeletionRow",
    "ReviewRow",
    "RolloutNodeRow",
    "RolloutRow",
    "ScheduleVersionRow",
    "SessionRow",
    "ShelfRow",
    "SignInFailureRow",
    "TallyRow",
    "TokenRow",
    "UserRow",
    "VesselRow",
    "VoyageRow",
]
