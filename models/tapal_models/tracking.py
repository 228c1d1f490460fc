"""What a training run leaves behind: run.json with all that decided it, and MLflow where somebody asks for that."""

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError

RECORD = "run.json"
URI = "MLFLOW_TRACKING_URI"


def record(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Write OUT/run.json: the settings with their seed, code version, starting weights' hash, version of the data."""
    out: Path = settings["out"]
    content = {
        "settings": {key: str(value) if isinstance(value, Path) else value for key, value in settings.items()},
        "code": version("tapal"),
        "ultralytics": version("ultralytics"),
        "torch": version("torch"),
        "start_sha256": hashlib.sha256(settings["start"].read_bytes()).hexdigest(),
        "dataset": _dataset(settings["data"]),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / RECORD).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return content


def _dataset(data: Path) -> str:
    """NAME@VERSION of a built dataset; of any other its data.yaml's hash."""
    manifest = data.parent / "manifest.json"
    if manifest.is_file():
        known = json.loads(manifest.read_text(encoding="utf-8"))
        return f"{known['name']}@{known['version']}"
    return f"sha256:{hashlib.sha256(data.read_bytes()).hexdigest()}"


class Tracker:
    """Tells an MLflow server of a run, pass by pass."""

    def __init__(self, uri: str, out: Path, content: dict[str, Any]) -> None:
        """Begin.

        Raises:
            TapalError: MLflow is not installed, or its server does not take the run.
        """
        self._mlflow = _mlflow()
        self._out = out
        os.environ.setdefault("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")
        try:
            self._mlflow.set_tracking_uri(uri)
            self._mlflow.set_experiment("tapal")
            self._mlflow.start_run(run_name=out.name)
            flat = {**content["settings"], **{key: value for key, value in content.items() if key != "settings"}}
            self._mlflow.log_params({key: str(value)[:500] for key, value in flat.items()})
        except Exception as error:  # its own many errors, and those of whatever transport the address means
            raise TapalError(f"MLflow at {uri!r} does not take the run ({error}): check --mlflow") from error

    def passed(self, trainer: Any) -> None:
        """Log the figures of a pass."""
        names = {key: key.replace("(", "_").replace(")", "") for key in trainer.metrics}
        self._mlflow.log_metrics({names[key]: float(trainer.metrics[key]) for key in names}, step=trainer.epoch)

    def end(self) -> None:
        """Hand the record over and close the run."""
        self._mlflow.log_artifact(str(self._out / RECORD))
        self._mlflow.end_run()


def _mlflow() -> Any:
    try:
        import mlflow  # noqa: PLC0415 - optional
    except ImportError as error:
        raise TapalError("--mlflow needs MLflow, which is not installed: run pip install mlflow-skinny") from error
    return mlflow
