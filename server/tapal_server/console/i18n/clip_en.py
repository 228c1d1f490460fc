"""English texts: the clip of an alert."""

TEXTS: dict[str, str] = {
    "clip.title": "Clip",
    "clip.none": "Some seconds before and after. It stays on the camera's box until you ask; heads are blurred there.",
    "clip.ask.none": "Fetch the clip",
    "clip.ask.failed": "Ask again",
    "clip.no_right": "Only who judges alerts may fetch it.",
    "clip.said": "The clip was asked for.",
    "clip.asked": "Asked for at {at} by {by}.",
    "clip.asked.online": "The camera's box is making it, mostly within a minute or two; this page shows it by itself.",
    "clip.asked.offline": "The camera's box is out of reach. It is told when it comes back before {until}.",
    "clip.coming": "On its way: {pieces} of {of} parts are here.",
    "clip.coming.soon": "On its way.",
    "clip.here": "Heads are blurred; {size} MB. Kept as long as the picture; that you watch is in the audit log.",
    "clip.video": "Clip of the event, without sound; heads are blurred",
    "clip.failed": "The clip cannot be had:",
    "clip.cause.no-clips": "this camera keeps none. Whoever looks after the box can turn it on (clips).",
    "clip.cause.not-kept": "the box no longer has it; clips are deleted after some days, or when room is short.",
    "clip.cause.not-blurred": "the model on the box knows no persons, so no head could be blurred.",
    "clip.cause.busy": "the box is making many others. Ask again in some minutes.",
    "clip.cause.failed": "the box could not make it.",
    "clip.cause.offline": "the camera's box was out of reach. Ask again when it is back.",
    "clip.cause.silent": "the camera's box did not answer. Ask again; if it stays so, tell whoever looks after it.",
    "clip.cause.stalled": "it stopped on its way. Ask again.",
    "clip.cause.broken": "what came was damaged. Ask again.",
}

HELP: dict[str, tuple[str, ...]] = {}
