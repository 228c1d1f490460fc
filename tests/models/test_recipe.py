"""The default model's history run again by its one command: each step once, and nothing ships that was refused."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tapal_detector.detector import Detector
from tapal_models.labels import NAMES

FIRST = "aa25f7e13b9eb0fe0fbf8f5b7ba84bf22e9924494e11bd2ae3939c595ec5698e"
"""SHA-256 of default@1, as its card had it."""
TAUGHT = "e79f8d221961"
"""The version of the dataset that it learned from."""
FAKE = """\
#!/bin/sh
echo "$*" >> "$CALLS"
out= command="$1 $2" last=
for word in "$@"; do
    [ "$last" != --out ] || out=$word
    last=$word
done
case "$command" in
"$FAILS") echo "power cut" >&2; exit "${BROKEN:-9}" ;;
"dataset build")
    for made in default@1 default-1@$TAUGHT; do mkdir -p "$out/$made/images/val" "$out/$made/labels/val"; done ;;
"model train") mkdir -p "$out/weights"; touch "$out/weights/last.pt" "$out/weights/averaged.pt" ;;
"dataset places") mkdir -p "$out" ;;
"model select") [ "$BETTER" = 0 ] || echo "nothing gains enough: the champion stays"; exit "$BETTER" ;;
"model export") mkdir -p "${out%/*}"; cp "$EXPORTS" "$out" ;;
"model card") mkdir -p "$out"; echo "of today" > "$out/default.md" ;;
"model promote") [ "$GATE" = 0 ] || echo "REFUSED, worse in: yard"; exit "$GATE" ;;
esac
"""


class Recipe:
    """The recipe with a command of our own in place of `tapal`."""

    def __init__(self, root: Path, folder: Path, command: str) -> None:
        self.root, self.folder = root, folder
        self.calls = folder / "calls"
        path = folder / "bin/tapal"
        path.parent.mkdir()
        path.write_text(command)
        path.chmod(0o755)

    def run(self, shared: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        used = str(self.root / "models/weights/default.onnx")
        known = {"SHORT": "1", "CALLS": str(self.calls), "FAILS": "", "BETTER": "0", "GATE": "0", "PARENT": used}
        settings = known | {"TAUGHT": TAUGHT, "EXPORTS": "/dev/null"} | settings
        return subprocess.run(
            ["sh", "models/recipes/default.sh", str(shared), str(self.folder / "work")],
            cwd=self.root,
            env={**os.environ, **settings, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        return [" ".join(line.split()[:2]) for line in self.calls.read_text().splitlines()]


@pytest.fixture
def faked(root: Path, tmp_path: Path) -> Recipe:
    return Recipe(root, tmp_path, FAKE)


def test_a_recipe_that_was_ended_goes_on_with_the_step_it_was_at(faked: Recipe, tmp_path: Path) -> None:
    ended = faked.run(tmp_path, FAILS="model select")
    assert (ended.returncode, ended.stderr) == (9, "power cut\n")
    assert faked.asked()[-4:] == ["dataset stats", "model train", "dataset places", "model select"]
    on = faked.run(tmp_path)
    assert on.returncode == 0, on.stderr
    assert faked.asked() == [
        *("model select", "model export", "dataset places", "model promote"),
        *("model export", "model card"),
    ]
    assert faked.run(tmp_path).returncode == 0
    assert faked.asked() == [], "everything was done before"


def test_a_training_that_was_ended_is_resumed(faked: Recipe, tmp_path: Path) -> None:
    faked.run(tmp_path, FAILS="model train")
    assert "--resume" not in faked.calls.read_text()
    last = tmp_path / "work/run/weights/last.pt"
    last.parent.mkdir(parents=True)
    last.touch()
    assert faked.run(tmp_path).returncode == 0
    assert "--resume" in faked.calls.read_text()


def test_where_nothing_is_better_no_exam_is_sat(faked: Recipe, tmp_path: Path) -> None:
    """But the short form, whose few pictures teach next to nothing, goes its way to the end."""
    for _ in range(2):
        run = faked.run(tmp_path, BETTER="1", SHORT="")
        assert run.returncode == 3
        assert "no exam was sat" in run.stderr
        assert "model promote" not in faked.asked()
    shutil.rmtree(tmp_path / "work")
    assert faked.run(tmp_path, BETTER="1").returncode == 0
    assert faked.asked()[-1] == "model card"


@pytest.mark.parametrize("command", ["model select", "model promote"])
def test_a_program_that_breaks_has_refused_nothing(faked: Recipe, tmp_path: Path, command: str) -> None:
    broken = faked.run(tmp_path, FAILS=command, BROKEN="1")
    assert broken.returncode == 1
    mended = faked.run(tmp_path)
    assert mended.returncode == 0, mended.stderr
    assert faked.asked()[0] == command


def test_the_one_before_it_comes_from_history_or_is_made_again(faked: Recipe, tmp_path: Path) -> None:
    git = tmp_path / "bin/git"
    git.write_text('#!/bin/sh\n[ -n "$KNOWN" ] || exit 128\necho "$*"\n')
    git.chmod(0o755)
    shallow = faked.run(tmp_path, PARENT="", KNOWN="")
    assert shallow.returncode == 2
    assert "git fetch --unshallow" in shallow.stderr
    assert faked.run(tmp_path, PARENT="", KNOWN="1").returncode == 0
    assert (tmp_path / "work/parent.onnx").read_text().startswith("cat-file blob ")
    shutil.rmtree(tmp_path / "work")
    assert faked.run(tmp_path, PARENT="", KNOWN="", RETRACE="1").returncode == 0
    calls = [line for line in faked.calls.read_text().splitlines() if line.startswith("model ")]
    starts = [line.split(" --start ")[1].split()[0] for line in calls if line.startswith("model train")]
    assert starts == [str(tmp_path / "models/yolov8n-coco.pt"), str(tmp_path / "work/parent.pt")]
    assert "--version 1" in next(line for line in calls if line.startswith("model export"))
    gates = [line.split(" --against ")[1].split()[0] for line in calls if line.startswith("model promote")]
    assert gates == [str(tmp_path / "work/start.onnx"), "models/weights/default.onnx"]


@pytest.mark.parametrize(("gate", "status"), [("0", 0), ("1", 3)])
def test_what_ships_is_made_again_and_judged_and_nothing_more(
    faked: Recipe, tmp_path: Path, gate: str, status: int
) -> None:
    run = faked.run(tmp_path, PARENT="", RETRACE="only", GATE=gate)
    assert run.returncode == status, run.stderr
    judged = ["model export", "model export", "dataset places", "model promote"]
    assert faked.asked()[faked.asked().index("model calibrate") + 1 :] == judged + ["model card"] * (not status)
    assert faked.run(tmp_path, PARENT="", RETRACE="only", GATE=gate).returncode == status
    assert faked.asked() == [], "everything was done before"


def test_what_is_made_again_is_what_ships_or_it_is_said_that_it_is_not(root: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for part in ("recipes", "weights"):
        shutil.copytree(root / "models" / part, tree / "models" / part)
    (tree / "models/cards").mkdir()
    recipe = Recipe(tree, tmp_path, FAKE)

    def made(**settings: str) -> subprocess.CompletedProcess[str]:
        shutil.rmtree(tmp_path / "work", ignore_errors=True)
        return recipe.run(tmp_path, SHORT="", PARENT="", RETRACE="only", **settings)

    drawn = made(TAUGHT="0123456789ab")
    assert (drawn.returncode, "model train" in recipe.asked()) == (4, False)
    assert "default-1@0123456789ab, not default-1@e79f8d221961" in drawn.stderr
    trained = made()
    assert (trained.returncode, "model promote" in recipe.asked()) == (4, False)
    assert "is not default@1" in trained.stderr
    same = made(EXPORTS=str(root / "models/weights/default.onnx"))
    assert same.returncode == 0, same.stderr
    assert "is default@1, byte for byte" in same.stdout
    assert (tree / "models/cards/default.md").read_text() == "of today\n"


def test_history_holds_the_one_before_it(root: Path) -> None:
    recipe = (root / "models/recipes/default.sh").read_text()
    blob = next(line.split()[0].removeprefix("parent=") for line in recipe.splitlines() if line.startswith("parent="))
    found = subprocess.run(["git", "cat-file", "blob", blob], cwd=root, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("this is no clone, or a shallow one: it lacks the history")
    assert hashlib.sha256(found.stdout).hexdigest() == FIRST


def test_what_the_gate_refuses_does_not_ship(faked: Recipe, tmp_path: Path) -> None:
    for _ in range(2):
        refused = faked.run(tmp_path, GATE="1")
        assert refused.returncode == 3
        assert "REFUSED, worse in: yard" in refused.stderr
    broken = faked.run(tmp_path, SHORT="")
    assert broken.returncode == 2
    assert "run of another form" in broken.stderr


@pytest.mark.train
@pytest.mark.shared
@pytest.mark.timeout(1800)
def test_the_recipe_runs_from_the_start_to_the_gate(root: Path, shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("ultralytics", reason="the train extra (ultralytics, torch) is not installed")
    recipe = Recipe(root, tmp_path, f'#!/bin/sh\nexec "{sys.executable}" -m tapal "$@"\n')
    ships = {
        path: path.read_bytes() for folder in ("weights", "cards") for path in (root / "models" / folder).iterdir()
    }
    run = recipe.run(shared)
    assert run.returncode in {0, 3}, run.stdout[-2000:] + run.stderr[-2000:]  # a few pictures may make it worse
    made = Detector.load(tmp_path / "work/weights/default.onnx", size=160)
    assert (tuple(made.names), made.name_version) == (NAMES, "default@2")
    assert "# Model card: default 2" in (tmp_path / "work/cards/default.md").read_text()
    assert "yard: person, all" in (tmp_path / "work/gate.txt").read_text()
    again = recipe.run(shared)
    assert again.returncode == run.returncode
    assert all("was done before" in line for line in again.stdout.splitlines() if line.startswith("["))
    assert {path: path.read_bytes() for path in ships} == ships, "what ships is left alone"
