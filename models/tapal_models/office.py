"""A server's API, as far as models are rolled out over it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tapal_contract.serverapi import ServerApi, pages


@dataclass(frozen=True, slots=True)
class Office:
    """A server whose token has the scopes see and settings."""

    api: ServerApi

    def upload(self, bundle: bytes) -> dict[str, Any]:
        """Put a bundle into the server's registry."""
        return dict(self.api.upload("/models", bundle))

    def start(self, model: str, stages: list[list[str]], bounds: dict[str, Any]) -> dict[str, Any]:
        """Begin a roll-out."""
        return dict(self.api.post("/rollouts", {"model": model, "stages": stages, "bounds": bounds}))

    def rollouts(self) -> list[dict[str, Any]]:
        """Every roll-out, the newest first."""
        return list(pages(self.api, "/rollouts"))

    def rollout(self, rollout_id: str) -> dict[str, Any]:
        """One roll-out."""
        return dict(self.api.json(f"/rollouts/{quote(rollout_id, safe='')}"))

    def change(self, rollout_id: str, step: str) -> dict[str, Any]:
        """Stop it, let it go on, or take it back."""
        return dict(self.api.post(f"/rollouts/{quote(rollout_id, safe='')}/{step}", {}))

    def fleet(self) -> list[dict[str, Any]]:
        """Which model each node uses."""
        return list(pages(self.api, "/fleet"))
