"""Train further on Ultralytics: every layer moves a little, and the starting weights pull on every output.

Three things keep a small, uniform training set from making a model forget the world: the loss also asks for what the
starting weights say of the very same picture (distillation); of labels that the pictures do not teach it asks nothing
else; and batch statistics stay those of COCO.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_models import extra, slicing, tracking
from tapal_models.labels import LABELS

CALLBACKS = "ultralytics.utils.callbacks.base"


@dataclass(frozen=True, kw_only=True)
class TrainRun:
    """Everything that decides what a run gives; `stop_after` ends it early, on the step sizes of all `epochs`."""

    data: Path
    start: Path
    out: Path
    epochs: int = 6
    stop_after: int | None = None
    size: int = 416
    batch: int = 16
    learning_rate: float = 2e-4
    distillation: float = 1.0
    teach: tuple[str, ...] = ()
    seed: int = 1
    workers: int = 0
    device: str = "cpu"
    resume: bool = False
    mlflow: str = ""

    def check(self) -> None:
        """Refuse what cannot be trained, before anything heavy is loaded."""
        if not self.data.is_file():
            raise TapalError(f"data {str(self.data)!r} not found: give the data.yaml that tapal dataset build writes")
        if self.epochs < 1:
            raise TapalError(f"epochs is {self.epochs}: train at least 1")
        if self.resume and not self.last.is_file():
            raise TapalError(f"{str(self.out)!r} holds no run that could go on: it has no weights/last.pt")
        if self.several and self.mlflow:
            raise TapalError("MLflow is told of runs on one device only: give one --device, or leave --mlflow away")
        unknown = [label for label in self.teach if label not in LABELS]
        if unknown:
            raise TapalError(f"labels {unknown} cannot be taught: a model has {', '.join(LABELS)}")
        if self.size % 32:
            raise TapalError(f"size {self.size} is not a multiple of 32: use 320, 416, 480 or 640")

    @property
    def several(self) -> bool:
        """Whether more than one device trains."""
        return "," in self.device

    @property
    def last(self) -> Path:
        """The checkpoint that a run goes on from."""
        return self.out / "weights" / "last.pt"


def train(run: TrainRun, *, tick: Callable[[int, int], object] | None = None) -> Path:
    """Train as `run` says; return the checkpoint that did best on the held-out images."""
    run.check()
    trainer, tracker = prepared(run, tick)
    trainer.train()
    if tracker is not None:
        tracker.end()
    if run.several:
        tracking.record(asdict(run))  # Ultralytics empties the folder before its workers begin
    return Path(trainer.best if Path(trainer.best).is_file() else trainer.last)


def prepared(run: TrainRun, tick: Callable[[int, int], object] | None) -> tuple[Any, tracking.Tracker | None]:
    """Ultralytics' trainer with all that makes it ours.

    For several devices it is handed to one process each as it is, so that nothing of this process may hang on it.
    """
    ultralytics = extra.ultralytics()
    checkpoint = _checkpoint(run) if run.resume else None
    model = slicing.load_sliced(run.start, LABELS) if checkpoint is None else checkpoint["ema"].float()
    teacher = slicing.load_sliced(run.start, LABELS).eval().requires_grad_(requires_grad=False)
    trainer = _trainer(ultralytics.models.yolo.detect.DetectionTrainer, run, model, checkpoint)
    tracker = _tracker(run)
    if tracker is not None:
        trainer.add_callback("on_fit_epoch_end", tracker.passed)
    trainer.add_callback("on_train_start", lambda t: _distil(t, teacher, run))
    trainer.add_callback("on_train_batch_start", _keep_batch_statistics)
    if run.stop_after:
        trainer.add_callback("on_fit_epoch_end", _stopper(run.stop_after))
    if tick and not run.several:
        trainer.add_callback("on_train_batch_end", _counter(tick))
    return trainer, tracker


def _checkpoint(run: TrainRun) -> dict[str, Any]:
    """What a run that was ended goes on from.

    Raises:
        TapalError: it came to its end.
    """
    found: dict[str, Any] = extra.torch().load(run.last, map_location="cpu", weights_only=False)
    if not found.get("optimizer") or not 0 <= found["epoch"] < found["train_args"]["epochs"] - 1:
        raise TapalError(f"the run in {str(run.out)!r} came to its end: begin another one with another --out")
    return found


def _trainer(base: Any, run: TrainRun, model: Any, checkpoint: dict[str, Any] | None) -> Any:
    """Ultralytics' trainer with our module in place of one rebuilt from its description, which cannot say all of it."""

    class Trainer(base):  # type: ignore[misc]  # of a library without types
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            for event, called in self.callbacks.items():
                self.callbacks[event] = [one for one in called if not _tells_others(one)]

        def setup_model(self) -> dict[str, Any] | None:
            self.model = model
            return checkpoint

    overrides = _overrides(run) | ({"resume": str(run.last)} if run.resume else {})
    trainer = Trainer(overrides=overrides)
    for parameter in model.parameters():
        parameter.requires_grad = True
    model.args = trainer.args
    return trainer


def _tells_others(callback: Callable[..., Any]) -> bool:
    """Whether it is one of Ultralytics' that tell it, or a tracker that happens to be installed, of a run, unasked."""
    return callback.__module__.startswith("ultralytics.") and callback.__module__ != CALLBACKS


def _tracker(run: TrainRun) -> tracking.Tracker | None:
    content = tracking.record(asdict(run))
    return tracking.Tracker(run.mlflow, run.out, content) if run.mlflow else None


def _overrides(run: TrainRun) -> dict[str, Any]:
    return {
        "task": "detect",
        "model": str(run.start),
        "data": str(run.data.resolve()),
        "project": str(run.out.resolve().parent),
        "name": run.out.name,
        "exist_ok": True,
        "epochs": run.epochs,
        "imgsz": run.size,
        "batch": run.batch,
        "optimizer": "AdamW",
        "lr0": run.learning_rate,
        "lrf": 0.05,
        "cos_lr": True,
        "warmup_epochs": 0.5,
        "warmup_bias_lr": 0.0,
        "weight_decay": 1e-4,
        "mosaic": 0.6,
        "close_mosaic": 1,
        "scale": 0.5,
        "hsv_h": 0.02,
        "mixup": 0.0,
        "erasing": 0.0,
        "seed": run.seed,
        "deterministic": True,
        "workers": run.workers,
        "device": run.device,
        "plots": False,
        "verbose": False,
        "amp": False,
    }


def _distil(trainer: Any, teacher: Any, run: TrainRun) -> None:
    """Give the model under training a loss that also follows the teacher."""
    model = trainer.model.module if hasattr(trainer.model, "module") else trainer.model
    known = (
        getattr(model, "criterion", None) if trainer.resume else None
    )  # it knows how far its two heads' weights went
    base = known or model.init_criterion()
    model.criterion = DistillingLoss(base, teacher.to(trainer.device), run.distillation, run.teach)


def _keep_batch_statistics(trainer: Any) -> None:
    torch = extra.torch()
    for module in trainer.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def _stopper(epochs: int) -> Callable[[Any], None]:
    def stop(trainer: Any) -> None:
        trainer.stop = trainer.stop or trainer.epoch + 1 >= epochs

    return stop


def _counter(tick: Callable[[int, int], object]) -> Callable[[Any], None]:
    done = 0

    def count(trainer: Any) -> None:
        nonlocal done
        done += 1
        tick(done, trainer.epochs * len(trainer.train_loader))

    return count


class DistillingLoss:
    """Ultralytics' own loss, plus the distance to what the teacher says of the same pictures.

    Labels' scores by cross-entropy against the teacher's, box sides by cross-entropy against the teacher's
    distributions where the teacher sees something; both in the scale of the loss they are added to. Where the pictures
    teach some labels only, Ultralytics' loss moves the scores of no other: a picture in which nobody labelled a boat
    does not say that none is there.
    """

    def __init__(self, base: Any, teacher: Any, weight: float, teach: Sequence[str] = ()) -> None:
        self.base = base
        self.teacher = teacher
        self.weight = weight
        self.others = [number for number, label in enumerate(LABELS) if teach and label not in teach]
        self.hyp = getattr(base, "one2many", base).hyp

    def update(self) -> None:
        """A pass is over: a loss of two heads shifts its weight from one to the other."""
        if hasattr(self.base, "update"):
            self.base.update()

    def __call__(self, predictions: Any, batch: dict[str, Any]) -> tuple[Any, Any]:
        """The loss of a batch; while validating (predictions are a pair) the plain one."""
        if isinstance(predictions, tuple):
            whole: tuple[Any, Any] = self.base(predictions, batch)
            return whole
        loss, items = self.base(_held(predictions, self.others), batch)
        if not self.weight:
            return loss, items
        torch = extra.torch()
        with torch.no_grad():
            wanted = self.teacher(batch["img"])[1]
        pairs = [*zip(_heads(predictions), _heads(wanted), strict=True)]
        scale = self.weight * len(batch["img"]) / len(pairs)
        loss = loss.clone()
        for own, others in pairs:
            labels, sides, seen = _distance(torch, own, others)
            # Multiplied before it is divided, as default@1 was trained: the other way round the last bits may differ.
            loss[1] = loss[1] + scale * self.hyp.cls * labels / seen
            loss[2] = loss[2] + scale * self.hyp.dfl * sides / seen
        return loss, items


def _held(raw: dict[str, Any], labels: Sequence[int]) -> dict[str, Any]:
    """The same predictions, of which the scores of `labels` do not learn."""
    if not labels:
        return raw
    held = {name: _held(part, labels) if isinstance(part, dict) else part for name, part in raw.items()}
    if "scores" in raw:
        scores = raw["scores"].clone()
        scores[:, labels] = raw["scores"][:, labels].detach()
        held["scores"] = scores
    return held


def _heads(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """What each head says: one, or the two of a model that needs no suppression (YOLO26)."""
    return [raw[name] for name in ("one2many", "one2one")] if "one2one" in raw else [raw]


def _distance(torch: Any, own: dict[str, Any], wanted: dict[str, Any]) -> tuple[Any, Any, Any]:
    """How far labels' scores and box sides are from the teacher's, where it sees something; and how much that is."""
    scores = wanted["scores"].sigmoid()
    count = scores.amax(dim=1).sum().clamp(min=1.0)
    followed = torch.nn.functional.binary_cross_entropy_with_logits(own["scores"], scores, reduction="sum")
    least = torch.nn.functional.binary_cross_entropy(scores, scores, reduction="sum")
    size, channels, anchors = own["boxes"].shape
    if channels == 4:  # the sides themselves, in place of a distribution of each
        apart = (own["boxes"] - wanted["boxes"]).abs().mean(dim=1)
    else:
        sides = own["boxes"].view(size, 4, -1, anchors).log_softmax(dim=2)
        target = wanted["boxes"].view(size, 4, -1, anchors).softmax(dim=2)
        apart = (target * (target.clamp(min=1e-9).log() - sides)).sum(dim=2).mean(dim=1)
    return followed - least, (apart * scores.amax(dim=1)).sum(), count


def average(start: Path, trained: Path, share: float) -> Any:
    """The model between two: `share` of the trained weights, the rest of the start's (WiSE-FT, arXiv 2109.01903)."""
    if not 0 <= share <= 1:
        raise TapalError(f"share {share} is not between 0 (the start) and 1 (the trained weights)")
    first, second = slicing.load_sliced(start, LABELS), slicing.load_sliced(trained, LABELS)
    old, new = first.state_dict(), second.state_dict()
    if old.keys() != new.keys():
        raise TapalError(f"{str(trained)!r} was not trained from {str(start)!r}: their layers differ")
    mixed = {k: v + (new[k].to(v.dtype) - v) * share if v.is_floating_point() else v for k, v in old.items()}
    first.load_state_dict(mixed)
    return first
