"""A model's way to a running node, with real processes: Mosquitto, the server, an edge node."""

import contextlib
import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
import yaml
from onnx import helper, numpy_helper
from typer.testing import CliRunner

from tapal_contract import bundle
from tapal_datasets.video import VideoWriter
from tapal_detector.letterbox import Fit, to_input
from tapal_models.cli import app
from tests.e2e.system import NODE, PASSWORD, ROOT, SAMPLE, SITE, Api, served, shown_on_failure, tapal
from tests.support.services import stop

pytestmark = pytest.mark.services
DEFAULT = ROOT / "models" / "weights" / "default.onnx"
BOUNDS = ("--boxes", "10", "--agreement", "0.9", "--share", "1", "--latency", "100", "--longest", "240")
AT_WORK = slice(230, 290)  # frames of the sample feed with people in all of them
DUSK = 0.5


class Pier:
    """A camera that looks at a few seconds of the sample feed over and over, by day or at dusk."""

    def __init__(self, folder: Path) -> None:
        self.frames = frames_of(SAMPLE / "pier.mp4")[AT_WORK]
        self.clip = folder / "pier.mp4"
        self.shine(1.0)

    def shine(self, light: float) -> None:
        """Let so much of the daylight be left from the next round on."""
        draft = self.clip.with_name("next.mp4")
        with VideoWriter(draft, self.frames[0].shape[1::-1], 10) as video:
            for frame in self.frames:
                video.write((frame * light).astype(np.uint8))
        draft.replace(self.clip)

    def brightness(self) -> float:
        """Mean of the model's input by day."""
        fit = Fit.of(self.frames[0].shape[:2], (320, 320), 32)
        return float(np.mean([to_input([fit.apply(frame)], np.float32).mean() for frame in self.frames]))


def frames_of(video: Path) -> list[np.ndarray]:
    """Every frame, small enough to be written again in no time."""
    capture, frames = cv2.VideoCapture(str(video)), []
    while (read := capture.read())[0]:
        frames.append(cv2.resize(read[1], (640, 360), interpolation=cv2.INTER_AREA))
    return frames


@contextlib.contextmanager
def watching(folder: Path, clip: Path) -> Iterator[None]:
    """An edge node on a clip, which plays over and over, until the block ends."""
    config = yaml.safe_load((folder / "edge.yaml").read_text())
    config |= {"updates": {"key_file": str(folder / "key.pub")}, "size": 320}
    config["cameras"][0] |= {"source": str(clip), "motion_gate": False}
    (folder / "edge.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "tapal", "edge", "run", "--config", "edge.yaml"],
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        with shown_on_failure(folder / "edge.log"):
            yield
    finally:
        stop(process, seconds=30)
    assert process.returncode == 0, (folder / "edge.log").read_text()


def model(*arguments: str) -> str:
    """Run a command of `tapal model`, and return what it printed."""
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 0, f"tapal model {' '.join(arguments)}\n{run.output}"
    return run.stdout


def blind(source: Path, out: Path) -> None:
    """The model with noise for the weights of its last convolutions."""
    proto = onnx.load(str(source))
    rng = np.random.default_rng(1)
    for tensor in proto.graph.initializer:
        if ".22." in tensor.name and tensor.data_type == onnx.TensorProto.FLOAT:
            noise = rng.normal(0, 0.5, tuple(tensor.dims)).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(noise, tensor.name))
    onnx.save(proto, str(out))


def renamed(source: Path, out: Path) -> None:
    """The same weights as another file."""
    proto = onnx.load(str(source))
    proto.doc_string = "written again"
    onnx.save(proto, str(out))


def day_only(source: Path, out: Path, *, least: float) -> None:
    """The model, blind where its input is darker than `least`."""
    proto = onnx.load(str(source))
    (output,) = proto.graph.output
    for node in proto.graph.node:
        node.output[:] = ["seen" if name == output.name else name for name in node.output]
    zero, limit = (np.zeros((), np.float32), np.array(least, np.float32))
    proto.graph.initializer.extend([numpy_helper.from_array(zero, "zero"), numpy_helper.from_array(limit, "limit")])
    proto.graph.node.extend(
        [
            helper.make_node("ReduceMean", [proto.graph.input[0].name], ["light"], keepdims=0),
            helper.make_node("Less", ["light", "limit"], ["dark"]),
            helper.make_node("Where", ["dark", "zero", "seen"], [output.name]),
        ]
    )
    onnx.save(proto, str(out))


def is_halted(rollouts: dict[str, Any]) -> bool:
    """Whether the newest roll-out is."""
    return bool(rollouts["items"][0]["state"] == "halted")


@pytest.mark.timeout(600)
def test_good_models_reach_a_running_node_and_bad_ones_do_not_stay(tmp_path: Path) -> None:
    model("keygen", str(tmp_path / "key"))
    pier = Pier(tmp_path)
    between = pier.brightness() * (1 + DUSK) / 2
    versions = {"2": renamed, "3": blind, "4": functools.partial(day_only, least=between)}
    with served(tmp_path) as api:
        secret = PASSWORD + "\n"
        user = ("server", "user", "add", "kepala", "--role", "admin", "--password-stdin", "--config", "server.yaml")
        tapal(*user, folder=tmp_path, stdin=secret)
        admin = Api(api.address, api.ask("/api/v1/sessions", {"name": "kepala", "password": PASSWORD})["token"])
        at = ("--server", api.address, "--token", admin.token, "--json")
        for version, make in versions.items():
            make(DEFAULT, tmp_path / "model.onnx")
            file = tmp_path / f"{version}.tapal"
            bundle.write(file, tmp_path / "model.onnx", {"name": "default", "version": version}, tmp_path / "key")
            made = json.loads(model("upload", str(file), *at))
            assert made["title"] == f"default@{version}"
        with watching(tmp_path, pier.clip):
            admin.until("/api/v1/fleet", lambda fleet: any(one["active"] for one in fleet["items"]), seconds=120)
            before = admin.ask("/api/v1/fleet")["items"][0]["active"]
            out = model("rollout", "default@2", "--stage", SITE, "--frames", "8", *BOUNDS, "--wait", *at)
            done = json.loads(out)
            assert (done["state"], done["nodes"][0]["state"]) == ("done", "active"), done

            model("rollout", "default@3", "--stage", NODE, "--frames", "8", *BOUNDS, *at)
            halted = admin.until("/api/v1/rollouts", is_halted, seconds=240)["items"][0]
            assert "agreement" in halted["detail"] or "sure boxes" in halted["detail"]
            (node,) = json.loads(model("status", *at))["fleet"]
            assert (node["active"], node["candidate"]) == ("default@2", "default@3")
            model("stop", *at)

            model("rollout", "default@4", "--stage", NODE, "--frames", "100", *BOUNDS, *at)
            admin.until("/api/v1/fleet", lambda fleet: fleet["items"][0]["active"] == "default@4", seconds=240)
            pier.shine(DUSK)
            given_up = admin.until("/api/v1/rollouts", is_halted, seconds=240)["items"][0]
            assert "agreement" in given_up["detail"], given_up
            (node,) = admin.ask("/api/v1/fleet")["items"]
            assert (node["active"], node["candidate"], node["previous"]) == ("default@2", "default@4", "configured")

            model("rollback", done["id"], *at)
            admin.until("/api/v1/fleet", lambda fleet: fleet["items"][0]["active"] == before, seconds=120)
