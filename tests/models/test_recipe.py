"""The default model's history run again by its one command: each step once, and nothing ships that was refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapal_detector.detector import Detector
from tapal_models.labels import NAMES

FAKE = """\
#!/bin/sh
echo "$*" >> "$CALLS"
out= command="$1 $2" last=
for word in "$@"; do
    [ "$last" != --out ] || out=$word
    last=$word
done
case "$command" in
"$FAILS") echo "power cut" >&2; exit 9 ;;
"dataset build") mkdir -p "$out/default@1/images/val" "$out/default@1/labels/val" ;;
"model train") mkdir -p "$out/weights"; touch "$out/weights/last.pt" ;;
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
        settings = {"SHORT": "1", "CALLS": str(self.calls), "FAILS": "", "GATE": "0"} | settings
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
    ended = faked.run(tmp_path, FAILS="model calibrate")
    assert (ended.returncode, ended.stderr) == (9, "power cut\n")
    assert faked.asked()[-2:] == ["model train", "model calibrate"]
    on = faked.run(tmp_path)
    assert on.returncode == 0, on.stderr
    assert faked.asked() == ["model calibrate", "model export", "model export", "model card", "model promote"]
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
