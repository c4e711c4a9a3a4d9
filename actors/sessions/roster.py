"""The roster: the sessions in memory, by public id and by client. Thread: the loop."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pykka import ActorRef

    from .session import Session
    from .session_actor import SessionActor


class Live(NamedTuple):
    """A session in memory and the ref of its actor."""

    session: "Session"
    ref: "ActorRef[SessionActor]"


class Roster:
    """Sessions in memory."""

    def __init__(self) -> None:
        self._by_token: dict[str, Live] = {}
        self._by_client: dict[str, dict[str, Live]] = {}
        #: When each was last used as far as was asked, in the order in which they are asked.
        self._seen_ms: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_token)

    def __iter__(self) -> Iterator[Live]:
        return iter(list(self._by_token.values()))

    def find(self, token: str) -> Live | None:
        """Return a session in memory, None if it is not."""
        return self._by_token.get(token)

    def of_client(self, client_id: str) -> list[Live]:
        """Return a client's sessions in memory."""
        return list(self._by_client.get(client_id, {}).values())

    def take_turn(self) -> Live | None:
        """Ask the next session whether it was used since it was asked last; return it if it was not.

        So, asked on and on, sessions are found about in the order of their last use, without putting them in order.
        """
        if not self._seen_ms:
            return None
        token, seen_ms = next(iter(self._seen_ms.items()))
        live = self._by_token[token]
        self._seen_ms[token] = live.session.last_used_ms
        self._seen_ms.move_to_end(token)
        return live if live.session.last_used_ms == seen_ms else None

    @property
    def client_count(self) -> int:
        """How many clients have a session in memory."""
        return len(self._by_client)

    def add(self, live: Live) -> None:
        """Take a session in."""
        session = live.session
        self._by_token[session.token] = live
        self._seen_ms[session.token] = session.last_used_ms
        self._by_client.setdefault(session.client_id, {})[session.token] = live

    def remove(self, live: Live) -> None:
        """Let a session go; one that is not here is no mistake."""
        session = live.session
        if self._by_token.get(session.token) is not live:
            return
        del self._by_token[session.token]
        del self._seen_ms[session.token]
        of_client = self._by_client[session.client_id]
        del of_client[session.token]
        if not of_client:
            del self._by_client[session.client_id]
