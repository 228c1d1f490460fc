"""The correlators of all shares of the sites: each is owned by one server at a time."""

from collections.abc import Mapping

from tapal_server.correlation.params import Params
from tapal_server.live.correlator import Correlator
from tapal_server.replicas.ownership import Ownership

__all__ = ["Shares", "duty_of"]


class Shares:
    """The correlators by share, asked as one."""

    def __init__(
        self, correlators: Mapping[str, Correlator], share_of: Mapping[str, str], ownership: Ownership
    ) -> None:
        self.correlators = correlators
        self._share_of = share_of
        self._ownership = ownership

    @property
    def running(self) -> bool:
        """Whether all that are this server's have caught up and run; a server that stands by is ready too."""
        return all(one.running or not self._ownership.owns(duty_of(share)) for share, one in self.correlators.items())

    def step(self) -> None:
        """Take all that is committed, in every share."""
        for correlator in self.correlators.values():
            correlator.step()

    def gate_report(self, site: str, line: str, direction: str) -> dict[str, object] | None:
        """What was learned of a gate; None too while another server correlates it."""
        correlator = self._of(site)
        return correlator.gate_report(site, line, direction) if correlator else None

    def params(self, site: str, line: str, direction: str) -> Params | None:
        """What is believed of a gate now; None too while another server correlates it."""
        correlator = self._of(site)
        return correlator.params(site, line, direction) if correlator else None

    def _of(self, site: str) -> Correlator | None:
        return self.correlators.get(self._share_of.get(site, ""))


def duty_of(share: str) -> str:
    """The name of the duty to correlate a share."""
    return f"correlation of {share}"
