"""The result of `describe`: the table of operations and what surrounds it, as plain values."""

from collections.abc import Iterable
from typing import Any

from .dialects.detection import DIALECT_DOCS
from .dialects.rust import PROTOCOL_VERSION
from .errors import ERROR_TYPES
from .limits import LIMITS
from .operations.events import EVENTS
from .operations.model import COMMON_ERRORS, Operation, Parameter
from .operations.table import OPERATIONS


def describe() -> dict[str, Any]:
    """Return a fresh description of this protocol."""
    return {
        "protocol": PROTOCOL_VERSION,
        "operations": {name: _operation(each) for name, each in OPERATIONS.items()},
        "dialects": {dialect.value: doc for dialect, doc in DIALECT_DOCS.items()},
        "events": {name: kind._asdict() for name, kind in EVENTS.items()},
        "limits": {name: limit.value for name, limit in LIMITS.items()},
        "error_types": {name: each.code for name, each in ERROR_TYPES.items()},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    """Return one operation's description."""
    return {
        "doc": operation.doc,
        "required": _kinds(operation.required),
        "optional": _kinds(operation.optional),
        "alternatives": [list(group) for group in operation.alternatives],
        "returns": {field.name: f"{field.type}{'?' * field.is_optional}" for field in operation.returns},
        "errors": [*operation.errors, *COMMON_ERRORS],
        "since": operation.since,
    }


def _kinds(parameters: Iterable[Parameter]) -> dict[str, str]:
    """Return the kinds of parameters by name."""
    return {parameter.name: parameter.kind.label for parameter in parameters}
