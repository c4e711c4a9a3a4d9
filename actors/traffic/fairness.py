"""Fairness: what one client may take of the server, so that the others get theirs.

Four bounds, each a setting: requests a second, requests under way, processor time a minute, and how long requests may
wait in the server's line before it takes no more. A refusal is made before anything was done, names its setting and
says when to come back (`retry_after_ms`).

A client is whose session is used; what concerns no client's session is counted for its connection, because nobody
proves who he is: a flood of pings costs its own connection. What a client has under way is known exactly; processor
time is counted when an evaluation ends or loses its turn, so one evaluation may overdraw it by its own budget, and that
is paid off before the next.

Plain arithmetic; thread: the loop.
"""

from collections.abc import Hashable
from typing import Any, Final

from ..settings import Settings
from .buckets import TokenBuckets
from .call import Call, RefusedError

_NS_PER_MS: Final = 1_000_000
_S_PER_MINUTE: Final = 60
#: Sessions in a line from which it counts as one: fewer are some busy sessions, and no flood.
_LINE_SESSIONS_MIN: Final = 16


class Fairness:
    """What each client has taken lately."""

    def __init__(self, settings: Settings) -> None:
        self._rate = TokenBuckets(0, 0)
        self._processor = TokenBuckets(0, 0)
        self._under_way: dict[Hashable, int] = {}
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Hold other bounds from now on."""
        self._settings = settings
        self._rate.change(settings.requests_per_s, settings.requests_per_s)
        per_minute_ns = settings.cpu_per_minute_ms * _NS_PER_MS
        self._processor.change(per_minute_ns / _S_PER_MINUTE, per_minute_ns)
        self._line_ns_max = settings.overload_ms * _NS_PER_MS

    @property
    def under_way(self) -> int:
        """How many requests are under way."""
        return sum(self._under_way.values())

    def is_full(self, wait_ns: int, sessions: int) -> bool:
        """Tell whether the line of new work takes no more, whoever asks.

        Args:
            wait_ns: how long new work is going to wait in it.
            sessions: how many wait in it.
        """
        return sessions >= _LINE_SESSIONS_MIN and wait_ns > self._line_ns_max

    def check_line(self, wait_ns: int, sessions: int, before: int) -> None:
        """Refuse work on a session when it would wait too long for its turn: Overloaded.

        Args:
            wait_ns: how long new work is going to wait in a line.
            sessions: how many wait in it: few do no harm, however long.
            before: how many requests wait in its own session, for each of which the line goes round once.
        """
        waits_ns = wait_ns * (before + 1)
        if self.is_full(waits_ns, sessions):
            raise RefusedError(*self.overloaded(waits_ns))

    def overloaded(self, wait_ns: int) -> tuple[str, str, dict[str, Any]]:
        """Return the failure of work that would wait too long: its type, message and details.

        Args:
            wait_ns: how long it would wait.
        """
        details = {
            "limit": "overload_ms",
            "maximum": self._settings.overload_ms,
            "retry_after_ms": _whole_ms(wait_ns),
        }
        return "Overloaded", "More is asked of the server than it can do; try again.", details

    def begin(self, call: Call, key: Hashable, now_ns: int) -> None:
        """Count a request as under way until `end`.

        Args:
            call: the request.
            key: its client, or what it is counted for instead.
            now_ns: the present, monotonic.

        Raises:
            RefusedError: LimitExceeded, the client asks too much.
        """
        under_way, maximum = self._under_way.get(key, 0), self._settings.requests_under_way
        if under_way >= maximum:
            raise RefusedError(
                "LimitExceeded",
                f"The client has {under_way} requests under way, which is all it may have; wait for their answers.",
                {"limit": "requests_under_way", "maximum": maximum},
            )
        self.check_rate(key, now_ns)
        self._under_way[key] = under_way + 1
        call.counted_for = key

    def check_rate(self, key: Hashable, now_ns: int) -> None:
        """Count a request; refuse it if the client asks too often: LimitExceeded."""
        if not self._rate.is_bounded:
            return
        wait_ns = self._rate.wait_ns(key, now_ns)
        if wait_ns:
            details = {
                "limit": "requests_per_s",
                "maximum": self._settings.requests_per_s,
                "retry_after_ms": _whole_ms(wait_ns),
            }
            raise RefusedError("LimitExceeded", "The client asks too often; try again a little later.", details)
        self._rate.take(key, now_ns)

    def end(self, call: Call) -> None:
        """A request has its answer."""
        key = call.counted_for
        if key is None:
            return
        call.counted_for = None
        left = self._under_way[key] - 1
        if left:
            self._under_way[key] = left
        else:
            del self._under_way[key]

    def check_processor(self, key: Hashable, now_ns: int) -> None:
        """Refuse work to a client whose processor time of this minute is used up: LimitExceeded."""
        wait_ns = self._processor.wait_ns(key, now_ns, cost=0)
        if wait_ns:
            details = {
                "limit": "cpu_per_minute_ms",
                "maximum": self._settings.cpu_per_minute_ms,
                "retry_after_ms": _whole_ms(wait_ns),
            }
            raise RefusedError("LimitExceeded", "The client has used up its processor time; try again later.", details)

    @property
    def is_processor_bounded(self) -> bool:
        """Whether processor time is bounded, so that all of it must be counted."""
        return self._processor.is_bounded

    def use_processor(self, key: Hashable, used_ns: int, now_ns: int) -> None:
        """Count processor time that a client used."""
        self._processor.take(key, now_ns, used_ns)


def _whole_ms(time_ns: int) -> int:
    return -(-time_ns // _NS_PER_MS)
