"""The errors that reach a person.

Every error of Tapal that a user can mend is a :class:`TapalError`. Its message is one sentence that names the thing,
the value and the remedy. Commands print it and exit with status 2, the API turns it into a problem document.
"""


class TapalError(Exception):
    """Something a person can mend; the message is one clear sentence."""


class ConfigError(TapalError):
    """A configuration file that cannot be used."""


class MessageError(TapalError):
    """Bytes that are not a message of the contract."""


class TopicError(TapalError):
    """A topic or an identifier that the contract does not know."""
