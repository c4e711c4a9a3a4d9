"""Which clients are served, how much each may have, and who may use whose session.

Without authentication a client id is a name and not a proof; names still keep clients apart that mean no harm, and the
session ids are unguessable.
"""

from collections import OrderedDict
from typing import Final

from .call import RefusedError
from .connections import Connection
from .limits import SERVER_LIMITS
from .settings import Settings

#: Owner of the session that requests without `session_id` share; the wire refuses empty names, so nobody can claim it.
ANONYMOUS: Final = ""
_CLIENTS_REMEMBERED_MAX: Final = SERVER_LIMITS["creators_remembered_max"].value
_MS_PER_MINUTE: Final = 60_000


class Admission:
    """The configured rules, and the creations of the last minute."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = frozenset(settings.allow_clients)
        self._denied = frozenset(settings.deny_clients)
        self._capabilities = frozenset(settings.capabilities)
        self._rate = CreationRate(settings.creations_per_minute)

    def is_admitted(self, client_id: str) -> bool:
        """Tell whether a client is served at all."""
        if client_id == ANONYMOUS:
            return True
        return client_id not in self._denied and (not self._allowed or client_id in self._allowed)

    def check_client(self, client_id: str) -> None:
        """Refuse a client that is not served: PermissionDenied."""
        if not self.is_admitted(client_id):
            raise RefusedError("PermissionDenied", "This client may not use the server.")

    def check_creation(self, client_id: str, now_ms: int) -> None:
        """Count a creation; refuse it if there were too many in the last minute: LimitExceeded."""
        if not self._rate.admit(client_id, now_ms):
            raise RefusedError(
                "LimitExceeded",
                "This client creates sessions too fast; try again in a minute.",
                {"limit": "creations_per_minute", "maximum": self._rate.per_minute},
            )

    def may_use_feature(self, client_id: str, feature: str) -> bool:
        """Tell whether the configuration grants a client a capability."""
        return self.is_admitted(client_id) and feature in self._capabilities


class CreationRate:
    """How many sessions each client created in its present minute."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def admit(self, client_id: str, now_ms: int) -> bool:
        """Count one creation; False if the client has used up its minute."""
        if not self.per_minute:
            return True
        began_ms, count = self._counts.pop(client_id, (now_ms, 0))
        if now_ms - began_ms >= _MS_PER_MINUTE:
            began_ms, count = now_ms, 0
        self._counts[client_id] = (began_ms, count + 1)
        if len(self._counts) > _CLIENTS_REMEMBERED_MAX:
            self._counts.popitem(last=False)
        return count < self.per_minute


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
