"""The census: how many sessions and clients there are, without counting them all each time one is added.

Counting reads every row of the store, tens of milliseconds at a hundred thousand sessions. So they are counted once,
then the creations are added and the closings taken away. Clients are only added: whether a closed session was its
client's last is found out by counting again, when there seem to be too many. The figures are never too small, and at a
bound they are exact to the second.

Thread: the loop.
"""

from typing import Final

from ..traffic.call import RefusedError
from ..clock import Clock
from ..durability.keeper import Keeper
from ..settings import Settings

#: Between two counts while a bound is reached, unless a session was closed meanwhile: what is past its retention, or
#: was created and not stored, is noticed then.
_RECOUNT_NS: Final = 1_000_000_000


class Census:
    """The figures of one store."""

    def __init__(self, keeper: Keeper, clock: Clock) -> None:
        self._keeper = keeper
        self._clock = clock
        self._is_stale = False
        #: When they were counted; None until somebody asks, because a server starts faster without.
        self._counted_ns: int | None = None
        self._sessions = self._clients = 0

    @property
    def sessions(self) -> int:
        """How many sessions are open.

        Raises:
            StoreError: the store cannot be read.
        """
        if self._counted_ns is None:
            self._count()
        return self._sessions

    def _count(self) -> None:
        counts = self._keeper.store.counts()
        self._sessions, self._clients = counts.open_sessions, counts.open_clients
        self._counted_ns = self._clock.monotonic_ns()
        self._is_stale = False

    def created(self, *, is_first: bool) -> None:
        """A session was created; `is_first` if its client had none."""
        self._sessions += 1
        self._clients += is_first

    def closed(self) -> None:
        """A session was closed."""
        self._sessions -= 1
        self._is_stale = True

    def check_room(self, settings: Settings, *, is_first: bool) -> None:
        """Refuse a session more, or a client more, than there may be: LimitExceeded.

        Args:
            settings: the bounds.
            is_first: whether the session would be its client's only one.

        Raises:
            RefusedError: LimitExceeded.
            StoreError: the store cannot be read.
        """
        if self._counted_ns is None or (self._is_full(settings, is_first=is_first) and self._may_recount()):
            self._count()
        if self._sessions >= settings.sessions_max:
            raise RefusedError(
                "LimitExceeded",
                "The server has as many open sessions as it may have.",
                {"limit": "sessions_max", "maximum": settings.sessions_max},
            )
        if is_first and self._clients >= settings.clients_max:
            raise RefusedError(
                "LimitExceeded",
                "The server has as many clients as it may have.",
                {"limit": "clients_max", "maximum": settings.clients_max},
            )

    def _is_full(self, settings: Settings, *, is_first: bool) -> bool:
        return self._sessions >= settings.sessions_max or (is_first and self._clients >= settings.clients_max)

    def _may_recount(self) -> bool:
        assert self._counted_ns is not None
        return self._is_stale or self._clock.monotonic_ns() - self._counted_ns >= _RECOUNT_NS
