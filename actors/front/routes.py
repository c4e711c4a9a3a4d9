"""Routes: which workers a request must be given to, by what it says and what is known of its connection.

The rules follow those by which a worker chooses session and scope (`sessions/reception.py`,
`durability/exactly_once.py`), so that a repeat comes to the worker that has the first one's answer:

| the request | path |
|---|---|
| names a session, or its connection has one for it | the worker of that session's shard |
| creates a session, or is about a client | the worker of the client's shard |
| means the anonymous session, without `op_id` | the worker of the first shard |
| the same, with `op_id`, and a client is named or spoken for | that client's worker, then the first shard's |
| the same, with `op_id` alone | every worker in turn, that of the first shard last |

A worker that the anonymous session is not with answers what it recognises as a repeat and hands on all else, so the
later workers of a path are seldom asked. Pure functions over what `Whereabouts` knows.
"""

from collections.abc import Iterable
from typing import Final

from protocol import OPERATIONS, Request, Scope

from ..durability.shards import FIRST_SHARD, home, shard_of_token
from ..traffic.connections import Connection

#: Answered by the front itself.
LOCAL: Final = frozenset({"ping", "describe"})


class Whereabouts:
    """Which worker has which client and session."""

    def __init__(self, shards: int, workers: int) -> None:
        self._shards = shards
        self.workers = workers
        self._strays: dict[str, int] = {}

    def learn(self, worker: int, clients: Iterable[str]) -> None:
        """A worker has these clients although they are not at home in its shards."""
        self._strays.update((client_id, worker) for client_id in clients)

    def of_client(self, client_id: str) -> int:
        """Return the worker that has a client's sessions, now or when it has some."""
        worker = self._strays.get(client_id)
        return home(client_id, self._shards) % self.workers if worker is None else worker

    def of_token(self, token: str) -> int:
        """Return the worker that knows whether there is such a session."""
        return shard_of_token(token, self._shards) % self.workers

    @property
    def of_anonymous(self) -> int:
        """The worker that has the anonymous session."""
        return FIRST_SHARD % self.workers


def path(request: Request, connection: Connection | None, where: Whereabouts) -> tuple[int, ...]:
    """Return the workers to try, in order.

    Args:
        request: what is asked.
        connection: what is remembered of its connection, None if nothing is.
        where: who has what.
    """
    parameters = request.parameters
    named = parameters.get("client_id")
    token = parameters.get("session_id")
    if OPERATIONS[request.operation].scope is not Scope.SESSION and token is None:
        return (where.of_anonymous if named is None else where.of_client(named),)
    if token is None and connection is not None:
        token = connection.token(named)
    if token is not None:
        return (where.of_token(token),)
    last = where.of_anonymous
    if request.op_id is None:
        return (last,)
    client_id = named if named is not None or connection is None else connection.client_id
    if client_id is not None:
        return tuple(dict.fromkeys((where.of_client(client_id), last)))
    return (*(worker for worker in range(where.workers) if worker != last), last)
