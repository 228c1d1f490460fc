"""Carries roll-outs on: asks the nodes whose turn it is, and writes down what they say."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tapal_contract.updates import ModelBounds
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import CommandRow, ModelRow, NodeRow, RolloutNodeRow, RolloutRow
from tapal_server.events import Bus, CommandAnswered, CommandIssued, NodeSeen, RolloutChanged, ServerEvent
from tapal_server.models.asking import ask, offer_of
from tapal_server.models.standing import nodes_of, told_by
from tapal_server.models.steps import Asked, At, Seen, next_of_node, stage_in_turn

__all__ = ["RolloutRoutine"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0


class RolloutRoutine:
    """One task; what it decides is a pure function of what is in the database, so that it may end at any moment."""

    def __init__(self, database: Database, *, address: str, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._address = address
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Carry on until cancelled."""
        with self._bus.bell(lambda event: isinstance(event, NodeSeen | CommandAnswered | RolloutChanged)) as bell:
            while True:
                try:
                    await asyncio.to_thread(self.work)
                except SQLAlchemyError:
                    log.exception("the database did not answer; roll-outs wait")
                await bell.wait(LOOK_EVERY_S)

    def work(self) -> int:
        """Take every open roll-out one step further; return how many changed."""
        with self._database.read() as session:
            running = session.scalars(select(RolloutRow.id).where(RolloutRow.state == "running")).all()
        return sum(self._step(rollout_id) for rollout_id in running)

    def _step(self, rollout_id: str) -> bool:
        hints: list[ServerEvent] = []
        with self._database.write() as session:
            row = session.get(RolloutRow, rollout_id, with_for_update=True)
            if row is None or row.state != "running":
                return False
            nodes = nodes_of(session, rollout_id)
            for one in nodes:
                turn = stage_in_turn([other.stage for other in nodes], [other.state for other in nodes])
                failing = any(other.state == "failed" for other in nodes)
                hints += self._move(session, row, one, in_turn=one.stage == turn and not failing)
            failed = [one for one in nodes if one.state == "failed"]
            if failed:
                row.state, row.detail = "halted", f"{failed[0].node}: {failed[0].detail}"[:500]
                log.warning("roll-out of %s is halted: %s", row.model, row.detail)
            elif all(one.state == "active" for one in nodes):
                row.state, row.ended_at = "done", self._clock.now()
            if row.state != "running":
                hints.append(RolloutChanged(rollout_id=rollout_id))
        self._bus.publish(*hints)
        return bool(hints)

    def _move(self, session: Session, row: RolloutRow, one: RolloutNodeRow, *, in_turn: bool) -> Sequence[ServerEvent]:
        after = next_of_node(row.model, one.state, self._seen(session, one), in_turn=in_turn)  # type: ignore[arg-type]  # written by us only
        if (after.state, after.detail[:500]) == (one.state, one.detail) and not after.ask:
            return ()
        hints: list[ServerEvent] = [RolloutChanged(rollout_id=row.id)]
        if after.ask:
            hints.append(self._ask(session, row, one))
        _write(one, after)
        one.changed_at = self._clock.now()
        return hints

    def _ask(self, session: Session, row: RolloutRow, one: RolloutNodeRow) -> CommandIssued:
        model = session.get(ModelRow, row.model)
        assert model is not None, "a roll-out's model is a foreign key"
        offer = offer_of(model, self._address, ModelBounds.model_validate(row.bounds))
        command = ask(session, one.node, one.site, "use-model", row.made_by, self._clock.now(), offer=offer)
        one.command_id, one.attempts = command.id, one.attempts + 1
        return CommandIssued(command_id=command.id, node=one.node)

    def _seen(self, session: Session, one: RolloutNodeRow) -> Seen:
        node = session.get(NodeRow, one.node)
        command = session.get(CommandRow, one.command_id) if one.command_id else None
        return Seen(
            online=node is not None and node.status == "online",
            model=told_by(node),
            command=self._state_of(command),
            refusal=command.reason if command else "",
            attempts=one.attempts,
        )

    def _state_of(self, command: CommandRow | None) -> Asked:
        if command is None:
            return "none"
        if command.state == "done":
            return "done"
        if command.state == "refused":
            return "refused"
        return "waiting" if command.expires_at > self._clock.now() else "expired"


def _write(one: RolloutNodeRow, after: At) -> None:
    one.state, one.detail = after.state, after.detail[:500]
