"""Bursts: what happens often is logged once, with how often it happened.

A client that is refused ten thousand times in a second makes one line at once, and one more at most in each period as
long as it goes on; so a flood neither hides in silence nor fills the disk.
"""

from typing import Final

#: Between two lines of one kind, in nanoseconds.
PERIOD_NS: Final = 10_000_000_000


class Bursts:
    """When each kind was told last, and how often it happened since."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, int]] = {}

    def note(self, kind: str, now_ns: int) -> int | None:
        """Count one more of a kind.

        Args:
            kind: one of a bounded number of names: a limit's or an error's.
            now_ns: the present, monotonic.

        Returns:
            How often it happened since it was told last, this time included; None if it is not to be told now.
        """
        told = self._told.get(kind)
        if told is None or now_ns - told[0] >= PERIOD_NS:
            self._told[kind] = (now_ns, 0)
            return 1 if told is None else told[1] + 1
        self._told[kind] = (told[0], told[1] + 1)
        return None
