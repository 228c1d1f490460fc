"""Rolling a model out: stage by stage, halted at the first node that does not take it, taken back on request."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_contract.updates import ModelBounds
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import ModelRow, NodeRow, RolloutNodeRow, RolloutRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.events import Bus, CommandIssued, RolloutChanged
from tapal_server.models.asking import ask, offer_of
from tapal_server.models.standing import nodes_of, told_by
from tapal_server.models.views import NodeModelView, RolloutNodeView, RolloutView
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["RolloutService", "view"]

OPEN = ("running", "halted")
DEFAULT_BOUNDS = ModelBounds()


class RolloutService:
    """Starts, stops and takes back; :class:`~tapal_server.models.routine.RolloutRoutine` carries it on."""

    def __init__(self, database: Database, *, address: str, audit: AuditLog, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._address = address
        self._audit = audit
        self._bus = bus
        self._clock = clock

    def fleet(self, actor: Actor) -> tuple[NodeModelView, ...]:
        """Which model each node uses, by site and name."""
        actor.require(Permission.SEE)
        query = select(NodeRow).order_by(NodeRow.site, NodeRow.node)
        with self._database.read() as session:
            rows = [row for row in session.scalars(query) if actor.sees(row.site)]
        return tuple(_of_node(row) for row in rows)

    def all(self, actor: Actor) -> tuple[RolloutView, ...]:
        """Roll-outs to nodes that this person sees, the newest first, and of each those nodes."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            rows = session.scalars(select(RolloutRow).order_by(RolloutRow.id.desc())).all()
            views = [view(session, row, actor) for row in rows]
        return tuple(one for one in views if one.nodes)

    def get(self, actor: Actor, rollout_id: str) -> RolloutView:
        """One roll-out."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            row = session.get(RolloutRow, rollout_id)
            found = None if row is None else view(session, row, actor)
        if found is None or not found.nodes:
            raise NotFoundError(f"roll-out {rollout_id[:40]!r} is not known")
        return found

    def start(
        self, actor: Actor, title: str, stages: Sequence[Sequence[str]], *, bounds: ModelBounds = DEFAULT_BOUNDS
    ) -> RolloutView:
        """Roll a model out to the nodes and sites of each stage; the next stage begins when all of one use it.

        Raises:
            NotFoundError: no such model.
            InvalidError: a stage names nothing that is known, or a node twice.
            ConflictError: a node is part of another roll-out.
        """
        actor.require(Permission.SETTINGS)
        now = self._clock.now()
        with self._database.write() as session:
            model = session.get(ModelRow, title)
            if model is None:
                raise NotFoundError(f"model {title[:129]!r} is not known; upload its bundle first")
            chosen = _nodes_of(session, actor, stages)
            _require_free(session, [node.node for node, _ in chosen])
            offer_of(model, self._address, bounds)  # complains about an address that nodes cannot fetch from
            fields = {"state": "running", "detail": "", "bounds": bounds.model_dump(mode="json")}
            row = RolloutRow(id=new_id(), model=title, made_at=now, made_by=actor.name, ended_at=None, **fields)
            session.add(row)
            session.flush()
            for node, stage in chosen:
                of_node = {"site": node.site, "stage": stage, "state": "waiting", "detail": "", "changed_at": now}
                session.add(RolloutNodeRow(rollout_id=row.id, node=node.node, command_id=None, attempts=0, **of_node))
            detail = {"model": title, "stages": [[*stage] for stage in stages], "bounds": row.bounds}
            self._audit.append(session, actor, "rollout.start", f"rollout:{row.id}", detail)
            session.flush()
            made = view(session, row, actor)
        self._bus.publish(RolloutChanged(rollout_id=made.id))
        return made

    def stop(self, actor: Actor, rollout_id: str) -> RolloutView:
        """Ask no further nodes; those that use the model keep it."""
        actor.require(Permission.SETTINGS)
        with self._database.write() as session:
            row = _find(session, rollout_id, actor)
            if row.state not in OPEN:
                raise ConflictError(f"this roll-out is {row.state} already")
            row.state, row.ended_at = "stopped", self._clock.now()
            self._audit.append(session, actor, "rollout.stop", f"rollout:{rollout_id}", {})
            made = view(session, row, actor)
        self._bus.publish(RolloutChanged(rollout_id=rollout_id))
        return made

    def go_on(self, actor: Actor, rollout_id: str) -> RolloutView:
        """Go on after a halt; nodes that did not take the model are asked again."""
        actor.require(Permission.SETTINGS)
        with self._database.write() as session:
            row = _find(session, rollout_id, actor)
            if row.state not in {"halted", "stopped"}:
                raise ConflictError(f"this roll-out is {row.state}; only a halted or stopped one can go on")
            nodes = nodes_of(session, rollout_id)
            _require_free(session, [one.node for one in nodes], but=rollout_id)
            row.state, row.detail, row.ended_at = "running", "", None
            for one in nodes:
                if one.state != "active":
                    one.state, one.detail, one.command_id, one.attempts = "waiting", "", None, 0
                    one.changed_at = self._clock.now()
            self._audit.append(session, actor, "rollout.go-on", f"rollout:{rollout_id}", {})
            made = view(session, row, actor)
        self._bus.publish(RolloutChanged(rollout_id=rollout_id))
        return made

    def roll_back(self, actor: Actor, rollout_id: str) -> RolloutView:
        """Let every node that uses or tries the model use the one before it again."""
        actor.require(Permission.SETTINGS)
        issued: list[CommandIssued] = []
        with self._database.write() as session:
            row = _find(session, rollout_id, actor)
            if row.state == "rolled_back":
                raise ConflictError("this roll-out was taken back already")
            for one in nodes_of(session, rollout_id):
                if one.state not in {"waiting", "back"}:
                    told = told_by(session.get(NodeRow, one.node))
                    if row.model in {told.get("active"), told.get("candidate")} or one.state == "asked":
                        command = ask(session, one.node, one.site, "previous-model", actor.name, self._clock.now())
                        one.command_id = command.id
                        issued.append(CommandIssued(command_id=command.id, node=one.node))
                    one.state, one.detail, one.changed_at = "back", "", self._clock.now()
            row.state, row.detail, row.ended_at = "rolled_back", "", self._clock.now()
            nodes = [one.node for one in issued]
            self._audit.append(session, actor, "rollout.back", f"rollout:{rollout_id}", {"nodes": nodes})
            made = view(session, row, actor)
        self._bus.publish(*issued, RolloutChanged(rollout_id=rollout_id))
        return made


def view(session: Session, row: RolloutRow, actor: Actor) -> RolloutView:
    """A roll-out as this person may see it."""
    nodes = tuple(seen(RolloutNodeView, one) for one in nodes_of(session, row.id) if actor.sees(one.site))
    return seen(RolloutView, row, nodes=nodes)


def _find(session: Session, rollout_id: str, actor: Actor) -> RolloutRow:
    """A roll-out all of whose nodes are of sites that this person sees."""
    row = session.get(RolloutRow, rollout_id)
    if row is None or not all(actor.sees(one.site) for one in nodes_of(session, rollout_id)):
        raise NotFoundError(f"roll-out {rollout_id[:40]!r} is not known")
    return row


def _nodes_of(session: Session, actor: Actor, stages: Sequence[Sequence[str]]) -> list[tuple[NodeRow, int]]:
    known = [row for row in session.scalars(select(NodeRow).order_by(NodeRow.node)) if actor.sees(row.site)]
    chosen: dict[str, tuple[NodeRow, int]] = {}
    for number, stage in enumerate(stages):
        for name in stage:
            found = [row for row in known if name in {row.node, row.site}]
            if not found:
                raise InvalidError(f"no node or site is called {name[:64]!r}", field="stages")
            for row in found:
                if chosen.get(row.node, (row, number))[1] != number:
                    raise InvalidError(f"node {row.node!r} is in two stages", field="stages")
                chosen[row.node] = (row, number)
    if not chosen:
        raise InvalidError("a roll-out needs at least one node or site", field="stages")
    return list(chosen.values())


def _require_free(session: Session, nodes: Sequence[str], *, but: str = "") -> None:
    query = (
        select(RolloutNodeRow.node)
        .join(RolloutRow, RolloutRow.id == RolloutNodeRow.rollout_id)
        .where(RolloutRow.state.in_(OPEN), RolloutRow.id != but, RolloutNodeRow.node.in_(nodes))
    )
    busy = session.scalars(query.limit(1)).first()
    if busy is not None:
        raise ConflictError(f"node {busy!r} is part of another roll-out; stop that one first")


def _of_node(row: NodeRow) -> NodeModelView:
    told = told_by(row)
    at = (row.health or {}).get("time")
    names = ("active", "previous", "candidate", "state", "fetched", "frames", "agreement", "counts", "latency")
    return NodeModelView(
        node=row.node,
        site=row.site,
        status=row.status,
        detail=str(told.get("detail", "")),
        reported_at=datetime.fromisoformat(at) if at else None,
        **{name: told.get(name) for name in names},  # type: ignore[arg-type]  # of the contract's ModelHealth
    )
