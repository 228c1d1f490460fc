"""English texts: audit."""

TEXTS: dict[str, str] = {
    "audit.title": "Audit log",
    "audit.time": "Time",
    "audit.who": "Who",
    "audit.action": "Action",
    "audit.subject": "About",
    "audit.whole": "The chain is whole: {n} entries, none altered or missing between.",
    "audit.broken": (
        "The chain is broken: an entry was altered or is missing. Run tapal server audit verify and report it."
    ),
}

HELP: dict[str, tuple[str, ...]] = {
    "audit": (
        (
            "Who looked at, judged, exported or changed what. Every entry is bound to the one before, so that a "
            "quiet change shows."
        ),
    ),
}
