"""English texts: passages."""

TEXTS: dict[str, str] = {
    "passages.title": "Passage log",
    "passages.import": "Import a file",
    "passages.file": "CSV file (UTF-8)",
    "passages.columns": (
        "Required columns: record_id, recorded_at, direction, checkpoint. Columns that are not known are not stored."
    ),
    "passages.look": "Preview",
    "passages.problem": (
        "This file cannot be read. Save it as CSV UTF-8 with the required columns in its first line and try again."
    ),
    "passages.preview": "Preview of {name}",
    "passages.counts": "{good} rows can be taken, {bad} rows have a problem.",
    "passages.ignored": "Columns left out: {names}.",
    "passages.sample": "First rows",
    "passages.source": "Source",
    "passages.source.hint": "Name of the system it comes from; a row with the same source and number is a correction.",
    "passages.take": "Take {n} rows",
    "passages.line": "Line {n}: {reason}",
    "passages.problems": "Rows with a problem",
    "passages.more": "and {n} more.",
    "passages.taken": "{n} new rows stored.",
    "passages.not_taken": "This file was not taken. Look at the name of its source and try again.",
    "passages.imports": "Last imports",
    "passages.no_imports": "Nothing was imported yet.",
    "passages.no_imports.next": "Choose a CSV file above, or connect the source system by the API.",
    "passages.records": "Records",
    "passages.empty": "The log is still empty.",
    "passages.empty.next": (
        "Without records every crossing looks unlogged: import the log or connect the source system."
    ),
    "passages.by_source": "Source",
    "passages.voyage": "Voyage",
    "passages.not_found": "No record fits.",
    "passages.not_found.next": "Search for fewer things at once, or other days.",
    "passages.total": "{n} records",
    "passages.record": "Number",
    "passages.time": "Time",
    "passages.direction": "Direction",
    "passages.checkpoint": "Checkpoint",
    "passages.persons": "People",
    "passages.lane": "Lane",
    "passages.by": "By",
    "passages.added": "New",
    "passages.corrected": "Corrected",
    "passages.rejected": "Rejected",
}

HELP: dict[str, tuple[str, ...]] = {
    "passages": (
        "The passage records that cameras are compared with. Names and document numbers are never stored.",
        "Import: choose a file, look at its preview, then take it. Importing a file twice changes nothing.",
    ),
}
