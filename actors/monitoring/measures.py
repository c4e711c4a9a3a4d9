"""What the server measures of its own work: how long operations take, how much one commit holds, what was refused.

Fixed buckets, plain integers: counting an answer costs half a microsecond, where a labelled histogram of a metrics
library costs three times that. `exposition.py` gives them to such a library when somebody asks, away from requests.

Thread: the loop.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

from protocol import Failure

#: Upper bounds of the buckets of latencies, ns: 0.25 ms to a minute, about two in each doubling of what people notice.
LATENCY_BOUNDS_NS: Final = tuple(
    int(each_ms * 1_000_000)
    for each_ms in (0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 35, 50, 75, 100, 200, 500, 1_000, 5_000, 30_000, 60_000)
)
#: Upper bounds of the buckets of commits, in changes; an evaluate is three to five.
BATCH_BOUNDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)


class Histogram:
    """How often values fell between which bounds.

    Attributes:
        counts: of each bucket, that above the last bound included.
        total: sum of the values.
    """

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0

    def add(self, value: int) -> None:
        """Count a value."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"counts": list(self.counts), "total": self.total}


def quantile(bounds: Sequence[int], counts: Sequence[int], part: float) -> float:
    """Return the value below which a part of all values fell, read between the bounds of its bucket; 0 for none.

    Args:
        bounds: upper bounds of the buckets.
        counts: of each bucket, one more than there are bounds.
        part: 0 to 1.
    """
    rest = part * sum(counts)
    if not rest:
        return 0.0
    low = 0
    for high, count in zip(bounds, counts, strict=False):
        if count >= rest:
            return low + (high - low) * rest / count
        rest -= count
        low = high
    return float(low)


class Measures:
    """All measures of one worker.

    Attributes:
        latencies: from a request's arrival to its answer's leaving, ns, by operation.
        batches: changes in one commit.
        refused: refusals by the name of the limit, or the type of the error that no limit was named for.
        failures: answers that are failures, by type.
    """

    def __init__(self) -> None:
        self.latencies: dict[str, Histogram] = {}
        self.batches = Histogram(BATCH_BOUNDS)
        self.refused: dict[str, int] = {}
        self.failures: dict[str, int] = {}

    def answered(self, operation: str, took_ns: int) -> None:
        """Count an answer that left."""
        histogram = self.latencies.get(operation)
        if histogram is None:
            histogram = self.latencies[operation] = Histogram(LATENCY_BOUNDS_NS)
        histogram.add(took_ns)

    def failed(self, failure: Failure) -> str | None:
        """Count a failure; return the reason if it is a refusal: the limit, or the type of the error.

        What ran and was stopped for its time is none, although its answer names the limit.
        """
        kind = failure.error_type
        self.failures[kind] = self.failures.get(kind, 0) + 1
        reason = (failure.details or {}).get("limit")
        if kind not in _REFUSALS:
            return None
        self.refuse(reason or kind)
        return str(reason or kind)

    def refuse(self, reason: str) -> None:
        """Count a refusal."""
        self.refused[reason] = self.refused.get(reason, 0) + 1


#: Types of errors that are refusals.
_REFUSALS: Final = frozenset({"PermissionDenied", "LimitExceeded", "Overloaded"})
