"""Planned movements and voyages: what was entered beforehand explains what it covers."""

from tapal_server.correlation.types import Crossing, Planned, Voyage


class Plans:
    """All plans by id; a plan entered again replaces the earlier one."""

    def __init__(self) -> None:
        self.planned: dict[str, Planned] = {}
        self.voyages: dict[str, Voyage] = {}

    def covering(self, crossing: Crossing) -> Planned | None:
        """Return a planned movement that explains a crossing."""
        for plan in self.planned.values():
            if (
                plan.site == crossing.site
                and plan.start <= crossing.time <= plan.end
                and plan.line in {None, crossing.line}
                and plan.direction in {None, crossing.direction}
            ):
                return plan
        return None

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
