"""Token buckets: how often each of many may do something, with short bursts and without a minute's edge.

A bucket fills steadily and each deed takes one token, or as many as it costs; what finds it empty is told how long to
wait. A deed whose cost is known only afterwards (processor time) may overdraw its bucket: the debt is paid by waiting.
A bucket that is full says nothing, so only those that are not are remembered, and of them those used lately.

Source: the leaky bucket as a meter, ITU-T I.371; here as plain arithmetic on times that the caller brings.
"""

from collections import OrderedDict
from collections.abc import Hashable

from ..limits import SERVER_LIMITS

KEYS_MAX = SERVER_LIMITS["clients_metered_max"].value


class TokenBuckets:
    """A bucket for each key; all alike.

    Args:
        per_s: tokens that flow into each in a second; 0 for no bound at all.
        capacity: tokens that a full one holds: the longest burst.

    Attributes:
        is_bounded: whether the buckets hold anybody back.
    """

    def __init__(self, per_s: float, capacity: float) -> None:
        self.change(per_s, capacity)
        #: Level and the time it was so, the one used longest ago first.
        self._levels: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def change(self, per_s: float, capacity: float) -> None:
        """Take other figures from now on; the levels stay, as far as they fit."""
        self._per_ns, self._capacity = per_s / 1e9, capacity
        self.is_bounded = per_s > 0

    def wait_ns(self, key: Hashable, now_ns: int, cost: float = 1) -> int:
        """Return after which time a key's bucket holds so much, 0 if it does now.

        Args:
            key: whose bucket.
            now_ns: the present, monotonic.
            cost: tokens asked for, at most what a full bucket holds.
        """
        if not self.is_bounded:
            return 0
        missing = cost - self._level(key, now_ns)
        return 0 if missing <= 0 else int(missing / self._per_ns) + 1

    def take(self, key: Hashable, now_ns: int, cost: float = 1) -> None:
        """Take tokens out, more than there are if need be."""
        if not self.is_bounded:
            return
        level = self._level(key, now_ns)
        self._levels.pop(key, None)
        self._levels[key] = (level - cost, now_ns)
        self._forget(now_ns)

    def _forget(self, now_ns: int) -> None:
        """Forget the bucket used longest ago if there are too many, or two that are full again: one more than came."""
        if len(self._levels) > KEYS_MAX:
            self._levels.popitem(last=False)
        for _ in range(2):
            oldest = next(iter(self._levels), None)
            if oldest is None or self._level(oldest, now_ns) < self._capacity:
                return
            del self._levels[oldest]

    def _level(self, key: Hashable, now_ns: int) -> float:
        at = self._levels.get(key)
        return self._capacity if at is None else min(self._capacity, at[0] + (now_ns - at[1]) * self._per_ns)
