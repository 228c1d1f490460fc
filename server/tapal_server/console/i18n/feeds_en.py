"""English texts: feeds and their mappings."""

TEXTS: dict[str, str] = {
    "nav.feeds": "Feeds",
    "feeds.title": "Feeds",
    "feeds.title.new": "New feed",
    "feeds.new": "Set up a feed",
    "feeds.back": "Back to Feeds",
    "feeds.empty": "No feed yet.",
    "feeds.empty.next": (
        "A feed says how another agency's file is read. Set one up, and try it on a file before it counts."
    ),
    "feeds.silent": "Silent",
    "feeds.well": "Rows come in",
    "feeds.waiting": "No rows yet",
    "feeds.last": "Last row {time}",
    "feeds.never": "No row came in yet.",
    "feeds.changed": "Changed by {by}, {time}",
    "feeds.problem": "Last problem: {reason}",
    "feeds.open": "Mapping and files",
    "feeds.taken": "{n} new rows stored, {bad} not taken.",
    "feeds.unread": "This file cannot be read by the mapping below. Try it here, then change what does not fit.",
    "feeds.wrong": "Not possible: {reason}",
    "feeds.name": "Name of the feed",
    "feeds.name.hint": "Letters, digits, - and _; also the folder in which its files are looked for.",
    "feeds.source": "Source (whose log)",
    "feeds.format": "Kind of file",
    "feeds.encoding": "Character set",
    "feeds.delimiter": "Sign between columns (CSV)",
    "feeds.comma": "comma ,",
    "feeds.semicolon": "semicolon ;",
    "feeds.tab": "tab",
    "feeds.timezone": "Time zone of its times",
    "feeds.silent_after_minutes": "Silent after so many minutes without a row (empty: never)",
    "feeds.columns": "Columns",
    "feeds.columns.how": (
        "Write the file's own column names. Several joined by a blank: date + time. Fields with * are "
        "needed; leave the others empty where the file has none."
    ),
    "feeds.field": "Field",
    "feeds.column": "Column in the file",
    "feeds.constant": "Or the same in every row",
    "feeds.column.of": "Column for {name}",
    "feeds.constant.of": "The same in every row: {name}",
    "feeds.field.record_id": "Record number",
    "feeds.field.recorded_at": "Time of the passage",
    "feeds.field.direction": "Direction",
    "feeds.field.checkpoint": "Post",
    "feeds.field.received_at": "Time it was received",
    "feeds.field.lane": "Lane",
    "feeds.field.voyage_id": "Voyage",
    "feeds.field.traveller_class": "Class of traveller",
    "feeds.field.persons": "Persons",
    "feeds.field.result": "Result",
    "feeds.field.document_type": "Kind of document",
    "feeds.field.document_number": "Document number (hashed at once)",
    "feeds.meaning": "Times and codes",
    "feeds.times": "How times are written",
    "feeds.times.hint": "One pattern a line, such as %d/%m/%Y %H:%M. ISO times are always understood.",
    "feeds.codes.direction": "Codes of direction",
    "feeds.codes.checkpoint": "Codes of posts",
    "feeds.codes.of": "Codes of {name}",
    "feeds.column_codes": "Codes of a column",
    "feeds.column_codes.hint": (
        "Before columns are joined, one a line: COLUMN: code = meaning, such as KAPAL: LBX = KM Labuan Express."
    ),
    "feeds.codes.hint": "One a line: the file's code = ours, such as K = outbound.",
    "feeds.withdrawn_column": "Column that takes a record back",
    "feeds.withdrawn_values": "Its values",
    "feeds.withdrawn_values.hint": "Separated by commas, such as VOID, CANCELLED.",
    "feeds.mrz": "Column with the machine readable zone",
    "feeds.mrz.hint": "Its number is hashed at once and never stored.",
    "feeds.try": "Try it",
    "feeds.file": "File",
    "feeds.file.hint": "Only read, not stored. Without a new file the last one is tried again.",
    "feeds.look": "Preview",
    "feeds.save": "Keep this mapping",
    "feeds.preview": "What the file becomes",
    "feeds.tried": "{name}: {read} rows read, {bad} not readable, {back} taken back.",
    "feeds.take": "Take in a file of this feed",
    "feeds.take.button": "Take it in",
    "feeds.delete": "Forget this feed",
    "error.profile": "This mapping cannot be used. See what is said beside it.",
}

HELP: dict[str, tuple[str, ...]] = {
    "feeds": (
        (
            "A feed says how the files of one agency become records: which column is what, what its codes "
            "mean, how it writes times."
        ),
        (
            "Try the mapping on a real file first: the preview shows what each row becomes and why others do "
            "not. Nothing is stored by trying."
        ),
        (
            "A feed that is silent for longer than it should be raises an alert, because a gate without its "
            "log looks like a gate full of crossings without a record."
        ),
    ),
}
