"""Builds the images and runs them as server/README.md says: ``python -m tests.containers`` (as root; ports 8080, 8883).

It follows the README's own commands in a copy, then publishes events with a real edge container on the sample feed, and
says at each step what it saw. It is no part of `make test`: it needs a container engine and the base images.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.containers.steps import Office, Tools, say

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.containers", description=__doc__)
    parser.add_argument("--engine", default="docker", help="docker or podman")
    parser.add_argument("--compose", default="docker compose", help="docker compose or podman-compose")
    parser.add_argument("--build-option", action="append", default=[], help="passed to the engine's build; repeatable")
    parser.add_argument(
        "--no-build", action="store_true", help="take the images tapal-server and tapal-edge as they are"
    )
    given = parser.parse_args()
    tools = Tools(engine=given.engine, compose=given.compose.split())
    if not given.no_build:
        build(tools, given.build_option)
    with tempfile.TemporaryDirectory(prefix="tapal-containers-") as folder:
        home = Path(folder) / "server"
        home.mkdir()
        shutil.copy(ROOT / "server" / "compose.yaml", home)
        shutil.copytree(ROOT / "server" / "examples", home / "examples")
        office = Office(tools, home)
        try:
            run(tools, office)
        finally:
            office.end()
    say("everything held")


def build(tools: Tools, options: list[str]) -> None:
    """Both images, by the command that stands in each Containerfile."""
    for file, tag in (("server/Containerfile", "tapal-server"), ("edge/container/Containerfile", "tapal-edge")):
        form = ["--format", "docker"] if tools.engine == "podman" else []
        tools.call("build", *form, *options, "-f", file, "-t", tag, ".", folder=ROOT)
        say(f"{tag} is built")


def run(tools: Tools, office: Office) -> None:
    """Set up as the README says, then look at each promise."""
    for command in commands():
        words = tools.translated(command)
        if " user add " in command:
            office.wait_until_ready()
            words = words.replace(" exec ", " exec -T ") + " --password-stdin <<<" + office.password
        subprocess.run(["bash", "-ceu", words], cwd=office.folder, check=True)
    say("the README's commands ran as printed")
    office.wait_until_ready()
    office.is_confined()
    office.sign_in()
    with office.node():
        office.wait_for_crossings()
    before = office.events()
    office.recreate()
    office.wait_until_ready()
    office.sign_in()
    if office.events() < before:
        sys.exit("events were lost when the server's container was made anew")
    say(f"{before} events and the account are there after the container was made anew")
    office.stops_cleanly()


def commands() -> list[str]:
    """What the README prints in its section on containers."""
    text = (ROOT / "server" / "README.md").read_text(encoding="utf-8")
    section = text.partition("### In containers")[2]
    return re.findall(r"^    (\S.*)$", section, re.MULTILINE)


if __name__ == "__main__":
    main()
