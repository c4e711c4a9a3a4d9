"""The forms in which a `debug` request may say what to do, and the one form they all come down to.

    {"operation": "StepInto", "context": "c1"}                            the documented form, a word
    {"operation": {"SetBreakpoint": {"file": "Foo>>bar", "line": 2}}}     the documented form, a map of one word
    {"operation": "set_breakpoint", "file": "Foo>>bar", "line": 2}        the same, parameters beside it
    {"operation": {"return_value": "3 + 4"}, "frame": 1}                  the parameter that matters most, alone
    {"restart_frame": 2}                                                  a word as a parameter, without operation

All become `operation` in its one spelling and the parameters beside it, so that a repeat is recognised in any form.
Beside the word, names that nobody knows are overlooked as with every operation; in its map they are refused: a typing
error there would let a computation go on with nil.
"""

from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from ..errors import ProtocolError
from ..plain import mismatch


class _Word(NamedTuple):
    """What may stand as `operation`.

    Attributes:
        needs: Parameters without which it means nothing.
        main: The parameter that its argument stands for when that is no object.
        is_reading: Whether it changes nothing.
    """

    needs: tuple[str, ...] = ()
    main: str | None = None
    is_reading: bool = False


_TABLE: Final[dict[str, _Word]] = {
    "ListContexts": _Word(is_reading=True),
    "GetStackTrace": _Word(is_reading=True),
    "GetLocalVars": _Word(main="frame"),
    "SetVariable": _Word(needs=("name", "expression")),
    "StepInto": _Word(),
    "StepOver": _Word(),
    "StepOut": _Word(),
    "Continue": _Word(main="expression"),
    "Resume": _Word(main="expression"),
    "Retry": _Word(),
    "Pass": _Word(),
    "RestartFrame": _Word(main="frame"),
    "ReturnValue": _Word(needs=("expression",), main="expression"),
    "CreateMethod": _Word(needs=("source",), main="source"),
    "Abandon": _Word(),
    "SetBreakpoint": _Word(needs=("file",), main="file"),
    "RemoveBreakpoint": _Word(needs=("file",), main="file"),
    "ListBreakpoints": _Word(is_reading=True),
}
WORDS: Final = tuple(_TABLE)
#: Of a name that is refused: as much as a typing error is found in.
_NAME_CHARS_SHOWN: Final = 40
#: Words that neither change anything nor run code of the session.
READING_WORDS: Final = frozenset(name for name, word in _TABLE.items() if word.is_reading)
#: Parameters that name the operation themselves, and the word each means.
_NAMING: Final = {
    "proceed_with": "Continue",
    "restart_frame": "RestartFrame",
    "return_value": "ReturnValue",
    "abandon": "Abandon",
}


def _folded(name: str) -> str:
    """Return what a word's spellings have in common."""
    return name.replace("_", "").lower()


_BY_SPELLING: Final = {
    **{_folded(name): name for name in WORDS},
    **{_folded(name): word for name, word in _NAMING.items()},
}
_METHOD: Final = ("class_name", "method_name")
#: What the map of a word may hold: the parameters of `debug` but those that name the operation.
_PARAMETERS: Final = frozenset(
    {
        *("context", "frame", "expression", "name", "source", "file", *_METHOD, "selector", "is_class_method", "line"),
        *("offset", "count", "timeout_ms", "session_id", "client_id", "op_id"),
    }
)
#: Words that take code for its value, which there must be then.
_WITH_VALUE: Final = frozenset({"Continue", "Resume", "ReturnValue", "SetVariable"})
#: Words about a method, which `file` names or parts of it do.
_WITH_METHOD: Final = frozenset({"SetBreakpoint", "RemoveBreakpoint"})


def read_debug_parameters(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a request's parameters in the one form; values are checked later, by the table.

    Args:
        raw: Decoded parameters, of any content.

    Raises:
        ProtocolError: InvalidRequest: it says nothing or two things, or lacks what its word needs.
    """
    given = {name: value for name, value in raw.items() if value is not None}
    naming = {name: given.pop(name) for name in _NAMING if name in given}
    naming = {name: value for name, value in naming.items() if value is not False}
    operation = given.get("operation")
    if operation is None:
        name, argument = _only(naming)
    elif type(operation) is str:
        name, argument = operation, None
    elif type(operation) is dict and len(operation) == 1:
        name, argument = next(iter(operation.items()))
    else:
        raise mismatch("operation", f"one of {', '.join(WORDS)}, or a map of one of them to its parameters", operation)
    word = _BY_SPELLING.get(_folded(name)) if type(name) is str else None
    if word is None:
        return {**given, "operation": name}  # the table refuses it and says which words there are
    read = _joined(given, _arguments(word, argument))
    for parameter, value in naming.items():
        if _NAMING[parameter] != word:
            raise _contradiction("operation", f"{word} and {parameter}")
        read = _joined(read, _arguments(word, value))
    _check_needs(word, read)
    if word in _WITH_VALUE:
        _check_expression(word, read.get("expression"))
    if word in _WITH_METHOD:
        _check_method(read)
    return {**read, "operation": word}


def _only(naming: dict[str, Any]) -> tuple[str, Any]:
    """Return the one parameter that names the operation."""
    if len(naming) == 1:
        return next(iter(naming.items()))
    choices = " or ".join(("operation", *_NAMING))
    got = ", ".join(naming) or "nothing"
    details = {"field": "operation", "expected": choices, "got": got}
    raise ProtocolError("InvalidRequest", f"debug needs exactly one of: {choices}; got {got}", details)


def _arguments(word: str, argument: Any) -> dict[Any, Any]:
    """Return what stands behind a word as parameters."""
    if argument is None or (argument is True and word == "Abandon"):
        return {}
    if type(argument) is dict:
        _check_names(word, argument)
        return {name: value for name, value in argument.items() if value is not None}
    main = _TABLE[word].main
    if main is None:
        raise mismatch(f"operation.{word}", "an object of its parameters", argument)
    return {main: argument}


def _check_names(word: str, argument: dict[Any, Any]) -> None:
    """Refuse a name in the map of a word that is no parameter's."""
    unknown = next((name for name in argument if name not in _PARAMETERS), None)
    if unknown is None:
        return
    if type(unknown) is not str:
        raise mismatch(f"the name of a parameter of operation.{word}", "text", unknown)
    shown = unknown[:_NAME_CHARS_SHOWN]
    near = get_close_matches(shown, _PARAMETERS, n=1)
    details = {"field": f"operation.{word}.{shown}", "expected": "a parameter of debug", "got": "an unknown name"}
    message = f"{shown!r} is not a parameter of debug"
    if near:
        details["suggestion"] = near[0]
        message += f"; {near[0]!r} is one"
    raise ProtocolError("InvalidRequest", message, details)


def _joined(given: dict[str, Any], more: dict[Any, Any]) -> dict[str, Any]:
    """Return parameters from two places as one; a name that has a value in each of them has the same one."""
    for name, value in more.items():
        if name in given and given[name] != value:
            raise _contradiction(str(name), "two different values")
    return {**given, **more}


def _contradiction(field: str, got: str) -> ProtocolError:
    """Return the error for a request that says two things at once."""
    details = {"field": field, "expected": "one meaning", "got": got}
    return ProtocolError("InvalidRequest", f"{field} has more than one meaning: {got}", details)


def _check_needs(word: str, read: dict[str, Any]) -> None:
    """Refuse a word without what it needs; the method of a breakpoint may be named in two parts."""
    for name in _TABLE[word].needs:
        if name in read or (name == "file" and all(part in read for part in _METHOD)):
            continue
        expected = f"{name}, or {' and '.join(_METHOD)}" if name == "file" else name
        details = {"field": name, "expected": expected, "got": "nothing"}
        raise ProtocolError("InvalidRequest", f"{word} needs the parameter {expected}", details)


def _check_expression(word: str, expression: Any) -> None:
    """Refuse an expression that is there and says nothing: its value would be a nil that nobody meant."""
    if type(expression) is str and not expression.strip():
        details = {"field": "expression", "expected": "an expression", "got": "empty text"}
        raise ProtocolError("InvalidRequest", f"{word} needs an expression: this one is empty", details)


def _check_method(read: dict[str, Any]) -> None:
    """Refuse parts of a method's name that are not those of `file`; what is no text the table refuses."""
    file, class_name = read.get("file"), read.get("class_name")
    if type(file) is not str:
        return
    filed_class, _, filed_selector = (part.strip() for part in file.partition(">>"))
    side = " class" if read.get("is_class_method") is True else ""
    is_other_class = type(class_name) is str and class_name + side != filed_class
    is_other_side = class_name is None and bool(side) and not filed_class.endswith(side)
    selectors = [read[name] for name in ("method_name", "selector") if type(read.get(name)) is str]
    if is_other_class or is_other_side or any(each != filed_selector.removeprefix("#") for each in selectors):
        raise _contradiction("file", "it and the parts beside it name two methods")
