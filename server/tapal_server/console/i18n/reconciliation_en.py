"""English texts: reconciliation."""

TEXTS: dict[str, str] = {
    "nav.reconciliation": "Reconciliation",
    "reconciliation.title": "Reconciliation between agencies",
    "reconciliation.first": "First source",
    "reconciliation.second": "Second source",
    "reconciliation.since": "From day",
    "reconciliation.until": "To day",
    "reconciliation.compare": "Compare",
    "reconciliation.xlsx": "Download workbook (XLSX)",
    "reconciliation.csv": "Download table (CSV)",
    "reconciliation.result": "In short",
    "reconciliation.both": "The same at both",
    "reconciliation.times_differ": "Times differ",
    "reconciliation.persons_differ": "Persons differ",
    "reconciliation.only": "Only at {source}",
    "reconciliation.matters": "The logs differ so much that somebody should look into it.",
    "reconciliation.little": "The logs agree, but for little.",
    "reconciliation.counts": (
        "{first}: {n} records, {p} persons. {second}: {m} records, {q} persons. {documents} paired by document."
    ),
    "reconciliation.differences": "Differences",
    "reconciliation.what": "What",
    "reconciliation.none": "No difference in this window.",
    "reconciliation.none.next": "Choose other days or other sources.",
    "reconciliation.more": "{n} more; download the table to see all.",
    "reconciliation.one_source": "This place has fewer than two sources.",
    "reconciliation.one_source.next": (
        "Import the log of another agency under a source name of its own; then both can be compared here."
    ),
    "error.second": "Choose two different sources.",
    "error.since": "Compare up to 31 days and 20,000 records at a time. Choose other days.",
}

HELP: dict[str, tuple[str, ...]] = {
    "reconciliation": (
        (
            "Compares two logs of one post, passage by passage: by the document both name, else by direction "
            "and nearness in time."
        ),
        "A difference is no accusation: clocks differ, rows come late, groups are written as one.",
    ),
}
