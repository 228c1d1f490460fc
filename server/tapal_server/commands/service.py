"""Asking a node for something: other lines, a look through a camera, opening it anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tapal_contract.events import dump, first_problem
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import new_id
from tapal_contract.node import Command
from tapal_server.audit.log import AuditLog
from tapal_server.audit.watching import Watching
from tapal_server.clock import Clock
from tapal_server.commands.views import CameraPicture, CommandView, GeometryView, ReferenceView, view
from tapal_server.commands.writing import written
from tapal_server.db.commands import LookRow
from tapal_server.db.database import Database
from tapal_server.db.tables import CameraPictureRow, CommandRow, NodeRow, ReferenceViewRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.events import Bus, CommandIssued
from tapal_server.media import MediaStore
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["EXPIRES", "CommandService"]

EXPIRES = {
    "snapshot": timedelta(seconds=15),
    "restart-camera": timedelta(minutes=1),
    "set-geometry": timedelta(minutes=10),
    "learn-view": timedelta(minutes=1),
}
AT_MOST_EVERY = timedelta(seconds=1)


class CommandService:
    """Writes requests down; :class:`~tapal_server.commands.dispatch.Dispatcher` sends them."""

    def __init__(self, database: Database, store: MediaStore, *, audit: AuditLog, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._watching = Watching()

    def set_geometry(
        self, actor: Actor, node: str, camera: str, lines: Sequence[LineSpec], zones: Sequence[ZoneSpec]
    ) -> CommandView:
        """Ask a camera to count at these lines and zones, and no others.

        Raises:
            ForbiddenError: no permission to change settings.
            NotFoundError: no such node or camera, or of another site.
            InvalidError: an id used twice.
        """
        actor.require(Permission.SETTINGS)
        for field, entries in (("lines", lines), ("zones", zones)):
            _require_distinct(field, [entry.id for entry in entries])
        ids = {"lines": [line.id for line in lines], "zones": [zone.id for zone in zones]}
        with self._database.write() as session:
            row = self._issue(session, actor, node, camera, "set-geometry", lines=tuple(lines), zones=tuple(zones))
            self._audit.append(session, actor, "camera.geometry", f"camera:{node}/{camera}", {"command": row.id, **ids})
        return self._told(row)

    def restart(self, actor: Actor, node: str, camera: str) -> CommandView:
        """Ask a node to open a camera anew."""
        actor.require(Permission.SETTINGS)
        with self._database.write() as session:
            row = self._issue(session, actor, node, camera, "restart-camera")
            self._audit.append(session, actor, "camera.restart", f"camera:{node}/{camera}", {"command": row.id})
        return self._told(row)

    def snapshot(self, actor: Actor, node: str, camera: str) -> CommandView:
        """Ask for a picture; whoever asks within a second of another is shown the same one."""
        actor.require(Permission.SEE)
        now = self._clock.now()
        with self._database.write() as session:
            _, site = _known(session, actor, node, camera)
            of_camera = (CommandRow.node == node, CommandRow.camera == camera, CommandRow.name == "snapshot")
            asked = session.scalars(
                select(CommandRow).where(*of_camera, CommandRow.issued_at > now - AT_MOST_EVERY).limit(1)
            ).first()
            self._audit_watch(session, actor, f"{node}/{camera}", now)
            if asked is not None:
                return view(asked, now)
            session.execute(delete(CommandRow).where(*of_camera, CommandRow.expires_at < now))
            row = self._issue(session, actor, node, camera, "snapshot", site=site)
        return self._told(row)

    def picture(self, actor: Actor, node: str, camera: str) -> CameraPicture | None:
        """The newest picture somebody asked for, if it is still there."""
        actor.require(Permission.SEE)
        now = self._clock.now()
        with self._database.write() as session:
            _known(session, actor, node, camera)
            row = session.get(CameraPictureRow, (node, camera))
            if row is None:
                return None
            self._audit_watch(session, actor, f"{node}/{camera}", now)
        return self._bytes_of(row)

    def learn_view(self, actor: Actor, node: str, camera: str) -> CommandView:
        """Ask a node to take what a camera shows now for what it should show, and to send a picture of it."""
        actor.require(Permission.SETTINGS)
        with self._database.write() as session:
            row = self._issue(session, actor, node, camera, "learn-view")
            self._audit.append(session, actor, "camera.view", f"camera:{node}/{camera}", {"command": row.id})
        return self._told(row)

    def reference(self, actor: Actor, node: str, camera: str) -> ReferenceView:
        """What the view of a camera is compared with."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            _known(session, actor, node, camera)
            row = session.get(ReferenceViewRow, (node, camera))
            last = _last(session, node, camera, "learn-view")
        return ReferenceView(
            node=node,
            camera=camera,
            taken_at=row.taken_at if row else None,
            taken_by=row.taken_by if row else None,
            last=None if last is None else view(last, self._clock.now()),
        )

    def reference_picture(self, actor: Actor, node: str, camera: str) -> CameraPicture | None:
        """The picture of that view, if one was taken and is still kept."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            _known(session, actor, node, camera)
            row = session.get(ReferenceViewRow, (node, camera))
        return None if row is None else self._bytes_of(row)

    def geometry(self, actor: Actor, node: str, camera: str) -> GeometryView:
        """The lines and zones in force at a camera."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            row, _ = _known(session, actor, node, camera)
            last = _last(session, node, camera, "set-geometry")
        health = row.health or {}
        told: list[dict[str, Any]] = health.get("cameras", [])
        reported = next((one for one in told if one["camera"] == camera), {})
        lines, zones = reported.get("lines"), reported.get("zones")
        return GeometryView(
            node=node,
            camera=camera,
            lines=None if lines is None else tuple(lines),
            zones=None if zones is None else tuple(zones),
            reported_at=datetime.fromisoformat(health["time"]) if "time" in health else None,
            last=None if last is None else view(last, self._clock.now()),
        )

    def command(self, actor: Actor, command_id: str) -> CommandView:
        """What became of a request."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            row = session.get(CommandRow, command_id)
        if row is None or not actor.sees(row.site):
            raise NotFoundError(f"command {command_id[:40]!r} is not known")
        return view(row, self._clock.now())

    def _issue(
        self,
        session: Session,
        actor: Actor,
        node: str,
        camera: str,
        name: str,
        *,
        site: str | None = None,
        **arguments: tuple[LineSpec, ...] | tuple[ZoneSpec, ...],
    ) -> CommandRow:
        now = self._clock.now()
        if site is None:
            _, site = _known(session, actor, node, camera)
        fields = {"id": new_id(), "name": name, "camera": camera, "issued_at": now, "issued_by": actor.name}
        try:
            command = Command.model_validate(fields | arguments)
        except ValidationError as error:
            raise InvalidError(first_problem(error)) from error
        row = written(command, node, site, EXPIRES[name])
        assert len(dump(command)) < 256 * 1024, "lines and zones are bounded by the contract"
        session.add(row)
        return row

    def _bytes_of(self, row: LookRow) -> CameraPicture | None:
        try:
            return CameraPicture(jpeg=self._store.get(row.path), taken_at=row.taken_at, command_id=row.command_id)
        except FileNotFoundError:  # a newer one took its place, or its time ended
            return None

    def _told(self, row: CommandRow) -> CommandView:
        self._bus.publish(CommandIssued(command_id=row.id, node=row.node))
        return view(row, self._clock.now())

    def _audit_watch(self, session: Session, actor: Actor, camera: str, now: datetime) -> None:
        if self._watching.is_news(actor, camera, now):
            self._audit.append(session, actor, "camera.watch", f"camera:{camera}", {})


def _last(session: Session, node: str, camera: str, name: str) -> CommandRow | None:
    """The last request of this name to a camera."""
    return session.scalars(
        select(CommandRow)
        .where(CommandRow.node == node, CommandRow.camera == camera, CommandRow.name == name)
        .order_by(CommandRow.issued_at.desc(), CommandRow.id.desc())
        .limit(1)
    ).first()


def _known(session: Session, actor: Actor, node: str, camera: str) -> tuple[NodeRow, str]:
    row = session.get(NodeRow, node)
    if row is None or not actor.sees(row.site):
        raise NotFoundError(f"node {node[:64]!r} is not known")
    if all(one["camera"] != camera for one in (row.health or {}).get("cameras", ())):
        raise NotFoundError(f"node {node!r} has told of no camera {camera[:64]!r}")
    return row, row.site


def _require_distinct(field: str, ids: Sequence[str]) -> None:
    twice = next((one for number, one in enumerate(ids) if one in ids[:number]), None)
    if twice is not None:
        raise InvalidError(f"{field.removesuffix('s')} id {twice!r} is used twice; give each its own", field=field)
