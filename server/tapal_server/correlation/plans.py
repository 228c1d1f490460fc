"""Planned movements and voyages: what was entered beforehand explains what it covers."""

from collections.abc import Iterator

from tapal_server.correlation.types import Crossing, Planned, Reason, Voyage


class Plans:
    """All plans by id; a plan entered again replaces the earlier one."""

    def __init__(self) -> None:
        self.planned: dict[str, Planned] = {}
        self.voyages: dict[str, Voyage] = {}

    def covering(self, crossing: Crossing) -> Planned | None:
        """Return a planned movement that explains a crossing."""
        return next(self.all_covering(crossing), None)

    def all_covering(self, crossing: Crossing) -> Iterator[Planned]:
        """Return every planned movement that explains a crossing."""
        for plan in self.planned.values():
            if (
                plan.site == crossing.site
                and plan.start <= crossing.time <= plan.end
                and plan.line in {None, crossing.line}
                and plan.direction in {None, crossing.direction}
            ):
                yield plan

    def beside(self, plan: Planned) -> Iterator[Planned]:
        """Return the other plans that may cover the same people."""
        for other in self.planned.values():
            if (
                other.id != plan.id
                and other.site == plan.site
                and (other.line is None or plan.line is None or other.line == plan.line)
                and (other.direction is None or plan.direction is None or other.direction == plan.direction)
                and other.start <= plan.end
                and plan.start <= other.end
            ):
                yield other

    def voyage_of(self, crossing: Crossing) -> Voyage | None:
        """Return the scheduled call that a crossing belongs to."""
        for voyage in self.voyages.values():
            if (
                voyage.site == crossing.site
                and voyage.start <= crossing.time <= voyage.end
                and voyage.direction == crossing.direction
                and voyage.line in {None, crossing.line}
            ):
                return voyage
        return None

    def shares_its_window(self, voyage: Voyage) -> bool:
        """Whether another call has the same line, direction and time, so that crossings belong to either."""
        return any(
            other.id != voyage.id
            and other.site == voyage.site
            and other.direction == voyage.direction
            and (other.line is None or voyage.line is None or other.line == voyage.line)
            and other.start <= voyage.end
            and voyage.start <= other.end
            for other in self.voyages.values()
        )

    def because(self, crossing: Crossing) -> Reason | None:
        """Return what explains a crossing, as the reason why its alert closes."""
        plan = self.covering(crossing)
        if plan is not None:
            return Reason("planned", {"plan": plan.id, "note": plan.note})
        voyage = self.voyage_of(crossing)
        return None if voyage is None else Reason("scheduled_call", {"voyage": voyage.id})
