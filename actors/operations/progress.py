"""Progress of a run for subscribers, told while it runs: seldom enough that nobody else waits for it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smalltalk import SuiteProgress

    from ..sessions.session import Session

#: Time between two events of one run, but for the last: what a person can follow.
INTERVAL_NS: Final = 100_000_000


class Progress:
    """Tells a session's subscribers how far its tests have come.

    Args:
        session: Whose tests.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._told_at_ns = -INTERVAL_NS

    def tell(self, progress: "SuiteProgress") -> None:
        """Tell, unless it was told just now. Called in the run's greenlet."""
        parts, token = self._session.parts, self._session.token
        if not parts.events.has_channel(token):
            return
        now_ns = parts.clock.monotonic_ns()
        is_last = progress.done == progress.total
        if is_last or now_ns - self._told_at_ns >= INTERVAL_NS:
            self._told_at_ns = now_ns
            data = {"operation": "run_tests", "done": progress.done, "total": progress.total}
            if not is_last:
                data |= {"class": progress.class_name, "selector": progress.selector}
            parts.events.publish(token, "progress", data)
