"""The tree of a STON text -> plain values of records and plain data; the other way is `stontext.py`."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from .stonreader import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..memory.records import ClassRef, Value

#: Bytes of a floating point number.
_FLOAT_BYTES: Final = 8
_CODE_POINT_MAX: Final = 0x10FFFF
_REFERENCE_PARTS: Final = 2


class MisplacedError(Exception):
    """Something in a file is not what its place needs; whoever knows the place names it."""


def bytes_of(text: Any) -> bytes:
    """The bytes of a text in base 16."""
    if type(text) is not str:
        raise MisplacedError("bytes in base 16 were expected")
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise MisplacedError("these are no bytes in base 16") from error


def _integer_of(text: Any) -> int:
    try:
        return int(text, 16)
    except (TypeError, ValueError) as error:
        raise MisplacedError("an integer in base 16 was expected") from error


def _float_of(text: Any) -> float:
    data = bytes_of(text)
    if len(data) != _FLOAT_BYTES:
        raise MisplacedError("a number of 8 bytes was expected")
    number: float = struct.unpack(">d", data)[0]
    return number


def _character_of(code: Any) -> tuple[int]:
    if type(code) is not int or not 0 <= code <= _CODE_POINT_MAX:
        raise MisplacedError("the code of a character was expected")
    return (code,)


def _kernel_of(name: Any) -> tuple[str]:
    if not isinstance(name, str):
        raise MisplacedError("a name of the kernel was expected")
    return (str(name),)


#: Key of a map that stands for a scalar -> what makes the scalar of its content.
_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {"bytes": bytes_of, "integer": _integer_of, "float": _float_of}
#: The same for values that only objects hold.
_SPECIAL: Final[dict[str, Callable[[Any], Any]]] = {**_SCALARS, "character": _character_of, "kernel": _kernel_of}


def plain_data_of(tree: Any) -> Any:
    """The plain data of a tree.

    Raises:
        MisplacedError: it has symbols, which plain data has not.
    """
    if isinstance(tree, Name):
        raise MisplacedError(f"the symbol #{tree} has no place in plain data")
    if type(tree) is list:
        return [plain_data_of(each) for each in tree]
    if type(tree) is not dict:
        return tree
    special = next(iter(tree)) if len(tree) == 1 else None
    if isinstance(special, Name) and special in _SCALARS:
        return _SCALARS[special](tree[special])
    return {plain_data_of(key): plain_data_of(value) for key, value in tree.items()}


def plain_field_of(tree: Any) -> Any:
    """The content of a field that holds no value of the language.

    Raises:
        MisplacedError: it is neither text nor a number, a flag or nil.
    """
    if isinstance(tree, Name | list):
        raise MisplacedError("text, a number, true, false or nil was expected")
    if type(tree) is dict:
        return plain_data_of(tree)
    return tree


class ValueReader:
    """Reads the values of one session's records.

    Args:
        class_refs: class reference of each object of the file.
    """

    def __init__(self, class_refs: Mapping[int, ClassRef]) -> None:
        self._class_refs = class_refs

    def of(self, tree: Any) -> Value:
        """Read one value.

        Raises:
            MisplacedError: it is none, or refers to an object that is not in the file.
        """
        kind = type(tree)
        if kind is list:
            return self._reference(tree)
        if kind is Name:
            return str(tree)
        if kind is not dict:
            if kind is str:
                raise MisplacedError("a string stands where only symbols can: a string is an object with an id")
            return tree
        return self._tagged(tree)

    def all(self, trees: Any) -> tuple[Value, ...]:
        """Read a list of values."""
        if type(trees) is not list:
            raise MisplacedError("a list was expected")
        of = self.of
        return tuple([of(tree) for tree in trees])

    def _reference(self, parts: list[Any]) -> Value:
        """Read a reference."""
        if not 1 <= len(parts) <= _REFERENCE_PARTS or type(parts[0]) is not int:
            raise MisplacedError("a reference is a list with the id of an object")
        present = self._class_refs.get(parts[0])
        if present is None:
            raise MisplacedError(f"object {parts[0]} is referred to, but not in the file")
        if len(parts) == 1:
            return parts[0], present
        former = parts[1]
        if type(former) is int and former in self._class_refs:
            return parts[0], former
        if type(former) is Name:
            return parts[0], str(former)
        raise MisplacedError("the second part of a reference is a class or a shape")

    def _tagged(self, tree: dict[Any, Any]) -> Value:
        """Read what a map with one entry stands for."""
        tag, content = next(iter(tree.items())) if len(tree) == 1 else (None, None)
        if type(tag) is not Name:
            raise MisplacedError("a map as a value has one entry, whose key is a symbol")
        special = _SPECIAL.get(tag)
        if special is not None and type(content) is not list:
            return special(content)
        if tag == "text":
            return str(tag), plain_field_of(content[0] if type(content) is list and len(content) == 1 else content)
        return str(tag), *self.all(content)
