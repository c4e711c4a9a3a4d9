"""The tree of a STON text -> plain values of records and plain data; the other way is `stontext.py`."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from ..memory.records import live_text
from .kinds import CLASS, HIDDEN, VALUE
from .labels import LABELS
from .stonreader import WORDS, Name, number_of
from .stontext import LIST_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..memory.records import ClassRef, Value
    from ..runtime.kernel import Kernel

#: Bytes of a floating point number.
_FLOAT_BYTES: Final = 8
_CODE_POINT_MAX: Final = 0x10FFFF
_REFERENCE_PARTS: Final = 2
#: Parts of a trait that a class uses: the trait, names of aliases, exclusions.
_USE_PARTS: Final = 3
#: Parts of the name of a kernel method: class and selector.
_METHOD_PARTS: Final = 2
#: What the name of a metaclass ends with.
METACLASS: Final = " class"
#: Kinds of values that are no tuples; the others are immediate.
_KINDS: Final[dict[type, str]] = {type(None): "nil", int: "integer", str: "symbol"}
#: Kinds of tagged tuples.
_TAG_KINDS: Final = {
    **{tag: tag for tag in LIST_TAGS},
    "class": "metaclass",
    "method": "immediate",
    "symbol": "symbol",
    "text": "text",
}


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


#: Key of a map that stands for a scalar -> what makes the scalar of its content.
_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {"bytes": bytes_of, "integer": _integer_of, "float": _float_of}
#: The same for values that only objects hold.
_SPECIAL: Final[dict[str, Callable[[Any], Any]]] = {**_SCALARS, "character": _character_of}


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
        kernel: whose classes and globals values may name.

    Attributes:
        is_sure: whether all that was read since this was set is right as soon as what it refers to is.
        has_older: whether a reference was read that names another class than the object has now.
    """

    def __init__(self, class_refs: Mapping[int, ClassRef], kernel: Kernel) -> None:
        self._class_refs = class_refs
        self._kernel = kernel
        self.is_sure = True
        self.has_older = False
        #: Object that a variable may hold -> the reference to it, as its record stands in the file.
        self._references = {oid: (oid, ref) for oid, ref in class_refs.items() if ref not in HIDDEN}
        #: Tag of a tuple -> whether such parts may follow it.
        self._tags: dict[str, Callable[[tuple[Value, ...]], bool]] = {
            "names": _are_symbols,
            "list": lambda parts: all(self._is_class(part) for part in parts),
            "uses": self._are_uses,
            "class": lambda parts: [self.kind_of(part) for part in parts] == ["%Class"],
            "method": self._is_kernel_method,
            "symbol": _is_coded_text,
        }

    def of(self, tree: Any) -> Value:
        """Read one value of any kind.

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

    def all(self, trees: Iterable[Any]) -> list[Value]:
        """Read what variables and elements hold; most of it is numbers and references."""
        references = self._references
        values: list[Value] = []
        for tree in trees:
            kind = type(tree)
            if kind is list and len(tree) == 1 and type(tree[0]) is int and tree[0] in references:
                values.append(references[tree[0]])
            elif kind is int:
                values.append(tree)
            else:
                values.append(self._held(tree))
        return values

    def plain(self, texts: Iterable[str]) -> list[Value]:
        """Read what the variables and elements of a plain object hold, see `patterns.py`."""
        references = self._references
        values: list[Value] = []
        for text in texts:
            mark = text[0]
            if mark == "[":
                oid = int(text[1:-1])
                values.append(references[oid] if oid in references else self._held([oid]))
            elif mark == "#":
                values.append(text[1:])
            else:
                values.append(WORDS[text] if text in WORDS else number_of(text))
        return values

    def place(self, tree: Any) -> Value:
        """Read where an entry of a dictionary or set stands, see `memory/records.py`."""
        if type(tree) is not dict or list(tree) != ["hash"]:
            return self.of(tree) if type(tree) is dict and list(tree) == ["bytes"] else self._held(tree)
        parts = _list_of(tree["hash"])
        if not all(type(part) is int for part in parts):
            raise MisplacedError("a hash is a list of integers")
        return "hash", *parts

    def _held(self, tree: Any) -> Value:
        """Read what a variable or element holds.

        Raises:
            MisplacedError: it is nothing that the language knows.
        """
        value = self.of(tree)
        if self.kind_of(value) not in VALUE:
            raise MisplacedError(f"a {self.kind_of(value).removeprefix('%')} is nothing that a variable can hold")
        return value

    def kind_of(self, value: Value) -> str:
        """The kind of a value, see `kinds.py`."""
        if type(value) is not tuple:
            return _KINDS.get(type(value), "immediate")
        first = value[0]
        if type(first) is int:
            if len(value) == 1:
                return "immediate"
            ref = self._class_refs[first]
            return ref if type(ref) is str and ref in LABELS else "object"
        if len(value) == 1 and first not in LIST_TAGS:
            if first in self._kernel.singletons:
                return "immediate"
            return "metaclass" if first.endswith(METACLASS) else "class"
        return _TAG_KINDS[first]

    def _reference(self, parts: list[Any]) -> Value:
        """Read a reference."""
        if not 1 <= len(parts) <= _REFERENCE_PARTS or type(parts[0]) is not int:
            raise MisplacedError("a reference is a list with the id of an object")
        present = self._class_refs.get(parts[0])
        if present is None:
            raise MisplacedError(f"object {parts[0]} is referred to, but not in the file")
        if len(parts) == 1:
            return parts[0], present
        self.is_sure = False
        self.has_older = True
        former = parts[1]
        if type(former) is int and self._class_refs.get(former) == "%Shape":
            return parts[0], former
        if type(former) is Name and former not in HIDDEN:
            return parts[0], str(former)
        raise MisplacedError("the second part of a reference is a class or a shape")

    def _tagged(self, tree: dict[Any, Any]) -> Value:
        """Read what a map with one entry stands for."""
        tag, content = next(iter(tree.items())) if len(tree) == 1 else (None, None)
        if type(tag) is not Name:
            raise MisplacedError("a map as a value has one entry, whose key is a symbol")
        if tag == "kernel":
            return self._kernel_name(content)
        special = _SPECIAL.get(tag)
        if special is not None and type(content) is not list:
            return special(content)
        self.is_sure = False
        if tag == "text":
            text = plain_field_of(content[0] if type(content) is list and len(content) == 1 else content)
            if not is_plain_text(text):
                raise MisplacedError("a text was expected")
            return str(tag), text
        parts = tuple([self.of(part) for part in _list_of(content)])
        if tag not in self._tags or not self._tags[tag](parts):
            raise MisplacedError(f"a map with the key #{tag} stands for nothing that is known, or holds what it cannot")
        return str(tag), *parts

    def _kernel_name(self, name: Any) -> tuple[str]:
        """Read the name of a kernel class, of its metaclass, or of a global that the kernel makes."""
        if not isinstance(name, str):
            raise MisplacedError("a name of the kernel was expected")
        if name not in self._kernel.singletons and name.removesuffix(METACLASS) not in self._kernel.classes:
            raise MisplacedError(f"the kernel knows nothing called {name}")
        return (str(name),)

    def _is_class(self, value: Value) -> bool:
        return self.kind_of(value) in CLASS

    def _are_uses(self, parts: tuple[Value, ...]) -> bool:
        """Whether those are traits, each with the names of its aliases and exclusions."""
        lists = [*parts[1::3], *parts[2::3]]
        return (
            len(parts) % _USE_PARTS == 0
            and all(self._is_class(trait) for trait in parts[::3])
            and all(self.kind_of(each) == "names" for each in lists)
        )

    def _is_kernel_method(self, parts: tuple[Value, ...]) -> bool:
        """Whether those are a kernel class or its metaclass, and the selector of a method of it."""
        if len(parts) != _METHOD_PARTS or type(parts[0]) is not tuple or type(parts[1]) is not str:
            return False
        name = parts[0][0]
        subject = self._kernel.classes.get(name.removesuffix(METACLASS)) if type(name) is str else None
        if subject is None or len(parts[0]) != 1:
            return False
        return parts[1] in (subject.metaclass if name.endswith(METACLASS) else subject).methods


def _list_of(tree: Any) -> list[Any]:
    if type(tree) is not list:
        raise MisplacedError("a list was expected")
    return tree


def _are_symbols(parts: tuple[Value, ...]) -> bool:
    return all(type(part) is str for part in parts)


def plain_kind_of(value: Any) -> str:
    """The kind of a plain field, see `kinds.py`."""
    if value is None:
        return "nil"
    if type(value) is int:
        return "integer"
    if type(value) is bool:
        return "flag"
    return "text" if is_plain_text(value) else "number"


def is_plain_text(value: Any) -> bool:
    """Whether a plain value is what `records.plain_text` makes of texts."""
    if type(value) is not bytes:
        return type(value) is str
    try:
        live_text(value)
    except ValueError:
        return False
    return True


def _is_coded_text(parts: tuple[Value, ...]) -> bool:
    """Whether that is the one text of a symbol with lone surrogates."""
    return len(parts) == 1 and type(parts[0]) is bytes and is_plain_text(parts[0])
