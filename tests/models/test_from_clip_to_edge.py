"""The whole loop: labelled clips, a dataset, a short training, the gate, a signed bundle, a node that switches.

Needs the train extra (ultralytics, torch), the starting checkpoint of ../shared/models, and some minutes.
"""

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import numpy_helper
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_contract.updates import ModelBounds, ModelOffer
from tapal_datasets import cli as datasets
from tapal_models import cli as models
from tapal_models import training
from tapal_models.labels import NAMES
from tests.edge.test_commands import running
from tests.edge.updates.test_command import told, until
from tests.support.fileserver import serving
from tests.support.services.mosquitto import mosquitto

pytestmark = [
    pytest.mark.train,
    pytest.mark.shared,
    pytest.mark.timeout(1800),
    pytest.mark.filterwarnings("ignore"),  # torch and ultralytics warn about themselves
]
pytest.importorskip("ultralytics", reason="the train extra (ultralytics, torch) is not installed")
BOUNDS = ModelBounds(frames=10, boxes=10, longest_s=600, latency=20, share=1.0)
NODE = """\
node: node
site: site
size: 320
data_dir: {folder}/data
model: {model}
mqtt: {{url: {url}}}
updates: {{key_file: {key}}}
cameras:
  - {{id: yard, source: {video}, loop: true}}
  - {{id: other, source: {video}, loop: true}}
"""


def ran(app, *arguments: str, status: int = 0) -> str:
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == status, f"{' '.join(arguments)}\n{run.output}\n{run.exception!r}"
    return run.stdout


def changed(source: Path, out: Path, change) -> Path:
    """The model with other class scores."""
    proto = onnx.load(str(source))
    for tensor in proto.graph.initializer:
        if ".22.cv3" in tensor.name and tensor.name.endswith("bias") and tensor.dims[0] == 7:
            tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), tensor.name))
    onnx.save(proto, str(out))
    return out


@pytest.fixture(scope="module")
def start(shared: Path) -> Path:
    return shared / "models/yolov8n-coco.pt"


@pytest.fixture(scope="module")
def dataset(root: Path, tmp_path_factory) -> Path:
    """The sample feed with its MOT labels, as a version."""
    folder, sample = tmp_path_factory.mktemp("data"), root / "datasets/sample"
    known = ("--camera", "pier", "--day", "2026-03-02", "--licence", "CC BY 4.0", "--blurred")
    clip = ("--format", "mot", "--video", str(sample / "pier.mp4"), "--every", "24")
    ran(datasets.app, "import", str(sample / "pier.gt.txt"), *clip, *known, "--out", str(folder / "pier"))
    made = ran(
        datasets.app,
        *("build", str(folder / "pier"), "--name", "pier", "--split-within-a-day", "--gap", "0", "--json"),
        *("--val", "0.3", "--out", str(folder / "sets")),
    )
    return Path(json.loads(made)["folder"])


@pytest.fixture(scope="module")
def trained(dataset: Path, start: Path, tmp_path_factory) -> Path:
    """A short training, as ONNX."""
    out = tmp_path_factory.mktemp("run") / "pier"
    sizes = ("--epochs", "1", "--size", "160", "--batch", "4", "--learning-rate", "1e-5", "--share", "0.3")
    ran(models.app, "train", str(dataset / "data.yaml"), "--start", str(start), "--out", str(out), *sizes)
    known = json.loads((out / "run.json").read_text())
    assert known["dataset"] == dataset.name
    assert known["start_sha256"] == hashlib.sha256(start.read_bytes()).hexdigest()
    assert known["settings"]["seed"] == 1
    ran(models.app, "export", str(out / "weights/averaged.pt"), "--version", "2", "--out", str(out / "pier.onnx"))
    return out / "pier.onnx"


async def test_from_labelled_clips_to_a_node_that_switches_and_goes_back(
    root: Path, trained: Path, tmp_path: Path
) -> None:
    sample, kept = root / "datasets/sample", tmp_path / "registry"
    clip = {"video": str(sample / "pier.mp4"), "truth": str(sample / "pier.gt.txt"), "every": 40, "camera": "pier"}
    (tmp_path / "exam.yaml").write_text(yaml.safe_dump({"sizes": [320], "clips": [clip]}))
    at = ("--exam", str(tmp_path / "exam.yaml"), "--name", "pier", "--registry", str(kept), "--json")
    champion = changed(trained, tmp_path / "champion.onnx", lambda bias: bias - np.float32(2))
    worse = changed(trained, tmp_path / "worse.onnx", lambda bias: bias - np.float32(9))

    measured = ran(
        models.app,
        *("eval", str(trained), "--video", clip["video"], "--truth", clip["truth"], "--sizes", "320", "--every", "40"),
        *("--against", str(champion), "--json"),
    )
    assert json.loads(measured)[0]["recall"] > json.loads(measured)[1]["recall"]
    against = ("--against", str(champion))
    refused = json.loads(ran(models.app, "promote", str(worse), "--version", "2", *against, *at, status=1))
    assert refused["worse"]
    granted = json.loads(ran(models.app, "promote", str(trained), "--version", "2", *against, *at))
    assert granted["promoted"]

    served = tmp_path / "served"
    served.mkdir()
    ran(models.app, "keygen", str(served / "key"))
    ran(
        models.app,
        *("bundle", "pier", "--key", str(served / "key"), "--out", str(served / "2.tapal"), "--registry", str(kept)),
    )
    from tapal_contract import bundle

    bundle.write(served / "3.tapal", worse, {"name": "pier", "version": "3"}, served / "key")
    with serving(served) as server, mosquitto(tmp_path / "broker") as broker:
        fields = {"folder": tmp_path, "model": champion, "key": served / "key.pub", "video": sample / "pier.mp4"}
        bounds = BOUNDS.model_copy(update={"agreement": 0.0, "counts": (0.5, 1000)})  # the old one is hardly ever sure
        async with running(tmp_path, broker=broker, text=NODE.format(url=broker.url, **fields)) as node:

            async def offer(version: str) -> None:
                data = (served / f"{version}.tapal").read_bytes()
                made = ModelOffer(
                    name="pier",
                    version=version,
                    sha256=hashlib.sha256(data).hexdigest(),
                    bytes=len(data),
                    url=f"{server.url}/{version}.tapal",
                    bounds=bounds,
                )
                answer = await node.ask("use-model", None, offer=made.model_dump(mode="json"))
                assert answer.outcome == "done", answer.reason

            await offer("2")
            await until(
                node,
                lambda model: model.state == "failed" or (model.active == "pier@2" and model.state == "steady"),
                600,
            )
            assert told(node)[-1].active == "pier@2", told(node)[-1].detail
            await offer("3")
            await until(node, lambda model: model.state == "failed", 600)
            assert told(node)[-1].active == "pier@2", "the worse one was not switched to"
            assert (await node.ask("previous-model", None)).outcome == "done"
            await until(node, lambda model: "the office asked" in model.detail and model.previous is None, 120)


def test_a_run_that_was_ended_goes_on_where_it_was(dataset: Path, start: Path, tmp_path: Path) -> None:
    common = {"data": dataset / "data.yaml", "start": start, "out": tmp_path / "run", "epochs": 3, "size": 64}
    run = training.TrainRun(**common, batch=8, learning_rate=1e-5)

    def end(done: int, total: int) -> None:
        if done > total / 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(run, tick=end)
    before = passes(run.out)
    assert before == ["1"]
    on = training.TrainRun(**common, batch=8, learning_rate=1e-5, resume=True)
    training.train(on)
    assert passes(run.out) == ["1", "2", "3"]
    with pytest.raises(TapalError, match="came to its end"):
        training.train(on)


def test_what_several_gpus_are_given_comes_back_whole(dataset: Path, start: Path, tmp_path: Path) -> None:
    """As Ultralytics hands a trainer to its workers: by cloudpickle. No GPU is needed to see that, nor tried."""
    cloudpickle = pytest.importorskip("cloudpickle")
    run = training.TrainRun(
        data=dataset / "data.yaml", start=start, out=tmp_path / "run", epochs=1, size=64, batch=8, device="0,1"
    )
    assert run.several
    one = dataclasses.replace(run, device="cpu")
    trainer, _ = training.prepared(one, None)
    handed = {"trainer": type(trainer), "args": vars(trainer.args), "callbacks": trainer.callbacks}
    state = cloudpickle.loads(cloudpickle.dumps(handed))
    worker = state["trainer"](overrides=state["args"], _callbacks=state["callbacks"])
    for one in (trainer, worker):
        told = {call.__module__ for called in one.callbacks.values() for call in called}
        assert told == {training.CALLBACKS, training.__name__}, "no tracker is told that nobody asked for"
    worker.train()
    assert Path(worker.last).is_file()
    assert type(worker.model.criterion).__name__ == "DistillingLoss"
    with pytest.raises(TapalError, match="one device only"):
        dataclasses.replace(run, mlflow="http://127.0.0.1:1").check()


def test_labels_that_the_pictures_do_not_teach_learn_nothing_from_them(start: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    scores = torch.zeros(2, len(NAMES), 5, requires_grad=True)
    others = [number for number, name in enumerate(NAMES) if name != "person"]
    held = training._held({"one2one": {"scores": scores, "boxes": scores[:, :4]}}, others)["one2one"]
    held["scores"].exp().sum().backward()
    moved = scores.grad.abs().sum(dim=(0, 2)) > 0
    assert moved.tolist() == [name == "person" for name in NAMES]
    assert torch.equal(held["scores"], scores)
    data = tmp_path / "data.yaml"
    data.touch()
    with pytest.raises(TapalError, match="cannot be taught"):
        training.TrainRun(data=data, start=start, out=tmp_path, teach=("ferry",)).check()


def passes(out: Path) -> list[str]:
    return [line.split(",")[0].strip() for line in (out / "results.csv").read_text().splitlines()[1:]]


def test_mlflow_is_told_of_a_run(dataset: Path, start: Path, tmp_path: Path, monkeypatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the mlflow extra is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # a server would be more than this needs
    uri = (tmp_path / "mlruns").as_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)  # by hand, for MLflow's own call would leave it to the next test
    run = training.TrainRun(
        data=dataset / "data.yaml", start=start, out=tmp_path / "run", epochs=1, size=64, batch=8, mlflow=uri
    )
    training.train(run)
    (found,) = mlflow.search_runs(experiment_names=["tapal"], output_format="list")
    assert found.data.params["dataset"] == dataset.name
    assert "metrics/recall_B" in found.data.metrics
