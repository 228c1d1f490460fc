"""English help of each page, one paragraph a string."""

HELP: dict[str, tuple[str, ...]] = {
    "duty": (
        (
            "New alerts appear at the top by themselves. Press Acknowledge so that colleagues know you have it, "
            "then Resolve with one of the four outcomes."
        ),
        (
            "Turn the sound on once when your shift begins. It repeats every 20 seconds until every new alert is "
            "acknowledged."
        ),
        "Cleared, not yet acknowledged holds alerts that a late record explained before anyone looked.",
    ),
    "alert": (
        (
            "The picture shows the event; heads are always blurred. The time line compares what the camera saw "
            "(circles) with records (bars): a red circle without a bar near it is the one in question."
        ),
        "The probability is kept honest: of ten alerts at 80%, eight are right.",
        "Decide after you have looked yourself. Your verdict is what the system learns from.",
    ),
    "archive": ("Every alert, those resolved too. Choose state, kind or place, then Search.",),
    "cameras": (
        (
            "Every node reports each 30 seconds. A camera that does not watch leaves its gate blind: watch by eye "
            "until it is back."
        ),
        "Waiting messages mean that the link to the server is down; nothing is lost, they follow.",
    ),
    "map": (
        (
            "The number in a circle is its open alerts. Red: there are alerts. Amber: a camera is not watching. "
            "Green: calm."
        ),
        "This map is our own sketch and works without internet; it is not for navigation.",
    ),
    "passages": (
        "The passage records that cameras are compared with. Names and document numbers are never stored.",
        "Import: choose a file, look at its preview, then take it. Importing a file twice changes nothing.",
    ),
    "people": (
        "Everybody uses their own account, so that every act is on record under their name.",
        "Closing an account ends its sessions at once; its history stays.",
    ),
    "audit": (
        (
            "Who looked at, judged, exported or changed what. Every entry is bound to the one before, so that a "
            "quiet change shows."
        ),
    ),
    "handover": (
        (
            "Hand your shift to whoever comes next. Every open alert and every camera that does not watch is "
            "listed, and your colleague accepts them by name."
        ),
    ),
}
