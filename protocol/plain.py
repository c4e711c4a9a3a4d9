"""What a decoded value may be, checked before anything else sees it.

The codecs let through what the protocol refuses: ``NaN``, ``Infinity`` and ``1e999`` (ujson reads them as floats),
lone surrogates (text that no UTF-8 can carry), binary and extension values of MessagePack, and any depth up to
1,024. Each is refused with the field named. Scalars of a known type are checked by their kind alone; only values
of open type (client state, ids, unknown parameters) are walked.
"""

from math import isfinite
from typing import Any, Final, TypeAlias

from .errors import ProtocolError, limit_exceeded
from .limits import LIMITS

Path: TypeAlias = str | tuple[Any, str | int]
"""A field's place: its name, or a pair of its container's path and its key or index; made text only on failure."""

_DEPTH_MAX: Final = LIMITS["nesting_depth_max"].value
_ITEMS_MAX: Final = LIMITS["list_items_max"].value
_KEYS_MAX: Final = LIMITS["object_keys_max"].value
_CHARS_MAX: Final = LIMITS["string_chars_max"].value

_KEY_CHARS_SHOWN: Final = 40  # a key may be megabytes long; an error names it, it does not repeat it
_PATH_CHARS_SHOWN: Final = 200  # a path is as deep as its value

_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
    bytes: "binary",
}


def type_name(value: Any) -> str:
    """Return the wire's name for the type of a decoded value."""
    return _TYPE_NAMES.get(type(value), "extension value")


def path_text(path: Path) -> str:
    """Return a path as a person writes it, ``state_data.panes[2].size``, cut to a readable length."""
    parts: list[str] = []
    while not isinstance(path, str):
        path, key = path
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key[:_KEY_CHARS_SHOWN]}")
    text = path + "".join(reversed(parts))
    return text if len(text) <= _PATH_CHARS_SHOWN else f"{text[:_PATH_CHARS_SHOWN]}..."


def mismatch(path: Path, expected: str, value: Any) -> ProtocolError:
    """Return the error for a value that is not what the field asks for."""
    field, got = path_text(path), type_name(value)
    details = {"field": field, "expected": expected, "got": got}
    return ProtocolError("InvalidRequest", f"{field} must be {expected}, not {got}", details)


def check_plain(value: Any, path: Path, depth: int = 1) -> None:
    """Refuse whatever is not a plain, finite, bounded value.

    Args:
        value: Any decoded value.
        path: Its place in the message, for the error.
        depth: Its level inside the parameter it belongs to, from 1.

    Raises:
        ProtocolError: InvalidRequest for a value the wire does not know, LimitExceeded for one too big.
    """
    kind = type(value)
    if kind is str:
        if len(value) > _CHARS_MAX:
            raise limit_exceeded("string_chars_max", path_text(path))
    elif kind is dict:
        _check_object(value, path, depth)
    elif kind is list:
        _check_list(value, path, depth)
    elif kind is float:
        if not isfinite(value):
            raise mismatch(path, "a finite number (no NaN, Infinity or overflow)", value)
    elif value is not None and kind is not bool and kind is not int:
        raise mismatch(path, "a plain value", value)


def _check_object(value: dict[Any, Any], path: Path, depth: int) -> None:
    """Check an object's depth, size, keys and members."""
    if depth > _DEPTH_MAX:
        raise limit_exceeded("nesting_depth_max", path_text(path))
    if len(value) > _KEYS_MAX:
        raise limit_exceeded("object_keys_max", path_text(path))
    for key, member in value.items():
        if type(key) is not str:
            raise mismatch(f"a key of {path_text(path)}", "text", key)
        check_plain(member, (path, key), depth + 1)


def _check_list(value: list[Any], path: Path, depth: int) -> None:
    """Check a list's depth, size and items."""
    if depth > _DEPTH_MAX:
        raise limit_exceeded("nesting_depth_max", path_text(path))
    if len(value) > _ITEMS_MAX:
        raise limit_exceeded("list_items_max", path_text(path))
    for index, item in enumerate(value):
        check_plain(item, (path, index), depth + 1)


def refuse_surrogates(message: Any) -> None:
    """Refuse text that holds half of a surrogate pair, which no UTF-8 and no Rust string can carry.

    Walks without recursion: at this point the value may still be 1,024 levels deep.

    Raises:
        ProtocolError: InvalidRequest, naming the field.
    """
    waiting: list[tuple[Path, Any]] = [("message", message)]
    while waiting:
        path, value = waiting.pop()
        if type(value) is str:
            _refuse_surrogate(path, value)
        elif type(value) is list:
            waiting.extend(((path, index), item) for index, item in enumerate(value))
        elif type(value) is dict:
            for key, member in value.items():
                _refuse_surrogate((path, "<key>"), key)
                waiting.append(((path, key), member))


def _refuse_surrogate(path: Path, text: str) -> None:
    """Refuse one text that UTF-8 cannot carry."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        field = path_text(path)
        message = f"{field} holds a lone surrogate (U+{ord(text[error.start]):04X}) at position {error.start}"
        details = {"field": field, "expected": "text", "position": error.start}
        raise ProtocolError("InvalidRequest", message, details) from None
