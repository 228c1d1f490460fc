"""The detector that the analyst uses: the model in use, beside it one that looks on, exchanged between two frames."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tapal_contract.updates import ModelBounds
from tapal_detector.detections import Detections
from tapal_edge.sources.frame import Image
from tapal_edge.updates.comparing import Comparison, Verdict

log = logging.getLogger(__name__)

OnVerdict = Callable[[Verdict, str], None]  # called in the analyst's thread: hand it on, do no work there


class Model(Protocol):
    """A loaded model."""

    @property
    def batch(self) -> int:
        """How many frames one run takes at most."""
        ...

    @property
    def name_version(self) -> str:
        """What the file says of itself."""
        ...

    def detect_batch(self, frames: Sequence[Image]) -> list[Detections]:
        """Boxes in each of several frames."""
        ...


@dataclass
class Trial:
    """A second model beside the one in use.

    Attributes:
        beside: the model that looks on and counts nothing.
        title: its name in messages.
        on_trial: which of the two is new: the one beside (shadow), or the one in use (watching).
        on_verdict: told once.
    """

    beside: Model
    title: str
    on_trial: Literal["beside", "in use"]
    comparison: Comparison
    on_verdict: OnVerdict
    started: float = field(default_factory=time.monotonic)
    spent: float = 0.0
    over: bool = False

    @classmethod
    def shadow(cls, candidate: Model, title: str, bounds: ModelBounds, on_verdict: OnVerdict) -> "Trial":
        """The new one looks on."""
        return cls(candidate, title, "beside", Comparison(bounds), on_verdict)

    @classmethod
    def watch(cls, previous: Model, title: str, bounds: ModelBounds, on_verdict: OnVerdict) -> "Trial":
        """The new one counts, the one before looks on."""
        return cls(previous, title, "in use", Comparison(bounds, trusted=True), on_verdict)

    def is_affordable(self, took: float) -> bool:
        """Whether the share of the time that the second model may take leaves room for a look as long as this."""
        elapsed = time.monotonic() - self.started
        share = self.comparison.bounds.share
        return share >= 1.0 or self.spent + took <= share * elapsed


class SwitchingDetector:
    """Detects with the model in use; models are exchanged between two calls, so that no frame is lost or seen twice."""

    def __init__(self, model: Model, title: str) -> None:
        self._lock = threading.Lock()
        self._model, self._title = model, title
        self._trial: Trial | None = None
        self._last_took = 0.0

    @property
    def batch(self) -> int:
        """How many frames one run takes at most."""
        return self._model.batch

    @property
    def title(self) -> str:
        """The model in use, as messages name it."""
        return self._title

    @property
    def model(self) -> Model:
        """The model in use."""
        return self._model

    @property
    def trial(self) -> Trial | None:
        """The trial that goes on."""
        return self._trial

    def begin(self, trial: Trial | None) -> None:
        """Begin a trial in place of any other, or end it."""
        with self._lock:
            self._trial = trial

    def switch(self, model: Model, title: str, trial: Trial | None = None) -> Model:
        """Use another model from the next frame on; returns the one used so far."""
        with self._lock:
            before, self._model, self._title, self._trial = self._model, model, title, trial
        return before

    def detect_batch(self, frames: Sequence[Image]) -> list[Detections]:
        """What the model in use sees; the one beside it is shown the same frames as far as its share of time allows."""
        with self._lock:
            model, trial = self._model, self._trial
        started = time.perf_counter()
        try:
            found = model.detect_batch(frames)
        except Exception as error:
            if trial is None or trial.on_trial == "beside":
                raise
            log.exception("the new model failed; the one before it takes over with this very frame")
            self.switch(trial.beside, trial.title)
            trial.over = True
            trial.on_verdict("bad", f"it failed on a frame: {error}")
            return trial.beside.detect_batch(frames)
        took = time.perf_counter() - started
        if trial is not None and not trial.over:
            self._compare(trial, frames, found, took)
        return found

    def _compare(self, trial: Trial, frames: Sequence[Image], found: list[Detections], took: float) -> None:
        if not trial.is_affordable(self._last_took):
            return
        started = time.perf_counter()
        try:
            other = trial.beside.detect_batch(frames)
        except Exception as error:  # the model on trial must not end the node
            log.exception("the model beside the one in use failed")
            trial.over = True
            trial.on_verdict("bad" if trial.on_trial == "beside" else "good", f"it failed on a frame: {error}")
            return
        self._last_took = time.perf_counter() - started
        trial.spent += self._last_took
        elapsed = time.monotonic() - trial.started
        if trial.on_trial == "beside":
            trial.comparison.add(other, found, new_s=self._last_took, old_s=took, elapsed_s=elapsed)
        else:
            trial.comparison.add(found, other, new_s=took, old_s=self._last_took, elapsed_s=elapsed)
        verdict = trial.comparison.verdict()
        if verdict is not None:
            trial.over = True
            trial.on_verdict(*verdict)
