"""A running node is told of models over a real broker; no camera is opened anew for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tapal_contract.node import Health, parse_control
from tests.edge.test_commands import CONFIG, Running, running
from tests.edge.updates.bundles import key_in, offered
from tests.support import toymodel
from tests.support.fileserver import FileServer, serving
from tests.support.patience import PATIENCE_S
from tests.support.services.mosquitto import mosquitto

pytestmark = pytest.mark.services


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[tuple[Running, FileServer]]:
    """A node at work, and a server of bundles that it trusts."""
    served = tmp_path / "served"
    served.mkdir()
    with serving(served) as server, mosquitto(tmp_path / "broker") as broker:
        text = CONFIG.format(folder=tmp_path, url=broker.url) + f"updates: {{key_file: {key_in(served)}}}\n"
        async with running(tmp_path, broker=broker, text=text) as node:
            yield node, server


async def test_a_node_switches_to_a_good_model_refuses_a_bad_one_and_goes_back(here) -> None:
    node, server = here
    good = offered(server.folder, server.url, "good")
    answer = await node.ask("use-model", None, offer=good.model_dump(mode="json"))
    assert (answer.outcome, answer.reason) == ("done", "")
    await until(node, lambda model: model.state == "steady" and model.active == "toy@good")
    states = [model.state for model in told(node)]
    assert [one for one in ("shadow", "watching", "steady") if one in states] == ["shadow", "watching", "steady"]

    bad = offered(server.folder, server.url, "bad", output=np.zeros_like(toymodel.ANCHORS).T)
    assert (await node.ask("use-model", None, offer=bad.model_dump(mode="json"))).outcome == "done"
    await until(node, lambda model: model.state == "failed")
    failed = told(node)[-1]
    assert (failed.candidate, failed.active) == ("toy@bad", "toy@good")
    assert "agreement" in failed.detail

    assert (await node.ask("previous-model", None)).outcome == "done"
    await until(node, lambda model: model.active != "toy@good" and model.state == "steady")
    assert (await node.ask("previous-model", None)).outcome == "refused"

    assert {event.event for event in node.office.events} == {"online"}, "no camera was restarted"


def told(node: Running):
    return [health.model for health in (parse_control(Health, raw) for raw in node.office.healths) if health.model]


async def until(node: Running, holds, seconds: float = PATIENCE_S) -> None:
    await node.office.until(lambda: any(holds(model) for model in told(node)[-1:]), seconds)
