"""What compiles when a server starts needs no compiling when people cross: no late alert, no end that waits for it."""

import subprocess
import sys

LEFT = """
from tapal_server.correlation import bp, loops, near
from tapal_server.correlation.warm import warm
from tests.correlation.test_ahead import engine_after

def known():
    every = {**vars(bp), **vars(loops), **vars(near)}
    return {name: len(one.signatures) for name, one in every.items() if hasattr(one, "signatures")}

warm()
before = known()
engine_after(ticks=200)
after = known()
print(sum(before.values()) > 5, *(name for name in after if after[name] != before[name]))
"""


def test_nothing_is_left_to_compile_afterwards(root):
    run = subprocess.run([sys.executable, "-c", LEFT], cwd=root, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.split()) == (0, ["True"]), run.stderr
