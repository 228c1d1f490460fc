"""ONNX files with the inputs, outputs and metadata of an Ultralytics export, which always see the same boxes."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NAMES = {0: "person", 1: "boat"}
# Centre x, centre y, width, height, then the score of each class; in pixels of a 64 x 64 input.
ANCHORS = np.array(
    [
        [20, 20, 10, 20, 0.90, 0.10],
        [21, 20, 10, 20, 0.80, 0.10],  # the same person again
        [20, 20, 10, 20, 0.10, 0.70],  # a boat at the same place is another thing
        [50, 40, 8, 16, 0.60, 0.20],
        [50, 10, 8, 16, 0.20, 0.20],  # too unsure
    ],
    np.float32,
)
ROWS = np.array([[15, 10, 25, 30, 0.9, 0], [15, 10, 25, 30, 0.7, 1], [0, 0, 9, 9, 0.1, 0]], np.float32)
METADATA = {
    "task": "detect",
    "names": str(NAMES),
    "imgsz": "[64, 64]",
    "stride": "32",
}


def save(
    path: Path,
    *,
    output: np.ndarray | None = None,
    half: bool = False,
    shape: tuple[int | str, ...] = (1, 3, 64, 64),
    metadata: dict[str, str] | None = None,
    blind_below: float = 0.0,
) -> Path:
    """Write a model that gives ``output`` (one image's) for whatever is at least as bright as ``blind_below``."""
    constant = (ANCHORS.T if output is None else output)[None].astype(np.float16 if half else np.float32)
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    zero = np.zeros((), constant.dtype)
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Squeeze", ["mean", "last"], ["flat"]),
        helper.make_node("Less", ["flat", "least"], ["dark"]),
        helper.make_node("Where", ["dark", "zero", "constant"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("images", kind, shape)],
        [helper.make_tensor_value_info("output0", kind, (shape[0], *constant.shape[1:]))],
        [
            numpy_helper.from_array(zero, "zero"),
            numpy_helper.from_array(constant, "constant"),
            numpy_helper.from_array(np.array(blind_below, constant.dtype), "least"),
            numpy_helper.from_array(np.array([3], np.int64), "last"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    for key, value in (METADATA if metadata is None else metadata).items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, path)
    return path


def without(*keys: str, **changes: str) -> dict[str, str]:
    """The usual metadata less some keys, with others changed."""
    return {key: value for key, value in {**METADATA, **changes}.items() if key not in keys}
