"""A worse model is refused, an equal one promoted, and what edges get is signed."""

import itertools
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from typer.testing import CliRunner

from tapal_contract import bundle
from tapal_contract.errors import TapalError
from tapal_models import cli, crossings, exam, metrics, proving, registry
from tapal_models.exam import Slice


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory) -> Path:
    """A folder with an exam over the sample feed, and a model whose people are all a little less sure."""
    folder = tmp_path_factory.mktemp("site")
    sample = root / "datasets/sample"
    content = {
        "sizes": [320],
        "clips": [
            {"video": str(sample / "pier.mp4"), "truth": str(sample / "pier.gt.txt"), "every": 40, "camera": "pier"}
        ],
    }
    (folder / "exam.yaml").write_text(yaml.safe_dump(content))
    proto = onnx.load(str(root / "models/weights/default.onnx"))
    for tensor in proto.graph.initializer:
        if "cv3" in tensor.name and tensor.name.endswith("bias") and tensor.dims[0] == 7:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) - np.float32(3), tensor.name))
    onnx.save(proto, str(folder / "worse.onnx"))
    return folder


@pytest.mark.parametrize(
    ("factor", "refused"), [pytest.param(1.0, False, id="as-quick"), pytest.param(1.5, True, id="a-third-slower")]
)
def test_other_work_on_the_machine_makes_no_model_slow(factor: float, refused: bool) -> None:
    """Bursts that hit one look of a pair or both: what decides is what most pairs say."""
    rng = np.random.default_rng(7)
    burst = np.where(rng.random((40, 2)) < 0.2, rng.uniform(1, 4, (40, 2)), 1) * rng.uniform(1, 3, (40, 1))
    seconds = [(0.02 * own * factor, 0.02 * other) for own, other in burst]
    assert bool(registry.worse([exam.speed("a: speed, frames a processor second", 320, seconds)])) == refused


def test_what_is_seen_where_nobody_is_counts_against_a_model(site: Path, root: Path) -> None:
    """The pier is not empty, so whoever sees less in it leaves more frames clear: as if all boxes were wrong."""
    item = exam.ExamEmpty(video=str(root / "datasets/sample/pier.mp4"), every=80)
    asked = exam.Exam(sizes=[320], empty=[item])
    models = [root / "models/weights/default.onnx", site / "worse.onnx"]
    rows = [exam.sit(asked, site, *pair)[0] for pair in (models, models[::-1])]
    assert [row.name for row in rows] == ["pier: no person, frames left clear"] * 2
    assert rows[0].candidate == rows[1].champion < rows[1].candidate
    assert rows[0].detail["boxes"] == rows[1].detail["boxes"][::-1]
    assert registry.worse(rows[:1])
    assert not registry.worse(rows[1:])


def test_what_the_champion_surely_sees_must_stay_seen(site: Path, root: Path) -> None:
    champion, item = root / "models/weights/default.onnx", exam.ExamKept(video="pier.mp4", label="person", every=80)
    rows = [
        exam.still_seen(item, root / "datasets/sample", candidate, champion)
        for candidate in (champion, site / "worse.onnx")
    ]
    assert [row.name for row in rows] == ["pier: person, still seen"] * 2
    assert rows[0].candidate == 1.0
    assert registry.worse(rows[:1]) == []
    assert len(registry.worse(rows[1:])) == 1


def test_a_worse_model_is_refused_and_an_equal_one_promoted(
    site: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock that finds each look as long as every other: what this test asks does not hang on how busy a machine is.
    monkeypatch.setattr(exam, "process_time", itertools.count().__next__)
    champion, kept = str(root / "models/weights/default.onnx"), str(tmp_path / "registry")
    common = ["--exam", str(site / "exam.yaml"), "--registry", kept, "--name", "pier", "--json"]
    refused = CliRunner().invoke(
        cli.app, ["promote", str(site / "worse.onnx"), "--version", "2", "--against", champion, *common]
    )
    assert refused.exit_code == 1, refused.output
    assert not json.loads(refused.stdout)["promoted"]
    assert not (tmp_path / "registry/pier").exists()
    granted = CliRunner().invoke(cli.app, ["promote", champion, "--version", "1", "--against", champion, *common])
    assert granted.exit_code == 0, granted.output
    assert {row["name"] for row in json.loads(granted.stdout)["rows"]} >= {
        "pier: person, all",
        "pier: person, size medium",
        "pier: person, light bright",
    }
    again = CliRunner().invoke(cli.app, ["promote", str(site / "worse.onnx"), "--version", "2", *common])
    assert again.exit_code == 1  # now against the registry's champion
    listed = CliRunner().invoke(cli.app, ["list", "--registry", kept, "--json"])
    assert {"model": "pier@1", "champion": True}.items() <= json.loads(listed.stdout)[-1].items()

    key, out = tmp_path / "signing.pem", tmp_path / "pier.tapal"
    assert CliRunner().invoke(cli.app, ["keygen", str(key)]).exit_code == 0
    made = CliRunner().invoke(cli.app, ["bundle", "pier", "--key", str(key), "--out", str(out), "--registry", kept])
    assert made.exit_code == 0, made.output
    manifest, content = bundle.verify(out, tmp_path / "signing.pem.pub")
    assert manifest.title == "pier@1"
    assert manifest.card["exam"]["promoted"]
    assert manifest.card["parent"] == "default@1", "where it comes from, in the file's own words"
    assert content == Path(champion).read_bytes()


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        pytest.param(Slice("a", 320, 0.90, 0.90, -0.01, 0.01), False, id="equal"),
        pytest.param(Slice("a", 320, 0.95, 0.90, 0.02, 0.08), False, id="better"),
        pytest.param(Slice("a", 320, 0.897, 0.90, -0.02, 0.01), False, id="a-little-less-and-unsure"),
        pytest.param(Slice("a", 320, 0.898, 0.90, -0.003, -0.001), True, id="a-little-less-and-sure"),
        pytest.param(Slice("a", 320, 0.89, 0.90, -0.03, 0.01, whole=True), True, id="less-of-all"),
        pytest.param(Slice("a", 320, 0.89, 0.90, -0.03, 0.01), False, id="less-of-a-few-and-unsure"),
        pytest.param(Slice("a", 320, 0.89, 0.90, -0.03, -0.01), True, id="less-of-a-few-and-sure"),
        pytest.param(Slice("a: crossings", 320, 0.98, 1.0), True, id="crossings-lost"),
        pytest.param(Slice("a: crossings", 320, 0.995, 1.0), False, id="crossings-kept"),
        pytest.param(Slice("a: crossings", 320, 0.995, 1.0, -0.02, 0.0, whole=True), False, id="crossings-kept-unsure"),
        pytest.param(Slice("a: crossings", 320, 0.98, 1.0, -0.06, 0.0, whole=True), True, id="crossings-of-all-lost"),
        pytest.param(Slice("a: crossings", 320, 0.9, 1.0, -0.3, 0.0), False, id="one-crossing-of-a-scene"),
        pytest.param(Slice("a: crossings", 320, 0.995, 1.0, -0.01, -0.001), True, id="crossings-surely-lost"),
        pytest.param(Slice("a: speed, frames a processor second", 320, 70, 100, -35, -25), True, id="slow"),
        pytest.param(Slice("a: speed, frames a processor second", 320, 70, 100, -45, 2), False, id="slow-and-unsure"),
        pytest.param(Slice("a: speed, frames a processor second", 320, 85, 100, -18, -12), False, id="a-little-slow"),
    ],
)
def test_what_counts_as_worse(row: Slice, refused: bool) -> None:
    assert bool(registry.worse([row])) == refused


def test_crossings_are_part_of_an_exam(root: Path) -> None:
    sample = root / "datasets/sample"
    found = exam.Exam(sizes=[320], scenes=[exam.ExamScene(video="pier.mp4", crossings="pier.yaml")])
    model = root / "models/weights/default.onnx"
    (row,) = exam.sit(found, sample, model, model)
    assert row.name == "pier: crossings"
    assert row.candidate == row.champion >= 0.95
    assert (row.low, row.high) == (0.0, 0.0), "the same model on the same stretches"
    right, wrong, missed = row.detail["counted"][0]
    assert right + missed == 13
    assert wrong <= 1


def test_one_crossing_of_a_scene_is_not_held_against_a_model_that_is_no_worse_over_all() -> None:
    def marks(right: int, missed: int) -> crossings.Marks:
        return [*((10.0 * at, "right") for at in range(right)), *((7.0 * at, "missed") for at in range(missed))]

    scenes = [("a", marks(40, 1), marks(40, 2)), ("b", marks(6, 2), marks(7, 1))]
    rows = exam.crossings(320, scenes)
    assert [(row.name, row.whole) for row in rows] == [
        ("a: crossings", False),
        ("b: crossings", False),
        ("all scenes: crossings", True),
    ]
    assert rows[1].difference < -0.05
    assert rows[2].detail["counted"] == [[46, 0, 3], [47, 0, 3]]
    assert rows[2].low is not None
    assert registry.worse(rows) == []
    lost = exam.crossings(320, [("a", marks(36, 5), marks(40, 1)), ("b", marks(6, 2), marks(7, 1))])
    assert any(line.startswith("all scenes") for line in registry.worse(lost))
    (alone,) = exam.crossings(320, scenes[:1])
    assert alone.whole, "where there is one scene, it is all there is"


def test_crossings_are_marked_where_they_happened() -> None:
    counted, happened = [(1.2, "in"), (14.0, "out"), (30.0, "in")], [(1.0, "in"), (13.9, "out"), (31.0, "in")]
    marks = crossings.marked(counted, happened)
    assert marks == [(1.0, "right"), (13.9, "right"), (30.0, "wrong"), (31.0, "missed")]
    assert crossings.total(marks) == crossings.match(counted, happened) == metrics.Score(2, 1, 1)


def test_an_exam_can_be_sat_without_a_promotion(site: Path, root: Path) -> None:
    champion = str(root / "models/weights/default.onnx")
    asked = ["eval", str(site / "worse.onnx"), "--exam", str(site / "exam.yaml")]
    run = CliRunner().invoke(cli.app, [*asked, "--against", champion])
    assert run.exit_code == 0, run.output
    assert "| pier: person, light bright |" in run.stdout
    assert "champion now" not in run.stdout
    alone = CliRunner().invoke(cli.app, asked)
    assert (alone.exit_code, "add --against" in alone.stderr) == (2, True)
    nothing = CliRunner().invoke(cli.app, ["eval", champion])
    assert (nothing.exit_code, "say what to measure on" in nothing.stderr) == (2, True)


def test_a_model_is_named_as_the_list_names_it(root: Path, tmp_path: Path) -> None:
    ships = root / "models/weights/default.onnx"
    kept = promoted(tmp_path, ships)
    assert proving.named("pier@1", kept.folder) == kept.find("pier@1").path
    for name in ("default", "default@1", str(ships)):
        assert proving.named(name, kept.folder) == ships
    with pytest.raises(TapalError, match="the catalogue has default@1, "):
        proving.named("default@7", kept.folder)
    with pytest.raises(TapalError, match="known models: default"):
        proving.named("harbour@1", kept.folder)


def promoted(tmp_path: Path, model: Path) -> registry.Registry:
    kept = registry.Registry(tmp_path / "registry")
    kept.promote(model, "pier", "1", {"figures": 1})
    return kept


def test_a_version_is_never_another_file_and_a_changed_one_is_found_out(tmp_path: Path) -> None:
    one, other = tmp_path / "one.onnx", tmp_path / "other.onnx"
    one.write_bytes(b"one")
    other.write_bytes(b"other")
    kept = promoted(tmp_path, one)
    with pytest.raises(TapalError, match="is another file"):
        kept.promote(other, "pier", "1", {})
    kept.promote(other, "pier", "2", {})
    assert kept.find("pier").version == "2"
    assert kept.find("pier@1").champion is False
    kept.find("pier@2").path.write_bytes(b"exchanged")
    with pytest.raises(TapalError, match="not the one its card describes"):
        kept.find("pier")
    with pytest.raises(TapalError, match="it has pier@1, pier@2"):
        kept.find("pier@9")
    with pytest.raises(TapalError, match="must be letters"):
        kept.promote(one, "../pier", "3", {})


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("signed")
    (folder / "model.onnx").write_bytes(b"a model" * 50)
    public = bundle.new_key(folder / "key.pem")
    bundle.write(folder / "b.tapal", folder / "model.onnx", {"name": "pier", "version": "1"}, folder / "key.pem")
    return folder / "b.tapal", public


@settings(max_examples=300)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_what_counts_can_be_turned(signed: tuple[Path, Path], place: int, bit: int) -> None:
    good, public = signed
    content = bytearray(good.read_bytes())
    content[place % len(content)] ^= 1 << bit
    spoiled = good.with_name("spoiled.tapal")
    spoiled.write_bytes(content)
    try:
        manifest, model = bundle.verify(spoiled, public)
    except TapalError:
        return
    assert (manifest, model) == bundle.verify(good, public)  # a turned bit of a date or comment changes nothing


def test_anothers_key_and_a_cut_file_are_refused(signed: tuple[Path, Path], tmp_path: Path) -> None:
    good, public = signed
    other = bundle.new_key(tmp_path / "other.pem")
    with pytest.raises(TapalError, match="not signed by the key"):
        bundle.verify(good, other)
    (tmp_path / "cut.tapal").write_bytes(good.read_bytes()[:-40])
    with pytest.raises(TapalError, match="not a whole model bundle"):
        bundle.verify(tmp_path / "cut.tapal", public)
    with pytest.raises(TapalError, match="edges may trust it"):
        bundle.new_key(tmp_path / "other.pem")
    assert (tmp_path / "other.pem").stat().st_mode & 0o077 == 0


def test_the_same_content_and_key_give_the_same_bundle(signed: tuple[Path, Path]) -> None:
    good, _ = signed
    again = good.with_name("again.tapal")
    bundle.write(again, good.with_name("model.onnx"), {"name": "pier", "version": "1"}, good.with_name("key.pem"))
    assert again.read_bytes() == good.read_bytes()
