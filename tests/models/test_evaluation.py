"""Reading labels, measuring a model on a clip, and the card."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_models import card, cli, evaluation

STORY = """\
name: x
version: "1"
summary: s
origin: o
licence: l
labels: []
command: c
data: []
limits: []
labelled: []
unlabelled: []
"""


def test_mot_rows_become_boxes_by_frame(tmp_path: Path) -> None:
    file = tmp_path / "gt.txt"
    file.write_text("1,9,10,20,5,6,1,-1,-1,-1\n1,8,0,0,1,1,0,-1,-1,-1\n2,9,11,20,5,6,1,-1,-1,-1\n")
    clip = evaluation.read_clip(tmp_path / "v.mp4", file)
    assert clip.truth[1].tolist() == [[10, 20, 15, 26]]
    assert set(clip.truth) == {1, 2}
    assert clip.ignored[1].tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("1,9,10\n", "line 1", id="too-few-columns"),
        pytest.param("\n1,9,x,20,5,6,1\n", "line 2", id="not-a-number"),
        pytest.param("", "no box", id="empty"),
    ],
)
def test_broken_labels_are_explained(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "gt.txt").write_text(text)
    with pytest.raises(TapalError, match=sentence):
        evaluation.read_clip(tmp_path / "v.mp4", tmp_path / "gt.txt")


def test_the_shipped_model_finds_the_people_of_the_sample(root: Path) -> None:
    folder = root / "datasets/sample"
    clip = evaluation.read_clip(folder / "pier.mp4", folder / "pier.gt.txt")
    (row,) = evaluation.table([root / "models/weights/default.onnx"], clip, sizes=[320], every=20)
    assert row.recall >= 0.8
    assert row.precision >= 0.9


def test_eval_prints_json_for_programs(root: Path) -> None:
    folder, model = root / "datasets/sample", str(root / "models/weights/default.onnx")
    options = ["--video", str(folder / "pier.mp4"), "--truth", str(folder / "pier.gt.txt"), "--every", "100"]
    result = CliRunner().invoke(
        cli.app, ["eval", "default@1", "--against", model, *options, "--sizes", "320", "--json"]
    )
    assert result.exit_code == 0
    candidate, champion = json.loads(result.stdout)
    assert candidate["differences"]["f1"]["mean"] == 0
    assert champion["precision"] == candidate["precision"]


def test_labels_of_another_clip_are_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("9999,1,1,1,5,5,1\n")
    clip = evaluation.read_clip(root / "datasets/sample/pier.mp4", tmp_path / "gt.txt")
    with pytest.raises(TapalError, match="do not belong"):
        evaluation.judge_clip(root / "models/weights/default.onnx", clip, size=320, every=5000)


def test_bad_input_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["eval", "x.onnx", "--video", "x.mp4", "--truth", str(tmp_path / "none.txt")])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "none.txt" in result.stderr


def test_a_story_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(STORY + "license: MIT\n")
    with pytest.raises(TapalError, match="license"):
        card.write(tmp_path / "story.yaml", tmp_path / "x.onnx", tmp_path / "y.onnx", tmp_path, tmp_path)
