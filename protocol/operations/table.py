"""Puts the table together, and finds an operation by the name a client used."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from ..errors import ProtocolError
from ..limits import LIMITS
from ..plain import mismatch
from .browser import BROWSER_OPERATIONS
from .debugger import DEBUGGER_OPERATIONS
from .inspector import INSPECTOR_OPERATIONS
from .later import LATER_NAMES
from .model import Operation
from .savepoints import SAVEPOINT_OPERATIONS
from .server import SERVER_OPERATIONS
from .sessions import SESSION_OPERATIONS
from .sources import SOURCE_OPERATIONS
from .tools import TOOL_OPERATIONS
from .versions import VERSION_OPERATIONS
from .workspace import WORKSPACE_OPERATIONS

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        operation.name: operation
        for topic in (
            SERVER_OPERATIONS,
            SESSION_OPERATIONS,
            WORKSPACE_OPERATIONS,
            DEBUGGER_OPERATIONS,
            INSPECTOR_OPERATIONS,
            SAVEPOINT_OPERATIONS,
            SOURCE_OPERATIONS,
            BROWSER_OPERATIONS,
            TOOL_OPERATIONS,
            VERSION_OPERATIONS,
        )
        for operation in topic
    }
)

_NAMED: Final = {name: each for each in OPERATIONS.values() for name in (each.name, each.rust_name)}
_NAME_CHARS_MAX: Final = LIMITS["operation_name_chars_max"].value


def find_operation(name: Any, field: str) -> Operation:
    """Return the operation of a name; both spellings are good in every dialect.

    Args:
        name: What the client sent as the name.
        field: Where it sent it, for the error.

    Raises:
        ProtocolError: UnsupportedOperation, with the nearest known name in ``details.suggestion``; InvalidRequest
            when the name is not text.
    """
    if type(name) is not str:
        raise mismatch(field, "text, the name of an operation", name)
    operation = _NAMED.get(name)
    if operation is None:
        raise _unsupported(name)
    return operation


def _unsupported(name: str) -> ProtocolError:
    """Return the error for a name that is not served: of a later version, misspelt or unknown."""
    shown = name[:_NAME_CHARS_MAX]
    details = {"operation": shown}
    if name in LATER_NAMES:
        return ProtocolError("UnsupportedOperation", f"{name} comes with a later version", details)
    near = get_close_matches(shown, _NAMED, n=1)
    message = f"unknown operation {shown!r}"
    if near:
        details["suggestion"] = near[0]
        message += f"; did you mean {near[0]}?"
    return ProtocolError("UnsupportedOperation", message, details)
