"""What the table says about an operation: the record types its files are written in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ..kinds import Identifier, Kind, Text


class Scope(Enum):
    """Whom an operation concerns."""

    SERVER = "server"
    CLIENT = "client"
    SESSION = "session"


class Parameter(NamedTuple):
    """One named value of a request.

    Attributes:
        name: Canonical name, under which other rooms find the value.
        kind: What it accepts.
        doc: One line.
        aliases: Other names under which documents show it.
    """

    name: str
    kind: Kind
    doc: str
    aliases: tuple[str, ...] = ()


class Field(NamedTuple):
    """One named value of a result.

    Attributes:
        name: Its name in dialect B.
        type: ``text``, ``count`` (an integer from 0), ``integer``, ``boolean``, ``list``, ``object``, ``texts`` (an
            object of texts) or ``any``; dialect A enforces the first two and ``texts``.
        doc: One line.
        is_optional: Whether it may be missing.
        rust_name: Its name in dialect A, when another.
    """

    name: str
    type: str
    doc: str
    is_optional: bool = False
    rust_name: str | None = None


ERROR_STATE = Field(
    "error_state",
    "any",
    "null while nothing waits, else {current, suspended, recovery}: the computation that was suspended last, all that "
    "wait (as `debug` ListContexts shows them), and what `debug` may do with the current one; `damage` says why "
    "they cannot be read; missing if no object can",
    is_optional=True,
)
DISK_WARNING = Field("warning", "text", "a disk quota is nearly used up: which, and how much of it", is_optional=True)
WHOLE = Field(
    "whole",
    "object",
    "of each text here that was cut (result, display, transcript): {object_id, size} of the String with the whole, "
    "which `read_text` reads",
    is_optional=True,
)
SESSION_ID = Parameter(
    "session_id", Text(minimum=1), "the session; without it the connection's, else the anonymous one"
)
NAMED_SESSION = Parameter("session_id", Text(minimum=1), "the session")
CLIENT_ID = Parameter("client_id", Text(minimum=1), "the client's name")
#: Error types that every operation may answer; they are listed with none.
COMMON_ERRORS: Final = ("InvalidRequest", "UnsupportedVersion", "LimitExceeded", "Overloaded", "InternalError")
#: Error types that an operation may answer because of whom it concerns; `Interrupted` is what a server that stops
#: answers to requests that wait in a session.
_IMPLIED_ERRORS: Final[Mapping[Scope, tuple[str, ...]]] = MappingProxyType(
    {
        Scope.SERVER: (),
        Scope.CLIENT: ("StorageError",),
        Scope.SESSION: ("Interrupted", "SessionNotFound", "SessionError", "PermissionDenied", "StorageError"),
    }
)
OP_ID = Parameter("op_id", Identifier(), "key under which a repeat gets the first reply and runs nothing")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation:
    """One operation of the wire.

    Attributes:
        name: B name, snake_case.
        doc: What it does.
        scope: Whom it concerns; operations on a session take ``session_id`` and ``client_id`` without saying so.
        mutates: Whether it changes durable state and so takes part in exactly-once; then it takes ``op_id`` too.
        reading: Values of its parameter ``operation`` with which it changes nothing after all.
        prepare: Brings the parameters of a request, still unchecked, into the form the table describes.
        required: Parameters that must be there.
        optional: Parameters that may be.
        alternatives: Groups of optional names of which exactly one group must be there, in part or whole.
        returns: The result's fields.
        errors: Error types it may answer, beside `COMMON_ERRORS`; those that its scope implies come without saying so.
        since: Version that brought it.
        rust_name: A name, CamelCase.
    """

    name: str
    doc: str
    scope: Scope = Scope.SERVER
    mutates: bool = False
    reading: frozenset[str] = frozenset()
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    required: tuple[Parameter, ...] = ()
    optional: tuple[Parameter, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    returns: tuple[Field, ...] = ()
    errors: tuple[str, ...] = ()
    since: str = "0.1.0"
    rust_name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rust_name", self.rust_name or camel_case(self.name))
        named = {parameter.name for parameter in self.required + self.optional}
        implied: tuple[Parameter, ...] = (SESSION_ID, CLIENT_ID) if self.scope is Scope.SESSION else ()
        implied += (OP_ID,) if self.mutates else ()
        more = tuple(parameter for parameter in implied if parameter.name not in named)
        object.__setattr__(self, "optional", self.optional + more)
        object.__setattr__(self, "errors", self.errors + _IMPLIED_ERRORS[self.scope])


def camel_case(name: str) -> str:
    """Return the A name that belongs to a B name: ``create_session`` is ``CreateSession``."""
    return "".join(part.capitalize() for part in name.split("_"))
