"""What the model saw in one frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes of one frame.

    Attributes:
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the frame.
        confidences: (N,) float32, 0..1.
        labels: N label names, one for each box.
    """

    boxes: FloatArray
    confidences: FloatArray
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.boxes.shape != (len(self.labels), 4) or self.confidences.shape != (len(self.labels),):
            raise ValueError(
                f"{len(self.labels)} labels need boxes of shape ({len(self.labels)}, 4) and as many confidences, "
                f"not {self.boxes.shape} and {self.confidences.shape}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(
        cls, boxes: Sequence[Sequence[float]], labels: Sequence[str], confidences: Sequence[float] | None = None
    ) -> Self:
        """Build from plain lists; confidences default to 0.9."""
        return cls(
            np.asarray(boxes, np.float32).reshape(-1, 4),
            np.asarray([0.9] * len(labels) if confidences is None else confidences, np.float32),
            tuple(labels),
        )

    @classmethod
    def none(cls) -> Self:
        """No box at all."""
        return cls.of([], [])

    @classmethod
    def together(cls, found: Sequence["Detections"]) -> Self:
        """All boxes of several looks at one frame, at least one look."""
        return cls(
            np.concatenate([one.boxes for one in found]),
            np.concatenate([one.confidences for one in found]),
            tuple(label for one in found for label in one.labels),
        )

    def keep(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """The boxes that a mask or a list of indices chooses."""
        if chosen.dtype == np.bool_ and chosen.all():
            return self
        indices = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Detections(
            self.boxes[indices], self.confidences[indices], tuple(self.labels[int(index)] for index in indices)
        )
