"""Turn a detector of many labels into one of few, exactly: the kept labels score what they scored before."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_models import extra


def load_sliced(weights: Path, labels: Mapping[str, int]) -> Any:
    """Load Ultralytics weights and keep only `labels` (name to class number in the weights).

    Weights that already have exactly these labels come back as they are.
    """
    if not weights.is_file():
        raise TapalError(f"weights {str(weights)!r} not found: give the path of an Ultralytics .pt file")
    model = extra.ultralytics().YOLO(str(weights)).model.float()
    if list(model.names.values()) == list(labels):
        return model
    wrong = {name: number for name, number in labels.items() if model.names.get(number) != name}
    if wrong:
        raise TapalError(
            f"weights {str(weights)!r} lack {', '.join(f'{n} as class {i}' for n, i in wrong.items())}: "
            "start from weights trained on COCO, or on Tapal's own labels"
        )
    return slice_labels(model, labels)


def slice_labels(model: Any, labels: Mapping[str, int]) -> Any:
    """Copy `model` with a head of `labels` only, taking the rows of its last class convolutions."""
    sliced = copy.deepcopy(model)
    head = sliced.model[-1]
    rows = list(labels.values())
    for branch in [*head.cv3, *(getattr(head, "one2one_cv3", None) or [])]:
        branch[-1] = _keep_rows(branch[-1], rows)
    head.nc = len(rows)
    head.no = head.nc + 4 * head.reg_max
    sliced.nc = len(rows)
    sliced.names = dict(enumerate(labels))
    # The class branch keeps its width, which `yaml` cannot say: such a model is copied, never rebuilt from its yaml.
    sliced.yaml = {**sliced.yaml, "nc": len(rows)}
    return sliced


def _keep_rows(conv: Any, rows: list[int]) -> Any:
    torch = extra.torch()
    kept = torch.nn.Conv2d(conv.in_channels, len(rows), conv.kernel_size, conv.stride, conv.padding)
    with torch.no_grad():
        kept.weight.copy_(conv.weight[rows])
        kept.bias.copy_(conv.bias[rows])
    return kept
