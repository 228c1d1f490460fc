"""English texts: the first visit, and what to set up."""

TEXTS: dict[str, str] = {
    "setup.title": "Set up Tapal",
    "setup.why": "Nobody has an account here yet. Make the first one, the administrator.",
    "setup.code": "One-time code",
    "setup.code.where": "The server printed it when it started (in its log). It ends with the first account.",
    "setup.password": "Password (at least 12 letters)",
    "setup.create": "Make the account",
    "nav.start": "Set-up",
    "start.title": "Set-up",
    "start.left": "Steps left until the first alert: {n}.",
    "start.ready": "Everything is set up.",
    "start.done": "Done",
    "start.open": "To do",
    "start.admin": "Administrator",
    "start.admin.how": "Give each colleague an account of their own under People.",
    "start.site": "Site",
    "start.site.how": (
        "Sites and gates are in a file that the server reads when it starts. Try a change at the bottom of this "
        "page, save it to the file, and start the server again."
    ),
    "start.site.try": "Try the file of sites before you save it",
    "start.site.check": "Check",
    "start.site.good": "This is a good file with {n} sites. Save it as {file} and start the server again.",
    "start.camera": "Camera",
    "start.camera.how": (
        "On the computer at the post, write edge.yaml and start: tapal edge run --config edge.yaml. It appears "
        "here by itself."
    ),
    "start.line": "Line",
    "start.line.how": "Draw the line that people cross over a live picture.",
    "start.line.draw": "Draw on {camera}",
    "start.line.count": "Lines in force: {n}",
    "start.feed": "Passage log",
    "start.feed.how": (
        "Import a file, or have the source system send its rows. Without a log every crossing looks unlogged."
    ),
    "start.tell": "Messages",
    "start.tell.how": (
        "Tell people by WhatsApp, Telegram, e-mail or a webhook. Channels are in the settings of the server."
    ),
    "start.tell.test": "Send a test to {name}",
    "start.tell.sent": "A test message went to {name}. Ask whether it arrived.",
    "start.tell.refused": "{name} did not take the message. Check its address in the settings.",
    "error.setup_code": "This is not the code. Read it in the log of the server: it is new at every start.",
}

HELP: dict[str, tuple[str, ...]] = {
    "start": (
        "The steps to the first alert, in order. A step is done when the server sees it, not when somebody says so.",
        (
            "The site file is not written by this page: it belongs to whoever runs the server, and a change counts "
            "after a start."
        ),
    ),
}
