"""A change of the model from the offer to the last verdict, with real bundles and real ONNX files."""

import queue
import time
from pathlib import Path

import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_contract.updates import ModelHealth
from tapal_detector.detector import Detector
from tapal_edge.config import Updates
from tapal_edge.updates.opening import open_models
from tests.edge.updates.bundles import QUICK, key_in, offered
from tests.support import toymodel
from tests.support.fileserver import FileServer, serving
from tests.support.patience import PATIENCE_S

BRIGHT = np.full((64, 64, 3), 200, np.uint8)
DARK = np.full((64, 64, 3), 20, np.uint8)
BLIND = np.zeros_like(toymodel.ANCHORS).T


class Node:
    """The models of a node whose frames the test makes."""

    def __init__(self, folder: Path, server: FileServer) -> None:
        self.folder, self.server = folder, server
        toymodel.save(folder / "configured.onnx")
        self.settings = Updates(key_file=key_in(server.folder))
        self.open()

    def open(self) -> None:
        """Start, or start again."""

        def load(path: Path | None) -> Detector:
            return Detector.load(path or self.folder / "configured.onnx", confidence=0.1)

        self.detector, self.updater = open_models(self.folder, self.settings, load)
        self.news: queue.SimpleQueue[ModelHealth] = queue.SimpleQueue()
        self.updater.on_change = lambda: self.news.put(self.updater.health())

    def offer(self, name: str, **toy):
        return offered(self.server.folder, self.server.url, name, **toy)

    def until(self, *states: str, frame: np.ndarray = BRIGHT) -> ModelHealth:
        """Show frames until a change comes to one of these states."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.detector.detect_batch([frame])
            while not self.news.empty():
                health = self.news.get()
                if health.state in states:
                    return health
        raise AssertionError(f"never came to {states}: {self.updater.health()}")


@pytest.fixture
def node(tmp_path: Path):
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        yield Node(tmp_path, server)


def test_a_good_model_is_tried_switched_to_watched_and_kept(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("good"))
        assert node.until("shadow").candidate == "toy@good"
        watching = node.until("watching")
        assert (watching.active, watching.frames) == ("toy@good", 0)
        steady = node.until("steady")
    assert (steady.active, steady.previous) == ("toy@good", "configured")
    node.open()
    assert node.detector.title == "toy@good", "it is used after a restart"
    assert not list((node.folder / "models").glob("*.tapal")), "the bundle is not kept"


@pytest.mark.parametrize(
    ("toy", "says"),
    [
        pytest.param({"output": BLIND}, "agreement 0.00 is below 0.80", id="sees-nothing"),
        pytest.param({"output": toymodel.ANCHORS.T + 15}, "agreement 0.00", id="sees-elsewhere"),
        pytest.param({"metadata": toymodel.without("names")}, "names", id="no-detect-export"),
    ],
)
def test_a_bad_model_is_never_switched_to(node: Node, toy: dict, says: str) -> None:
    with node.updater.running():
        node.updater.use(node.offer("bad", **toy))
        failed = node.until("failed")
        assert says in failed.detail
        assert node.detector.model.path == node.folder / "configured.onnx"
    assert (failed.candidate, failed.active) == ("toy@bad", node.detector.title)
    node.open()
    assert node.updater.health().state == "failed", "it is still told after a restart"
    assert not [path for path in (node.folder / "models").iterdir() if path.is_dir()]


def test_a_model_that_fails_after_the_switch_is_given_up_by_itself(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("day-only", blind_below=0.5))
        node.until("watching")
        node.until("failed", frame=DARK)
        health = node.updater.health()
        assert len(node.detector.detect_batch([DARK])[0]) == 4, "the one before it sees in the dark"
    assert health.candidate == "toy@day-only"
    assert "agreement 0.00" in health.detail
    assert node.detector.model.path == node.folder / "configured.onnx"
    node.open()
    assert node.detector.model.path == node.folder / "configured.onnx"


def test_what_went_back_by_itself_can_still_be_taken_back_further(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("good"))
        node.until("steady")
        node.updater.use(node.offer("day-only", blind_below=0.5))
        node.until("watching")
        failed = node.until("failed", frame=DARK)
        assert (failed.active, failed.previous) == ("toy@good", "configured")
    node.open()
    assert node.detector.title == "toy@good"
    with node.updater.running():
        node.updater.back()
        node.until("steady")
    assert node.detector.model.path == node.folder / "configured.onnx"


def test_a_node_that_ends_while_it_watches_watches_on(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("day-only", blind_below=0.5))
        node.until("watching")
    node.open()
    assert node.detector.title == "toy@day-only"
    with node.updater.running():
        node.until("watching", frame=DARK)
        node.until("failed", frame=DARK)
    assert node.detector.model.path == node.folder / "configured.onnx"


def test_a_model_that_ends_the_node_again_and_again_is_given_up(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("good"))
        node.until("watching")
    for _ in range(2):
        node.open()
        assert node.detector.title == "toy@good"
    node.open()
    health = node.updater.health()
    assert (health.state, health.candidate) == ("failed", "toy@good")
    assert "started 3 times" in health.detail


def test_a_damaged_file_is_passed_over_at_the_start(node: Node) -> None:
    with node.updater.running():
        node.updater.use(node.offer("good"))
        node.until("steady")
    next((node.folder / "models").glob("*/model.onnx")).write_bytes(b"what is left after a power cut")
    node.open()
    assert node.detector.model.path == node.folder / "configured.onnx"
    assert "damaged" in node.updater.health().detail


def test_the_office_goes_back_at_once(node: Node) -> None:
    with node.updater.running():
        with pytest.raises(TapalError, match="no model before"):
            node.updater.back()
        node.updater.use(node.offer("good"))
        node.until("steady")
        node.updater.back()
        steady = node.until("steady")
    assert node.detector.model.path == node.folder / "configured.onnx"
    assert (steady.previous, steady.candidate) == (None, None)


def test_a_bundle_of_another_key_is_not_used(node: Node, tmp_path: Path) -> None:
    offer = node.offer("good")
    (tmp_path / "other").mkdir()
    node.settings = Updates(key_file=key_in(tmp_path / "other"))
    node.open()
    with node.updater.running():
        node.updater.use(offer)
        assert "is not signed by the key" in node.until("failed").detail


def test_a_node_that_trusts_nobody_refuses(node: Node) -> None:
    node.settings = None
    node.open()
    with pytest.raises(TapalError, match="key_file"):
        node.updater.use(node.offer("good"))


def test_a_newer_offer_takes_the_place_of_one_in_shadow(node: Node) -> None:
    slow = QUICK.model_copy(update={"frames": 1_000_000})
    with node.updater.running():
        node.updater.use(node.offer("first", bounds=slow))
        node.until("shadow")
        node.updater.use(node.offer("second"))
        assert node.until("watching").active == "toy@second"
        with pytest.raises(TapalError, match="still watched"):
            node.updater.use(node.offer("third"))


def test_where_nothing_goes_on_the_old_model_stays(node: Node) -> None:
    toymodel.save(node.folder / "configured.onnx", output=BLIND)
    node.open()
    with node.updater.running():
        node.updater.use(node.offer("good", output=BLIND, bounds=QUICK.model_copy(update={"longest_s": 0.2})))
        assert "0 sure boxes" in node.until("failed").detail
