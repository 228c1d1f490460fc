"""Run an ONNX file with Intel's OpenVINO, which is faster on Intel processors; needs the extra `openvino`."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detections import FloatArray
from tapal_detector.session import Batch, OrtSession, default_threads


def is_installed() -> bool:
    """Whether OpenVINO can be imported."""
    return find_spec("openvino") is not None


class OpenVinoSession:
    """An OpenVINO session; onnxruntime reads the file's metadata and checks it first."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        if not is_installed():
            raise TapalError(
                f"provider 'openvino' is not installed for model '{path}'; run `pip install 'tapal[openvino]'`"
            )
        import openvino  # noqa: PLC0415  # an extra that most boxes do not have

        described = OrtSession(path, threads=1)
        self.provider = "openvino"
        self.dtype = described.dtype
        self.input_shape = described.input_shape
        self.metadata = described.metadata
        options = {
            "INFERENCE_NUM_THREADS": threads or default_threads(),
            "PERFORMANCE_HINT": "LATENCY",
            # On processors with bfloat16 the default would differ from float32.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._model = openvino.Core().compile_model(str(path), "CPU", options)

    def run(self, batch: Batch) -> FloatArray:
        """The model's first output for a batch, as float32."""
        output: FloatArray = np.array(self._model(batch)[0], np.float32)
        return output
