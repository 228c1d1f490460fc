"""How much to send ahead of the server's acknowledgement."""


class Window:
    """Grows while answers come and shrinks with what is lost, as TCP's does (RFC 5681).

    A broker keeps only so many messages for a server that is behind and drops the rest without a word. Whoever goes
    back at once to the amount that was lost loses it again, and waits each time until it is known: so the window
    doubles up to half of what was too much, and from there grows by one an answer.

    Attributes:
        ahead: messages that may be on their way.
    """

    def __init__(self, most: int) -> None:
        self.ahead = self._most = most
        self._doubles_to = most
        self._silent = False

    def answered(self) -> None:
        """Send more: what was sent has arrived."""
        self._silent = False
        grown = min(2 * self.ahead, self._doubles_to) if self.ahead < self._doubles_to else self.ahead + 1
        self.ahead = min(self._most, grown)

    def lost(self) -> None:
        """Send half: some of it did not arrive."""
        self.ahead = self._doubles_to = max(1, self.ahead // 2)

    def unanswered(self) -> None:
        """Send half, down to a single message that asks whether anybody is there.

        Only the first silence says that it was too much; those after it say that nobody listens.
        """
        if self._silent:
            self.ahead = max(1, self.ahead // 2)
        else:
            self.lost()
        self._silent = True
