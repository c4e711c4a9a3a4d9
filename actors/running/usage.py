"""How much of the processor a session took lately: what decides whether its evaluations still count as short.

A level that rises with what its slices take and leaks at a share of a core, so a session that uses less than that share
never becomes a hog, and one that was a hog is none any more after a while.
"""

from typing import Final

#: Part of a core that leaks away: a session that takes less than a tenth of one over time is never held back.
_LEAK: Final = 0.1
#: Level from which a session hogs the processor, and the most that is remembered, ns: a second is what people wait for
#: without impatience, and a hog that rests for twenty seconds is none any more.
_HOG_NS: Final = 1_000_000_000
_FULL_NS: Final = 3 * _HOG_NS


class Usage:
    """The level of one session.

    Attributes:
        is_long: whether its last evaluation needed many turns, so that the next is likely to.
    """

    __slots__ = ("_at_ns", "_level_ns", "is_long")

    def __init__(self) -> None:
        self.is_long = False
        self._level_ns = 0.0
        self._at_ns = 0

    def add(self, used_ns: int, now_ns: int) -> None:
        """Count a slice.

        Args:
            used_ns: what it took.
            now_ns: the present, monotonic.
        """
        leaked_ns = (now_ns - self._at_ns) * _LEAK
        self._level_ns = min(_FULL_NS, max(0.0, self._level_ns - leaked_ns) + used_ns)
        self._at_ns = now_ns

    @property
    def is_hog(self) -> bool:
        """Whether the session took more than its share, as of its last slice."""
        return self._level_ns > _HOG_NS
