"""English texts: what the gates have learned."""

TEXTS: dict[str, str] = {
    "nav.gates": "Gates",
    "gates.title": "Gates",
    "gates.empty": "No gate is compared with a passage log.",
    "gates.empty.next": "Give a site a checkpoint and gates in sites.yaml, then start the server again.",
    "gates.starting": "Not known yet.",
    "gates.starting.next": "The comparison is starting; open this page again in a moment.",
    "gates.shows.prior": (
        "This gate has learned nothing yet: it goes by the delay in sites.yaml, and doubts its own alerts."
    ),
    "gates.shows.persons": "This gate can show single crossings that have no record.",
    "gates.shows.counts": "Too many pass at once here: it can show that more passed than were logged, but not who.",
    "gates.shows.either": (
        "It can show that a crossing has no record, but hardly whether it was a person or a miscount."
    ),
    "gates.shows.waits": "It decides about {wait} after a crossing, when a record would have come.",
    "gates.delay": "From crossing to record",
    "gates.delay.told": "Half the records come within {median}, 99% within {high}.",
    "gates.median": "half",
    "gates.p99": "99%",
    "gates.clock": "Clock of the log against the camera",
    "gates.clock.still": "No movement seen: the two clocks keep step.",
    "gates.clock.moved": "The log's clock moved between {low} and {high}; this is allowed for.",
    "gates.numbers": "Figures (90% interval in brackets)",
    "gates.crossings": "Crossings learned from",
    "gates.recall": "Of those who pass, the camera sees",
    "gates.alone": "Unlogged, alone, per day",
    "gates.flow": "Unlogged among those who pass",
    "gates.unlogged": "Expected unlogged per day",
    "gates.false": "Miscounts per day",
    "gates.double": "Counted twice",
    "gates.late": "Records later than 10 minutes",
    "gates.calibration": "Shown probability against verdicts",
    "gates.calibration.shown": "Shown",
    "gates.calibration.judged": "Judged",
    "gates.calibration.right": "Right",
    "gates.unjudged": "No alert of this gate was judged yet.",
    "gates.unjudged.next": "Resolve alerts with a verdict; here it shows whether 80% really means four in five.",
    "doubt.not_learned": "Nothing learned yet: fewer than 60 crossings.",
    "doubt.few_crossings": "Few crossings so far; the figures are still rough.",
    "doubt.crowded": "Crowded: counts speak here, not single persons.",
    "doubt.false_or_unlogged": "As many miscounts are expected as unlogged people; look at the picture first.",
    "doubt.prior_contradicted": "The delay in sites.yaml is not what this gate shows; correct it.",
    "doubt.clock_moves": "The log's clock moves; have its time source checked.",
    "doubt.weak_camera": "The camera misses many; move it or improve the light.",
    "span.s": "{n} s",
    "span.min": "{n} min",
    "span.h": "{n} h",
    "span.before": "{span} before it",
}

HELP: dict[str, tuple[str, ...]] = {
    "gates": (
        (
            "Each gate learns from its own traffic how long a record takes to come, how much the camera sees and "
            "how often it errs."
        ),
        "The curve shows how long records take. After the 99% mark, a crossing without a record is a lead.",
        "A gate that has doubts says so, and raises fewer alerts rather than worse ones.",
    ),
}
