"""What the README prints is what works: its commands run as printed, its links lead somewhere."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in ROOT.glob("**/*.md") if not {".venv", "node_modules", "var"} & set(path.parts))


def commands(page: Path) -> list[str]:
    return re.findall(r"^    (\.venv/bin/tapal .*)$", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_readme_has_commands():
    assert len(commands(ROOT / "README.md")) > 5


def test_the_readme_has_the_same_commands_in_both_languages():
    assert commands(ROOT / "README.id.md") == commands(ROOT / "README.md")


def test_the_reconciliation_of_the_readme_finds_the_two_who_were_left_out(tmp_path):
    for command in commands(ROOT / "README.md"):
        words = shlex.split(command)[1:]
        if words[0] == "demo":  # tests/tapal/test_demo.py runs it
            continue
        words = [str(tmp_path / word) if word in {"events.jsonl", "alerts.jsonl"} else word for word in words]
        run = subprocess.run(
            [sys.executable, "-m", "tapal", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=250
        )
        assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
    alerts = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    left_out = [("inbound", "2026-03-01T22:00:12"), ("outbound", "2026-03-01T22:00:15")]
    found = sorted((alert["direction"], alert["time"]) for alert in alerts if alert["kind"] == "unlogged_crossing")
    assert [direction for direction, _ in found] == [direction for direction, _ in left_out], alerts
