"""Units of systemd, judged by systemd's own program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest


def exposure_of(unit: Path, folder: Path) -> float:
    """How exposed a sound unit leaves its service, 0 to 10; skips where the program is missing."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian package systemd)")
    copy = folder / unit.name
    copy.write_text(unit.read_text().replace("/opt/tapal/bin/tapal", "/bin/true"))
    checked = subprocess.run([program, "verify", copy], capture_output=True, text=True, check=False)
    assert unit.stem not in checked.stderr
    scored = subprocess.run([program, "security", "--offline=true", copy], capture_output=True, text=True, check=False)
    level = re.search(r"exposure level for \S+: ([\d.]+)", scored.stdout)
    assert level is not None, scored.stderr
    return float(level[1])
