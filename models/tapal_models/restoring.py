"""Weights that can be trained further, from a file that ships: what `export` wrote is put back into its module.

An export folds each batch norm into the convolution before it. That is undone by the batch norm of the weights that the
model once came from, so that a layer's numbers stay of the size that step sizes are meant for; what matters, what the
layer computes, is the export's either way.
"""

from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_models import exporting, extra, slicing
from tapal_models.labels import LABELS

SMALLEST = 0.05
"""A channel whose batch norm scales by less is not divided by so little: its batch norm is made to do nothing."""


def restore(model: Path, like: Path, out: Path) -> None:
    """Write the weights of `model` (.onnx, as exported) to `out` (.pt), in the layers of `like` (.pt).

    Raises:
        TapalError: one of them cannot be read, or they are not of one kind.
    """
    module = slicing.load_sliced(like, LABELS)
    put_back(module, read(model))
    exporting.save_checkpoint(module, out)


def read(model: Path) -> dict[str, Any]:
    """The tensors of an .onnx file by name."""
    import onnx  # noqa: PLC0415 - part of the train extra

    Detector.load(model)  # which explains what is no model
    torch = extra.torch()
    tensors = onnx.load(str(model)).graph.initializer
    return {one.name: torch.from_numpy(onnx.numpy_helper.to_array(one).copy()) for one in tensors}


def put_back(module: Any, tensors: dict[str, Any]) -> None:
    """Give every convolution of `module` what the export has under its name."""
    torch = extra.torch()
    for name, layer in module.named_modules():
        if not isinstance(layer, torch.nn.Conv2d):
            continue
        owner = module.get_submodule(name.rpartition(".")[0])
        weight, bias = tensors.get(f"{name}.weight"), tensors.get(f"{name}.bias")
        norm = getattr(owner, "bn", None)
        if weight is None or weight.shape != layer.weight.shape or (norm is not None and bias is None):
            raise TapalError(
                f"the model and the weights that it is to be put into differ at {name}: "
                "give the weights that it was trained from, and a model that `tapal model export` wrote in float32"
            )
        with torch.no_grad():
            if norm is not None:
                weight = _unfolded(torch, norm, weight, bias)
            elif bias is not None:
                layer.bias.copy_(bias)
            layer.weight.copy_(weight)


def _unfolded(torch: Any, norm: Any, weight: Any, bias: Any) -> Any:
    """The convolution's own weights before `norm`, whose shift is set so that both do together what the export did."""
    spread = torch.sqrt(norm.running_var + norm.eps)
    small = (norm.weight / spread).abs() < SMALLEST
    norm.weight[small] = spread[small]
    scale = norm.weight / spread
    norm.bias.copy_(bias + norm.running_mean * scale)
    return weight / scale.reshape(-1, 1, 1, 1)
