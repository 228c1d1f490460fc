"""A model's way to a running node, with real processes: Mosquitto, the server, an edge node."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import numpy_helper
from typer.testing import CliRunner

from tapal_contract import bundle
from tapal_models.cli import app
from tests.e2e.system import NODE, PASSWORD, ROOT, SITE, Api, served, tapal
from tests.support.services import stop

pytestmark = pytest.mark.services
DEFAULT = ROOT / "models" / "weights" / "default.onnx"
BOUNDS = ("--frames", "8", "--boxes", "10", "--share", "1", "--latency", "10", "--longest", "240")


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[None]:
    """An edge node on the sample feed, which plays over and over, until the block ends."""
    config = yaml.safe_load((folder / "edge.yaml").read_text())
    config |= {"updates": {"key_file": str(folder / "key.pub")}, "size": 320}
    (folder / "edge.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tapal", "edge", "run", "--config", "edge.yaml"], cwd=folder, stdout=log, stderr=log
        )
    try:
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


@pytest.mark.timeout(600)
def test_a_good_model_reaches_a_running_node_and_a_bad_one_does_not(tmp_path: Path) -> None:
    model("keygen", str(tmp_path / "key"))
    with served(tmp_path) as api:
        secret = PASSWORD + "\n"
        user = ("server", "user", "add", "kepala", "--role", "admin", "--password-stdin", "--config", "server.yaml")
        tapal(*user, folder=tmp_path, stdin=secret)
        admin = Api(api.address, api.ask("/api/v1/sessions", {"name": "kepala", "password": PASSWORD})["token"])
        at = ("--server", api.address, "--token", admin.token, "--json")
        for version, make in (("2", renamed), ("3", blind)):
            make(DEFAULT, tmp_path / "model.onnx")
            file = tmp_path / f"{version}.tapal"
            bundle.write(file, tmp_path / "model.onnx", {"name": "default", "version": version}, tmp_path / "key")
            made = json.loads(model("upload", str(file), *at))
            assert made["title"] == f"default@{version}"
        with watching(tmp_path):
            admin.until("/api/v1/fleet", lambda fleet: any(one["active"] for one in fleet["items"]), seconds=120)
            before = admin.ask("/api/v1/fleet")["items"][0]["active"]
            out = model("rollout", "default@2", "--stage", SITE, *BOUNDS, "--wait", *at)
            done = json.loads(out)
            assert (done["state"], done["nodes"][0]["state"]) == ("done", "active")

            model("rollout", "default@3", "--stage", NODE, *BOUNDS, *at)
            found = admin.until("/api/v1/rollouts", lambda found: found["items"][0]["state"] == "halted", seconds=240)
            halted = found["items"][0]
            assert "agreement" in halted["detail"] or "sure boxes" in halted["detail"]
            (node,) = json.loads(model("status", *at))["fleet"]
            assert (node["active"], node["candidate"]) == ("default@2", "default@3")

            model("rollback", done["id"], *at)
            admin.until("/api/v1/fleet", lambda fleet: fleet["items"][0]["active"] == before, seconds=120)
