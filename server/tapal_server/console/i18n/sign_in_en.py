"""English texts: sign_in, password."""

TEXTS: dict[str, str] = {
    "sign_in.title": "Sign in",
    "sign_in.username": "User name",
    "sign_in.password": "Password",
    "sign_in.button": "Sign in",
    "sign_in.wrong": "User name or password does not match. Check capitals and try again.",
    "sign_in.code": "This account uses an authenticator: enter its code too.",
    "sign_in.code_label": "Authenticator code (6 digits)",
    "sign_in.over": "This first password was not changed in time. Ask your administrator for a new one.",
    "sign_in.limited": "Too many attempts. Try again {wait}.",
    "sign_in.elsewhere": "Sign in with the office account",
    "sign_in.hint": "No account yet? Ask your office's administrator for one.",
    "sign_in.notice": "Every action is written to the audit log.",
    "password.title": "Change password",
    "password.why": "At least 12 letters, without your name. Afterwards you sign in again with the new one.",
    "password.old": "Password now",
    "password.new": "New password",
    "password.change": "Change",
    "password.refused": (
        "Not changed: the old one is wrong, or the new one is too short, too easy to guess, or has your name."
    ),
    "second_factor.title": "Set up a second factor",
    "second_factor.why": "Your office asks for a code of an authenticator app beside the password. Any will do.",
    "second_factor.secret": "Type this key into the app:",
    "second_factor.open": "Open the app on this phone",
    "second_factor.confirm": "Confirm",
    "second_factor.wrong_password": "The password is wrong. It is the one you sign in with.",
    "second_factor.wrong": "The code does not fit. Check the clock of the phone and take the next code.",
}

HELP: dict[str, tuple[str, ...]] = {}
