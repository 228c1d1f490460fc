"""Writes JSON Schema and AsyncAPI into a folder, or checks that what lies there is current.

python -m tapal_contract.generate [--check] FOLDER
"""

import argparse
import json
import sys
from pathlib import Path

import yaml

from tapal_contract.asyncapi import document, json_schemas


def files() -> dict[str, str]:
    """Return the text of each generated file by its name."""
    texts = {name: json.dumps(schema, indent=2) + "\n" for name, schema in json_schemas().items()}
    texts["asyncapi.yaml"] = yaml.safe_dump(document(), sort_keys=False, width=120, allow_unicode=True)
    return texts


def stale(folder: Path) -> list[str]:
    """Return the names of generated files that are missing from the folder or differ from the models."""
    return [
        name
        for name, text in files().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tapal_contract.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    options = parser.parse_args(arguments)
    if options.check:
        names = stale(options.folder)
        if names:
            sys.stderr.write(f"{options.folder}: not current: {', '.join(names)}; run 'make contract'\n")
        return 1 if names else 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (options.folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
