"""English texts for one of what others count; Indonesian says both alike."""

__all__ = ["ONE"]

ONE = {
    "admin.days": "{n} day",
    "admin.hours": "{n} hour",
    "admin.minutes": "{n} minute",
    "archive.total": "{n} alert",
    "cameras.all_well": "The camera is watching.",
    "cameras.lost": "{n} message was lost before it reached the server.",
    "cameras.conflicts": "{n} message with a number used twice: are there two nodes of one name?",
    "chance.odds": "Of 10 alerts like this, about {n} is right.",
    "duty.older": "Only the newest {most} are listed here: {n} older alert that is not finished is not shown.",
    "feeds.taken": "{n} new row stored, {bad} not taken.",
    "handover.open": "{n} alert is still open.",
    "map.alerts": "{n} open alert",
    "map.knots": "{n} knot",
    "map.label": "Sketch map of {n} place; the list below says the same.",
    "passages.take": "Take {n} row",
    "passages.taken": "{n} new row stored.",
    "passages.total": "{n} record",
    "reports.left_out": "{n} day holds more records than can be compared and is left out.",
    "reports.minutes": "{n} minute",
    "reports.over": "Hours with more than {n} alert",
    "review.missed.done": "Noted: {n} entry in the review.",
    "review.propagated": "Carried to {n} picture.",
    "review.total": "{n} picture",
    "start.site.good": "This is a good file with {n} site. Save it as {file} and start the server again.",
    "wait.minutes": "in {n} minute",
    "wait.seconds": "in {n} second",
}
