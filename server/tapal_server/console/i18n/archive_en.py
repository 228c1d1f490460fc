"""English texts: archive."""

TEXTS: dict[str, str] = {
    "archive.title": "All alerts",
    "archive.state": "State",
    "archive.kind": "Kind",
    "archive.site": "Place",
    "archive.any": "Any",
    "archive.search": "Search",
    "archive.total": "{n} alerts",
    "archive.empty": "No alert matches.",
    "archive.empty.next": "Loosen the choices above, or wait: new alerts show on the Duty page.",
    "archive.page": "Page {n} of {of}",
    "archive.pages": "Pages of results",
    "archive.newer": "Newer",
    "archive.older": "Older",
}

HELP: dict[str, tuple[str, ...]] = {
    "archive": ("Every alert, those resolved too. Choose state, kind or place, then Search.",),
}
