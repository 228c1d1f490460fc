"""How far to go towards trained weights: the rule, and what it is given to judge by."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_detector.detections import Detections
from tapal_models import cli, selecting
from tapal_models.exam import Exam, ExamEmpty, Slice
from tapal_models.metrics import Judged
from tapal_models.selecting import Candidate, Seen


def candidate(share: float, gain: float, *worse: str, surely: bool = False) -> Candidate:
    return Candidate(share, 0.25, 0.0, gain, [*worse], [*worse] * surely)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        pytest.param([candidate(0.1, 0.01), candidate(0.3, 0.02)], 0.3, id="the-greatest-gain"),
        pytest.param([candidate(0.1, 0.0193), candidate(0.3, 0.02)], 0.1, id="as-good-so-the-smaller-share"),
        pytest.param([candidate(0.1, 0.01), candidate(0.3, 0.02, "dusk")], 0.1, id="worse-somewhere-is-out"),
        pytest.param([candidate(0.1, 0.004)], None, id="too-little-to-be-worth-it"),
        pytest.param([candidate(0.1, 0.1, "dusk", surely=True)], None, id="all-surely-worse-somewhere"),
        pytest.param([candidate(0.1, 0.1, "dusk"), candidate(0.3, 0.2, "dusk", "far")], 0.1, id="lower-in-the-fewest"),
        pytest.param(
            [candidate(0.1, 0.1, "dusk", surely=True), candidate(0.3, 0.2, "dusk", "far")], 0.3, id="chance-is-not-sure"
        ),
    ],
)
def test_what_the_rule_takes(candidates: list[Candidate], expected: float | None) -> None:
    taken = selecting.best(candidates)
    assert (taken.share if taken else None) == expected


def judged(confidences: list[float], right: list[bool], truths: int) -> list[Judged]:
    return [Judged(np.array(confidences, np.float32), np.array(right), truths)]


def test_the_confidence_with_the_greatest_mean_gain_that_loses_nowhere() -> None:
    champion = [judged([0.5, 0.5], [True, False], 2)] * 2
    easy = judged([0.5, 0.2], [True, True], 2)  # .20 and less finds both
    careful = judged([0.5, 0.22], [True, False], 2)  # .23 and more is right alone
    assert selecting.operating_point([easy, careful], champion) == (0.2, pytest.approx(0.25))
    worse = judged([0.5, 0.22, 0.22], [True, False, False], 2)  # at .20 behind the champion, so .23 and more is left
    confidence, gain = selecting.operating_point([easy, worse], champion)
    assert (confidence, gain) == (0.25, pytest.approx(1 / 6))


@pytest.mark.parametrize(("confidence", "expected"), [(None, 0.2), (0.25, 0.25)])
def test_a_confidence_that_is_given_is_not_moved(confidence: float | None, expected: float) -> None:
    own, base = {("gate", 320): [seen(0.2)] * 9}, {("gate", 320): [seen(0.1)] * 9}
    found = selecting._candidate(0.3, (own, base), Exam(sizes=[320]), Path(), label="person", confidence=confidence)
    assert (found.confidence, found.shift == 0.0) == (expected, confidence is not None)


def seen(confidence: float, *, other: bool = False) -> Seen:
    """A frame with one person, seen as surely as given; with somebody seen who is not there, too, where asked."""
    boxes = [[10.0, 10, 40, 90], [60, 10, 90, 90]][: 1 + other]
    found = Detections.of(boxes, ["person"] * len(boxes), [confidence] * len(boxes))
    truth, nothing = np.array(boxes[:1], np.float32), np.zeros((0, 4), np.float32)
    return Seen((100, 100, 3), "bright", truth, nothing, found)


def test_scores_are_shifted_as_the_weights_will_be() -> None:
    moved = seen(0.2).shifted(np.log(0.25 / 0.75) - np.log(0.2 / 0.8))
    assert moved.found.confidences == pytest.approx([0.25])
    assert len(seen(0.06).shifted(-2.0).found) == 0


@pytest.mark.parametrize("clear", [pytest.param(True, id="nobody"), pytest.param(False, id="somebody-in-a-few-frames")])
def test_where_nobody_is_nobody_may_be_seen(clear: bool) -> None:
    asked = Exam(sizes=[320], empty=[ExamEmpty(video="road.mp4")])
    nobody = [seen(0.1)] * 38 + [seen(0.1 if clear else 0.6)] * 2
    base = {("gate", 320): [seen(0.9)] * 40, ("road.mp4", 320): [seen(0.1)] * 40}
    found = selecting._candidate(0.3, (base | {("road.mp4", 320): nobody}, base), asked, Path(), label="person")
    row = next(row for row in found.rows if row.name == "road: no person, frames left clear")
    assert (row.candidate, row.champion) == (1.0 if clear else 0.95, 1.0)
    assert any("road" in line for line in found.worse) is not clear


@pytest.mark.parametrize(
    ("own", "worse"),
    [
        pytest.param([seen(0.9)] * 40, False, id="better"),
        pytest.param([seen(0.9, other=True)] * 40, True, id="sees-who-is-not-there"),
    ],
)
def test_a_share_is_judged_by_the_gates_own_guards(own: list[Seen], worse: bool) -> None:
    base = {("gate", 320): [seen(0.9)] * 30 + [seen(0.05)] * 10}
    found = selecting._candidate(0.3, ({("gate", 320): own}, base), Exam(sizes=[320]), Path(), label="person")
    assert bool(found.worse) == worse
    assert (found.gain > 0) != worse
    assert {row.name for row in found.rows} == {
        f"gate: person, {kind}" for kind in ("all", "light bright", "size medium")
    }


@pytest.mark.parametrize(("share", "worse"), [(0.95, False), (0.8, True)])
def test_what_the_training_lacks_must_stay_seen(share: float, worse: bool) -> None:
    views = {("gate", 320): [seen(0.9)] * 40}
    kept = [Slice("boats: boat, still seen", 640, share, 1.0)]
    found = selecting._candidate(0.3, (views, views), Exam(sizes=[320]), Path(), label="person", kept=kept)
    assert [line.split(" at ")[0] for line in found.worse] == ["boats: boat, still seen"] * worse


@pytest.mark.parametrize(("chosen", "status"), [(0.3, 0), (None, 1)])
def test_the_command_tells_and_keeps_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: float | None, status: int
) -> None:
    one = {"share": 0.3, "confidence": 0.28, "shift": -0.15, "gain": 0.012, "worse": []}
    counted = {"detail": {"counted": [[9, 0, 1], [8, 1, 2]]}}
    one["rows"] = [{"name": "gate: crossings", **counted}, {"name": "all scenes: crossings", **counted}, {"detail": {}}]
    found = {"chosen": chosen, "places": ["desk"], "sizes": [320], "exam_sha256": "0", "candidates": [one]}

    def select(*given: object, **more: object) -> dict[str, Any]:
        assert (more["shares"], more["confidence"]) == ([0.3], 0.25)
        return found

    monkeypatch.setattr(selecting, "select", select)
    options = ["--champion", "b.pt", "--exam", "exam.yaml", "--share", "0.3", "--confidence", "0.25"]
    options += ["--out", str(tmp_path / "out.pt")]
    made = CliRunner().invoke(cli.app, ["select", "a.pt", *options])
    assert made.exit_code == status, made.output
    assert "| 0.28 | +0.0120 | 9, 0, 1 (8, 1, 2) | none |" in made.stdout
    assert ("the champion stays" in made.stdout) == (chosen is None)
    kept = selecting.read(tmp_path / "out.json")
    assert kept["chosen"] == chosen
    assert "rows" not in kept["candidates"][0]
    assert "(desk)" in selecting.told(kept)


def test_a_broken_record_is_explained(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text('{"chosen": 0.3}')
    with pytest.raises(TapalError, match="no record of tapal model select"):
        selecting.read(tmp_path / "out.json")


def test_a_share_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapalError, match=r"\[1\.5\]"):
        selecting.select(tmp_path, tmp_path, tmp_path, [], tmp_path, shares=[0.5, 1.5], say=print)


@pytest.mark.train
@pytest.mark.shared
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")  # torch and ultralytics warn about themselves
def test_weights_that_see_more_are_taken_and_set(root: Path, shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("ultralytics", reason="the train extra (ultralytics, torch) is not installed")
    import yaml

    from tapal_models import calibration, exporting, slicing
    from tapal_models.labels import LABELS

    sample, start = root / "datasets/sample", shared / "models/yolov8n-coco.pt"
    unsure = slicing.load_sliced(start, LABELS)
    calibration.shift(unsure, "person", -2.0)
    exporting.save_checkpoint(unsure, tmp_path / "unsure.pt")
    clip = {"video": str(sample / "pier.mp4"), "truth": str(sample / "pier.gt.txt"), "camera": "pier"}
    scene = {"video": str(sample / "pier.mp4"), "crossings": str(sample / "pier.yaml")}
    (tmp_path / "exam.yaml").write_text(yaml.safe_dump({"sizes": [160], "clips": [clip], "scenes": [scene]}))
    out = tmp_path / "out.pt"
    found = selecting.select(start, tmp_path / "unsure.pt", tmp_path / "exam.yaml", [], out, shares=[1.0], say=print)
    (only,) = found["candidates"]
    assert (found["chosen"], only["worse"]) == (1.0, [])
    assert only["gain"] > 0.05
    biases = [float(slicing.load_sliced(path, LABELS).model[-1].cv3[0][-1].bias[0]) for path in (out, start)]
    assert biases[0] - biases[1] == pytest.approx(only["shift"], abs=1e-4)
