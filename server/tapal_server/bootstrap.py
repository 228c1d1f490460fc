"""The one place where the parts of the server are put together."""

from dataclasses import dataclass

from tapal_server.alerts.service import AlertService
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock, SystemClock
from tapal_server.db.database import Database
from tapal_server.events import Bus
from tapal_server.keys import Keys
from tapal_server.media import MediaService, MediaStore
from tapal_server.nodes import NodeService
from tapal_server.people.auth import AuthService
from tapal_server.people.directory import PeopleService
from tapal_server.people.passwords import Passwords
from tapal_server.people.tokens import TokenService
from tapal_server.people.totp import SecondFactor
from tapal_server.services import Services
from tapal_server.settings import Settings

__all__ = ["Parts", "build_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A server without its network: what commands use, and tests."""

    settings: Settings
    database: Database
    keys: Keys
    services: Services


def build_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
) -> Parts:
    """Open the database and build the services on it; the caller closes the database."""
    clock = clock or SystemClock()
    database = Database(settings.database_url)
    keys = Keys(settings.data_dir / "keys")
    bus = Bus()
    audit = AuditLog(database, keys, clock)
    passwords = passwords or Passwords()
    second_factor = SecondFactor(keys, clock)
    people = PeopleService(database, audit=audit, clock=clock, passwords=passwords, second_factor=second_factor)
    services = Services(
        alerts=AlertService(database, audit=audit, clock=clock, bus=bus, checkpoint_of=lambda _: None),
        auth=AuthService(
            database,
            audit=audit,
            clock=clock,
            passwords=passwords,
            second_factor=second_factor,
            settings=settings.sign_in,
        ),
        people=people,
        tokens=TokenService(database, audit=audit, clock=clock),
        nodes=NodeService(database),
        media=MediaService(database, MediaStore(settings.media_folder), audit=audit, clock=clock),
        audit=audit,
        bus=bus,
        clock=clock,
    )
    return Parts(settings=settings, database=database, keys=keys, services=services)
