"""Checks the parameters of a request against the table of operations.

The checks of each operation are compiled once, when the module is loaded: name -> canonical name and the bound
check of its kind. Unknown parameters are dropped after a look at their extent: clients newer than the server may
send them. ``null`` counts as absent, because Rust clients write it for every option they do not use.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeAlias

from .errors import ProtocolError
from .operations.model import Operation
from .operations.table import OPERATIONS
from .plain import check_plain, mismatch

Check: TypeAlias = Callable[[Any, str], Any]


class _Checks(NamedTuple):
    """One operation's compiled checks."""

    accepted: dict[str, tuple[str, Check]]
    required: tuple[str, ...]
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None


def _compile(operation: Operation) -> _Checks:
    """Return the compiled checks of one operation."""
    accepted: dict[str, tuple[str, Check]] = {
        name: (parameter.name, parameter.kind.check)
        for parameter in operation.required + operation.optional
        for name in (parameter.name, *parameter.aliases)
    }
    return _Checks(accepted, tuple(parameter.name for parameter in operation.required), operation.prepare)


_CHECKS: Final = {operation.name: _compile(operation) for operation in OPERATIONS.values()}


def validate(operation: Operation, raw: Any) -> dict[str, Any]:
    """Return the checked parameters under their canonical names.

    Args:
        operation: What is asked for.
        raw: The decoded parameters, ``None`` for none.

    Raises:
        ProtocolError: InvalidRequest or LimitExceeded, naming the field.
    """
    if type(raw) is not dict:
        if raw is not None:
            raise mismatch("parameters", "object", raw)
        raw = {}
    accepted, required, prepare = _CHECKS[operation.name]
    if prepare is not None:
        raw = prepare(raw)
    checked = {}
    for name, value in raw.items():
        found = accepted.get(name)
        if found is None:
            _check_unknown(name, value)
        elif value is not None:
            checked[found[0]] = found[1](value, name)
    for name in required:
        if name not in checked:
            raise _missing(operation, name, raw)
    if operation.alternatives:
        _check_alternatives(operation, checked)
    return checked


def _check_unknown(name: Any, value: Any) -> None:
    """Check the extent of a parameter that the operation does not know."""
    if type(name) is not str:
        raise mismatch("the name of a parameter", "text", name)
    check_plain(value, name)


def _missing(operation: Operation, name: str, raw: dict[str, Any]) -> ProtocolError:
    """Return the error for a required parameter that is not there."""
    parameter = next(each for each in operation.required if each.name == name)
    details = {"field": parameter.name, "expected": parameter.kind.label, "got": "nothing"}
    message = f"{operation.name} needs the parameter {parameter.name}: {parameter.doc}"
    near = get_close_matches(parameter.name, _unknown_names(operation, raw), n=1)
    if near:
        details["suggestion"] = parameter.name
        message += f"; {near[0]!r} is not a parameter of it"
    return ProtocolError("InvalidRequest", message, details)


def _unknown_names(operation: Operation, raw: dict[str, Any]) -> list[str]:
    """Return the first few names the client sent that the operation does not know."""
    accepted = _CHECKS[operation.name].accepted
    names = [name[:_NAME_CHARS_COMPARED] for name in raw if name not in accepted]
    return names[:_NAMES_COMPARED]


# Comparing names takes time that grows with their number and length; a typing error is found among these.
_NAMES_COMPARED: Final = 20
_NAME_CHARS_COMPARED: Final = 40


def _check_alternatives(operation: Operation, checked: dict[str, Any]) -> None:
    """Refuse none or several of the groups of parameters that exclude each other."""
    given = [group for group in operation.alternatives if any(name in checked for name in group)]
    if len(given) == 1:
        return
    choices = " or ".join(" and ".join(group) for group in operation.alternatives)
    got = ", ".join(name for group in given for name in group if name in checked) or "nothing"
    field = operation.alternatives[0][0]
    details = {"field": field, "expected": choices, "got": got}
    raise ProtocolError("InvalidRequest", f"{operation.name} needs exactly one of: {choices}; got {got}", details)
