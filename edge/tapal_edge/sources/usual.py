"""What is usual of packets while nothing moves: a picture that differs from the one before it takes more bytes."""

LEARN_AT_LEAST = 3  # groups of pictures
MEMORY = 1 / 4  # the share of a new packet in what is held usual at its place
STEADY = 1 / 64  # and of its difference in the usual deviation
MOST_DEVIATIONS = 3.0
LEAST_DEVIATION = 0.03
SLACK, LIMIT = 1.0, 6.0  # of a CUSUM, in deviations
MOST = 1.0  # a packet counts for no more than twice its size


class UsualSizes:
    """How large the packets between key frames are while nothing moves, each place after a key frame for itself.

    An encoder that keeps to a rate gives every place after a key frame a size of its own. What moves adds a little to
    each packet; the sum tells it (a CUSUM) where a single packet would not. With an encoder that keeps to its rate
    strictly nothing may tell it: this is a hint, which comes beside looking at each key frame.
    """

    def __init__(self) -> None:
        self._means: list[float] = []
        self._groups: list[int] = []
        self._deviation = LEAST_DEVIATION
        self._place = 0
        self._excess = 0.0

    def key(self) -> None:
        """A key frame came."""
        self._place, self._excess = 0, 0.0

    def exceeded_by(self, size: int, *, learn: bool = True) -> bool:
        """Take in the size of the next packet after the key frame; whether there is more than what was usual.

        A scene that stays busier, as in rain, becomes the usual one after some groups.

        Args:
            size: in bytes.
            learn: whether nothing moves as far as known; else the packet is only counted.
        """
        place, self._place = self._place, self._place + 1
        if not learn or place > len(self._means):
            return False
        if place == len(self._means):
            self._means.append(float(size))
            self._groups.append(1)
            return False
        mean, groups = max(self._means[place], 1.0), self._groups[place]
        self._groups[place] += 1
        if groups < LEARN_AT_LEAST:
            self._means[place] += (size - mean) / (groups + 1)
            return False
        off, bound = min(size / mean - 1, MOST), MOST_DEVIATIONS * self._deviation
        self._excess = max(0.0, self._excess + off / self._deviation - SLACK)
        usual = max(-bound, min(off, bound))  # one who walks by changes little of what is usual
        self._means[place] += MEMORY * usual * mean
        self._deviation = max(LEAST_DEVIATION, self._deviation + STEADY * (abs(usual) - self._deviation))
        return self._excess > LIMIT
