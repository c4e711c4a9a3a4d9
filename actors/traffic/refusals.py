"""Refusals: each is counted by its reason, and logged once a burst.

The reason is the limit that refused, or the type of the error where no limit has a name; of a reply that is dropped
because its peer does not read, the bound that it would have passed; of a connection that is one too many, the bound on
them. A flood of either neither hides nor fills the disk.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Final

from ..logs import new_logger
from .bursts import Bursts
from .peers import LIMIT as CONNECTIONS

if TYPE_CHECKING:
    from protocol import Failure

    from ..clock import Clock
    from ..monitoring.measures import Measures

#: How a kind of burst begins that is of dropped replies: a refusal may have the same limit.
_DROPPED: Final = "dropped by "
_log = new_logger("refusals")


class Refusals:
    """What was refused lately."""

    def __init__(self, measures: "Measures", clock: "Clock") -> None:
        self._measures = measures
        self._clock = clock
        self._bursts = Bursts()

    def note(self, failure: "Failure", **about: object) -> None:
        """Count an answer that is a failure; tell of it if it is a refusal.

        Args:
            failure: the answer.
            about: ids of request, session and client, for the log.
        """
        reason = self._measures.failed(failure)
        if reason is not None:
            self._tell("refused", reason, reason, about)

    def note_garbage(self, failure: "Failure", **about: object) -> None:
        """Count a frame that is no request."""
        reason = self._measures.failed(failure) or failure.error_type
        self._tell("refused what is no request", reason, reason, about)

    def note_dropped(self, limit: str) -> None:
        """Count a reply that is dropped because its peer does not read, or a connection that is one too many.

        Args:
            limit: the bound it would have passed.
        """
        self._measures.refuse(limit)
        what = "closed a connection" if limit == CONNECTIONS else "dropped a reply that its client does not read"
        self._tell(what, limit, _DROPPED + limit, {})

    def _tell(self, what: str, reason: str, kind: str, about: dict[str, object]) -> None:
        times = self._bursts.note(kind, self._clock.monotonic_ns())
        if times is not None:
            _log.warning(what, reason=reason, times=times, **about)
