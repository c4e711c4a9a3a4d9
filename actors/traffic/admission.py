"""Which clients are served, how much each may have, and who may use whose session.

Without authentication a client id is a name and not a proof; names still keep clients apart that mean no harm, and the
session ids are unguessable.
"""

from typing import Final

from ..settings import Settings
from .buckets import TokenBuckets
from .call import RefusedError
from .connections import Connection

#: Owner of the session that requests without `session_id` share; the wire refuses empty names, so nobody can claim it.
ANONYMOUS: Final = ""
_S_PER_MINUTE: Final = 60
_NS_PER_MS: Final = 1_000_000


class Admission:
    """The configured rules, and how fast each client creates."""

    def __init__(self, settings: Settings) -> None:
        self._creations = TokenBuckets(0, 0)
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Hold other rules from now on."""
        self._allowed = frozenset(settings.allow_clients)
        self._denied = frozenset(settings.deny_clients)
        self._capabilities = frozenset(settings.capabilities)
        self._per_minute = settings.creations_per_minute
        self._creations.change(self._per_minute / _S_PER_MINUTE, self._per_minute)

    def is_admitted(self, client_id: str) -> bool:
        """Tell whether a client is served at all."""
        if client_id == ANONYMOUS:
            return True
        return client_id not in self._denied and (not self._allowed or client_id in self._allowed)

    def check_client(self, client_id: str) -> None:
        """Refuse a client that is not served: PermissionDenied."""
        if not self.is_admitted(client_id):
            raise RefusedError("PermissionDenied", "This client may not use the server.")

    def check_creation(self, client_id: str, now_ns: int) -> None:
        """Count a creation; refuse it if the client makes them too fast: LimitExceeded."""
        wait_ns = self._creations.wait_ns(client_id, now_ns)
        if wait_ns:
            details = {
                "limit": "creations_per_minute",
                "maximum": self._per_minute,
                "retry_after_ms": -(-wait_ns // _NS_PER_MS),
            }
            raise RefusedError("LimitExceeded", "This client creates sessions too fast; try again later.", details)
        self._creations.take(client_id, now_ns)

    def may_use_feature(self, client_id: str, feature: str) -> bool:
        """Tell whether the configuration grants a client a capability."""
        return self.is_admitted(client_id) and feature in self._capabilities


def is_owner(owner: str, named: str | None, connection: Connection | None) -> bool:
    """Tell whether a request may be the session's owner's.

    A request proves nothing, but it may not contradict: neither the client it names nor, if it names none, the clients
    its connection spoke for may all be others than the owner.

    Args:
        owner: the session's client.
        named: the request's `client_id`, None if it names none.
        connection: what is remembered of its connection.
    """
    if owner == ANONYMOUS:
        return True
    if named is not None:
        return named == owner
    return connection is None or not connection.tokens or owner in connection.tokens


def check_owner(owner: str | None, named: str | None, connection: Connection | None) -> None:
    """Refuse a session to whoever is not its owner: PermissionDenied, which does not say whether the session exists.

    Args:
        owner: the session's client, None for a session that is not known: a client that is known is told of it what it
            is told of another's session.
        named: as for `is_owner`.
        connection: as for `is_owner`.
    """
    if owner is None:
        is_refused = named is not None or (connection is not None and bool(connection.tokens))
    else:
        is_refused = not is_owner(owner, named, connection)
    if is_refused:
        raise RefusedError("PermissionDenied", "There is no such session that this client may use.")
