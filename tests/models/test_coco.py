"""mAP50-95 against what can be reckoned by hand, and against the own code of COCO and Ultralytics where installed."""

import contextlib
import io

import numpy as np
import pytest

from tapal_models import coco, evaluation, exam, metrics
from tapal_models.coco import Graded

A, B, FAR = [0, 0, 100, 100], [200, 0, 300, 100], [500, 500, 600, 600]
TIGHT = [0, 0, 62, 100]
"""Overlaps A by .62: right at .50, .55 and .60."""


def boxes(rows) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def graded(truths, found, confidences, **options) -> Graded:
    return coco.grade(boxes(truths), boxes(found), np.array(confidences, np.float32), **options)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param(graded([A], [A], [0.9]), 1.0, id="exact"),
        pytest.param(graded([A], [TIGHT], [0.9]), 0.3, id="right-at-three-of-ten-overlaps"),
        pytest.param(graded([A, B], [A], [0.9]), 51 / 101, id="half-of-them-found"),
        pytest.param(graded([A], [FAR, A], [0.9, 0.8]), 0.5, id="a-surer-one-is-wrong"),
        pytest.param(graded([A], [FAR, A], [0.7, 0.8]), 1.0, id="a-less-sure-one-is-wrong"),
        pytest.param(graded([A], [A, A], [0.9, 0.8]), 1.0, id="twice"),
        pytest.param(graded([A, B], [A, A, B], [0.9, 0.8, 0.7]), (51 + 50 * 2 / 3) / 101, id="twice-before-another"),
        pytest.param(graded([A], [FAR, A], [0.9, 0.8], ignored=boxes([FAR])), 1.0, id="found-what-need-not-be"),
        pytest.param(graded([A], [FAR, FAR, A], [1, 0.9, 0.8], ignored=boxes([FAR])), 1.0, id="however-often"),
        pytest.param(graded([A], [FAR, FAR, A], [1, 0.9, 0.8], others=boxes([FAR])), 0.5, id="of-another-size-once"),
        pytest.param(graded([A], [FAR, A], [0.9, 0.8], outside=np.array([True, False])), 1.0, id="of-another-size"),
        pytest.param(graded([A], [A], [0.9], outside=np.array([True])), 1.0, id="of-another-size-but-right"),
        pytest.param(graded([A], [], []), 0.0, id="nothing-found"),
        pytest.param(graded([], [A], [0.9]), 0.0, id="nothing-there"),
    ],
)
def test_a_known_table(frame: Graded, expected: float) -> None:
    assert coco.mean_average_precision([frame]) == pytest.approx(expected)


def test_frames_are_ranked_together() -> None:
    sure, unsure = graded([A], [FAR], [0.9]), graded([A], [A], [0.5])
    assert coco.mean_average_precision([sure, unsure]) == pytest.approx(51 / 101 / 2)
    assert coco.mean_average_precision([]) == 0


def scenes(count: int = 60):
    """Pictures with things of all sizes; most are found somewhere near, some twice, some not, and more is found."""
    rng = np.random.default_rng(7)
    for _ in range(count):
        sides = np.exp(rng.uniform(np.log(12), np.log(220), (rng.integers(0, 9), 2)))
        corner = rng.uniform(0, 700, sides.shape)
        truth = np.hstack([corner, corner + sides]).astype(np.float32)
        near = np.repeat(truth, rng.integers(0, 3, len(truth)), axis=0)
        near += rng.normal(0, 0.07, near.shape) * np.tile(near[:, 2:] - near[:, :2], 2)
        at = rng.uniform(0, 700, (rng.integers(0, 4), 2))
        wrong = np.hstack([at, at + rng.uniform(10, 150, at.shape)])
        found = np.vstack([near, wrong]).astype(np.float32)
        confidences = rng.permutation(np.linspace(0.05, 0.99, len(found))) + rng.uniform(0, 1e-3, len(found))
        yield truth, found, confidences.astype(np.float32)


SIZES = {"all": (0.0, 1e5), "small": (0.0, exam.SMALL), "medium": (exam.SMALL, exam.LARGE), "large": (exam.LARGE, 1e5)}


def ours(low: float, high: float) -> tuple[float, float]:
    frames = []
    for truth, found, confidences in scenes():
        inside, fits = exam._between(truth, low, high), exam._between(found, low, high)
        frames.append(coco.grade(truth[inside], found, confidences, others=truth[~inside], outside=~fits))
    return coco.mean_average_precision(frames), float(coco.average_precisions(frames)[0])


@pytest.mark.filterwarnings("ignore")  # a library's own
def test_cocos_own_code_gives_the_same_at_every_size() -> None:
    reference = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    evaluator = pytest.importorskip("pycocotools.cocoeval")
    images, annotations, results = [], [], []
    for number, (truth, found, confidences) in enumerate(scenes(), start=1):
        images.append({"id": number, "width": 1000, "height": 1000})
        for x1, y1, x2, y2 in truth.astype(float).tolist():
            size = {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)}
            annotations.append({"id": len(annotations) + 1, "image_id": number, "category_id": 1, "iscrowd": 0, **size})
        for (x1, y1, x2, y2), score in zip(found.astype(float).tolist(), confidences.tolist(), strict=True):
            box = [x1, y1, x2 - x1, y2 - y1]
            results.append({"image_id": number, "category_id": 1, "bbox": box, "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        known = reference.COCO()
        known.dataset = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}
        known.createIndex()
        run = evaluator.COCOeval(known, known.loadRes(results), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    figures = dict(zip(SIZES, run.stats[[0, 3, 4, 5]], strict=True))
    assert ours(*SIZES["all"])[1] == pytest.approx(run.stats[1], abs=1e-6)
    for name, bounds in SIZES.items():
        assert ours(*bounds)[0] == pytest.approx(figures[name], abs=1e-6), name


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_ultralytics_own_code_gives_nearly_the_same() -> None:
    """It joins the points of the curve by lines where COCO takes steps, so it is a little off both ways."""
    theirs = pytest.importorskip("ultralytics.utils.metrics", reason="the train extra is not installed")
    frames = [coco.grade(*scene) for scene in scenes()]
    right = np.concatenate([frame.right for frame in frames], axis=1).T
    confidences = np.concatenate([frame.confidences for frame in frames])
    truths = np.zeros(sum(frame.truths for frame in frames))
    found = theirs.ap_per_class(right, confidences, np.zeros(len(right)), truths)
    precisions = found[5]
    assert coco.mean_average_precision(frames) == pytest.approx(float(precisions.mean()), abs=0.01)


def test_a_clip_and_an_exam_carry_both_figures(root) -> None:
    """On the sample feed, where the fine figure cannot be above the coarse one."""
    folder, model = root / "datasets/sample", root / "models/weights/default.onnx"
    clip = evaluation.read_clip(folder / "pier.mp4", folder / "pier.gt.txt")
    (row,) = evaluation.table([model], clip, sizes=[320], every=100)
    assert 0.2 < row.mean_average_precision < row.average_precision
    asked = exam.Exam(
        sizes=[320], clips=[exam.ExamClip(video="pier.mp4", truth="pier.gt.txt", camera="pier", every=100)]
    )
    slices = {one.name: one.detail for one in exam.sit(asked, folder, model, model)}
    whole = slices["pier: person, all"]
    assert whole["map50_95"][0] == whole["map50_95"][1] == pytest.approx(row.mean_average_precision, abs=1e-4)
    assert {name for name in slices if "map50_95" in slices[name]} > {"pier: person, all"}


def test_the_two_ways_of_judging_agree_at_one_overlap() -> None:
    for truth, found, confidences in scenes(20):
        judged = metrics.judge(truth, found, confidences)
        assert judged.right.tolist() == coco.grade(truth, found, confidences).right[0].tolist()
