"""The bill of materials of this installation: ``python -m tapal.bill`` writes it as CycloneDX 1.6 JSON.

It lists what Tapal's own requirements lead to here, with the versions that are installed, so that what is known of them
can be looked up anywhere: also where this machine reaches no database of advisories.
"""

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

__all__ = ["bill", "closure"]

_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_EXTRAS = re.compile(r"\[([^\]]*)\]")
_OF_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def closure(name: str = "tapal") -> dict[str, Distribution]:
    """All that a distribution needs and that is installed here, by normal name, itself included."""
    found: dict[str, Distribution] = {}
    waiting = [(name, "*")]
    asked: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted in asked:
            continue
        asked.add(wanted)
        try:
            one = distribution(wanted[0])
        except PackageNotFoundError:
            continue  # of an extra or a platform that this installation is not
        found[_normal(wanted[0])] = one
        waiting += _requirements(one.requires or (), wanted[1])
    return found


def bill(name: str = "tapal") -> dict[str, Any]:
    """The document; the same installation gives the same one."""
    parts = closure(name)
    own = _component(parts.pop(_normal(name)), "application")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": [_component(parts[key], "library") for key in sorted(parts)],
    }


def _requirements(lines: Iterable[str], extra: str) -> list[tuple[str, str]]:
    """What the lines ask for: of Tapal itself with any extra, of others with those that were asked for."""
    found = []
    for line in lines:
        name, of_extra = _NAME.match(line), _OF_EXTRA.search(line)
        if name is None or (of_extra is not None and extra not in {"*", of_extra[1]}):
            continue
        extras = _EXTRAS.search(line.partition(";")[0])
        found += [(name[0], one.strip()) for one in ("", *(extras[1].split(",") if extras else ()))]
    return found


def _component(one: Distribution, kind: str) -> dict[str, Any]:
    name, version = one.metadata["Name"], one.version
    purl = f"pkg:pypi/{_normal(name)}@{version}"
    found: dict[str, Any] = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if "License-Expression" in one.metadata:
        found["licenses"] = [{"expression": one.metadata["License-Expression"]}]
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1)
    sys.stdout.write("\n")
