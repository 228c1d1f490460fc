"""Run an ONNX file with onnxruntime."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from tapal_contract.errors import TapalError
from tapal_detector.detections import FloatArray
from tapal_detector.export import REMEDY, Dimension

InputType = type[np.float32] | type[np.float16]
Batch = NDArray[np.float32 | np.float16]
PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
_DTYPES: dict[str, InputType] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class ProviderError(TapalError):
    """A provider that is installed but whose hardware or driver is not there."""


class Session(Protocol):
    """Anything that runs a model: onnxruntime here, OpenVINO in its own module."""

    provider: str
    dtype: InputType
    input_shape: tuple[Dimension, ...]
    metadata: Mapping[str, str]

    def run(self, batch: Batch) -> FloatArray:
        """The model's one output for a batch, as float32."""
        ...


def default_threads() -> int:
    """As many threads as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OrtSession:
    """An onnxruntime session that takes the threads it was given and does not spin while it waits."""

    def __init__(self, path: Path, *, provider: str = "cpu", threads: int | None = None) -> None:
        self.provider = provider
        self._session = _open(path, provider, threads or default_threads())
        if self._session.get_providers()[0] != PROVIDERS[provider]:  # onnxruntime falls back to the CPU in silence
            raise ProviderError(
                f"provider '{provider}' is installed but does not run here; check its driver and device"
            )
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or inputs[0].type not in _DTYPES or len(inputs[0].shape) != 4:
            raise TapalError(f"model '{path}' does not take one image batch (N, 3, H, W) of floats; {REMEDY}")
        self._input, self._output = inputs[0].name, outputs[0].name
        self.dtype = _DTYPES[inputs[0].type]
        self.input_shape: tuple[Dimension, ...] = tuple(inputs[0].shape)
        self.metadata: Mapping[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, batch: Batch) -> FloatArray:
        """The model's first output for a batch, as float32."""
        output: FloatArray = self._session.run([self._output], {self._input: batch})[0]
        return output.astype(np.float32, copy=False)


def available_providers() -> tuple[str, ...]:
    """Names of the onnxruntime providers on this machine, as `Detector.load` takes them."""
    known = ort.get_available_providers()
    return tuple(name for name, full in PROVIDERS.items() if full in known)


def _open(path: Path, provider: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    wanted: Sequence[str] = [PROVIDERS[provider], *([] if provider == "cpu" else [PROVIDERS["cpu"]])]
    try:
        return ort.InferenceSession(str(path), options, providers=wanted)
    except _LOAD_ERRORS as error:
        reason = str(error).splitlines()[0][:200]
        raise TapalError(f"model '{path}' is not an ONNX file that can be run ({reason}); {REMEDY}") from error
