"""Style and script of the console: files beside this module, served without any other site."""

import hashlib
from functools import cache
from pathlib import Path

from tapal_server.console.markup import Html, join, tag

FOLDER = Path(__file__).parent / "static"
URL = "/console-files"


@cache
def version(name: str) -> str:
    """A short hash of a file, so that a browser takes the new one after an update."""
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def address(name: str) -> str:
    """Where a browser finds the file."""
    return f"{URL}/{name}?{version(name)}"


def links() -> Html:
    """What every page's head needs; the script runs first so that the theme is there before the first paint."""
    return join(
        tag("script", src=address("console.js")),
        tag("link", rel="stylesheet", href=address("console.css")),
        tag("link", rel="stylesheet", href=address("pages.css")),
        tag("link", rel="manifest", href=address("manifest.webmanifest")),
        tag("meta", name="theme-color", content="#0b4f6c"),
        tag("link", rel="icon", href=address("icon.svg"), type="image/svg+xml"),
    )


def head(title: str) -> Html:
    """The head of a page that is plain HTML."""
    return join(
        tag("meta", charset="utf-8"),
        tag("title", title),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        links(),
    )
