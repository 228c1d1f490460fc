"""English texts: review of pictures for the next model."""

TEXTS: dict[str, str] = {
    "nav.review": "Review",
    "review.title": "Review",
    "review.back": "Back to the queue",
    "review.show": "Show",
    "review.state": "State",
    "review.state.open": "to label",
    "review.state.done": "labelled",
    "review.state.skipped": "skipped",
    "review.state.all": "all",
    "review.order": "Order",
    "review.order.uncertain": "most to be learned first",
    "review.order.newest": "newest first",
    "review.total": "{n} pictures",
    "review.empty": "Nothing to label.",
    "review.empty.next": "Pictures come here from officers' verdicts and from where the camera was least sure.",
    "review.why.false_alarm": "False alarm: what did the camera take for a person?",
    "review.why.confirmed": "Confirmed alert",
    "review.why.explained": "Explained alert",
    "review.why.missed": "Somebody was missed",
    "review.why.uncertain": "The camera was not sure",
    "review.negative": "nothing in it",
    "review.clip": "from a clip",
    "review.film.waiting": "clip to come",
    "review.film.asked": "clip asked for",
    "review.film.coming": "clip on its way",
    "review.film.here": "with its clip",
    "review.film.failed": "no clip",
    "review.bare": "A report without a picture. Label the frames of its clip once it is here; skip it if none comes.",
    "review.frames": "Frames of this clip",
    "review.frame": "Frame {n}, {state}",
    "review.picture": "Picture to label; heads are blurred",
    "review.drawing": "Boxes over the picture; the list below says the same",
    "review.how": (
        "Draw a box over each person, boat and vehicle. Keys: arrows move a box, with Shift they size it; "
        "A adds, N next, Delete removes, 1-9 choose the label, S saves, X says that nothing is in it, "
        "C saves and carries on, K skips, [ and ] go to the frame before and after."
    ),
    "review.carry": "Save and carry the boxes on",
    "review.progress": "{done} of the {n} frames of this clip are done.",
    "review.left": "Left in the queue: {n}.",
    "review.box": "Box",
    "review.label": "What is in box",
    "review.drop": "Remove",
    "review.mine": "drawn",
    "review.proposed": "proposed,",
    "review.none": "No box.",
    "review.save": "Save and go on",
    "review.add": "Add a box",
    "review.nothing": "Nothing in it (hard example)",
    "review.propagate": "Carry these boxes to the other pictures of the clip",
    "review.propagated": "Carried to {n} pictures.",
    "review.skip": "Skip",
    "review.reopen": "Label again",
    "review.asked": "Asked because",
    "review.apart": "Models disagree",
    "review.camera": "Camera",
    "review.taken": "Taken",
    "review.invalid": "Not saved: {reason}.",
    "review.missed": "Somebody was missed here",
    "review.missed.how": (
        "You saw somebody cross whom the camera did not count? "
        "Say when, soon: the pictures of that minute come to the review, and a film if the camera's box has one."
    ),
    "review.missed.at": "When",
    "review.missed.note": "What you saw",
    "review.missed.button": "Report it",
    "review.missed.done": "Noted: {n} entries in the review.",
    "label.bus": "bus",
    "label.truck": "lorry",
    "label.bicycle": "bicycle",
    "error.boxes": "A box needs a label and an area inside the picture.",
}

HELP: dict[str, tuple[str, ...]] = {
    "review": (
        "What officers decided becomes material for the next model. Here somebody says what really is in each picture.",
        (
            "A picture with nothing in it that the camera took for a person is the most useful of all: say "
            "so with one key."
        ),
        (
            "Heads were blurred before the picture left the edge. Pictures that are deleted leave the "
            "training material too."
        ),
    ),
}
