"""Object ids as clients see them: text that names a value of one session.

| value               | object id                                                                              |
|---------------------|----------------------------------------------------------------------------------------|
| heap object, block, user class | its oid in decimal: `57`                                                    |
| nil, true, false    | `nil`, `true`, `false`                                                                 |
| integer             | `i:7`                                                                                  |
| float               | `f:` and the shortest text that reads back the same: `f:0.1`, `f:nan`, `f:-inf`        |
| symbol              | `s:#at:put:`                                                                           |
| character           | `c:97`, its code point                                                                 |
| kernel class        | `k:Array`, `k:Array class`, and what the kernel names: `k:Transcript`                  |
| metaclass of a user class | `m:57`, the oid of its class                                                     |

Values whose text would be longer than `OBJECT_ID_CHARACTERS_MAX` are held by an object of their own (`%Held`), whose
oid then is their id.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import ClassObject, Metaclass, Method
from ..runtime.objects import FALSE, TRUE, Character, Symbol
from .errors import BrokenImageError, UnknownObjectIdError
from .records import is_immediate
from .registry import Held

if TYPE_CHECKING:
    from collections.abc import Callable

    from .heap import Heap
    from .registry import Registry

#: Long enough for every number and symbol people read; ids travel in every listing.
OBJECT_ID_CHARACTERS_MAX: Final = 128

#: Highest Unicode code point.
_CODE_POINT_MAX: Final = 0x10FFFF

_NAMED: Final[dict[str, Any]] = {"nil": None, "true": TRUE, "false": FALSE}


class ObjectIds:
    """The object ids of one session."""

    __slots__ = ("_heap", "_registry")

    def __init__(self, heap: Heap, registry: Registry) -> None:
        self._heap = heap
        self._registry = registry

    def of(self, value: Any, *, is_kept: bool) -> str:
        """Return a value's id.

        Args:
            value: any value of the language.
            is_kept: whether to keep the object alive for its id's sake; not needed where another object that is
                kept refers to it.
        """
        text = _immediate_id(value) if is_immediate(value) else None
        if text is not None and len(text) <= OBJECT_ID_CHARACTERS_MAX:
            return text
        if is_immediate(value):
            value, is_kept = Held(value), True
        elif isinstance(value, Metaclass) and not value.is_kernel:
            return f"m:{self.of(value.sole, is_kept=is_kept)}"
        elif (name := self._heap.forms.kernel_name(value)) is not None:
            return f"k:{name}"
        oid = self._heap.identify(value)
        if is_kept:
            self._registry.keep(value)
        return str(oid)

    def value(self, text: str) -> Any:
        """Return the value an id names.

        Raises:
            UnknownObjectIdError: no object of this session has that id, or it is gone.
        """
        try:
            return self._value(text)
        except (ValueError, OverflowError, BrokenImageError) as error:
            raise UnknownObjectIdError(f"no object has the id '{text[:OBJECT_ID_CHARACTERS_MAX]}'") from error

    def _value(self, text: str) -> Any:
        """The same; what is wrong with the id comes as ValueError."""
        if text in _NAMED:
            return _NAMED[text]
        if len(text) > OBJECT_ID_CHARACTERS_MAX:
            raise ValueError(text)
        tag, colon, rest = text.partition(":")
        if colon:
            value = _READERS.get(tag, _refuse)(rest, self._heap)
            if is_immediate(value) and _immediate_id(value) != text:
                raise ValueError(text)
            return value
        return _public(self._heap.find(_oid(text)))


def _public(found: Any) -> Any:
    """The value itself, if what has that oid is a value of the language and no inner object of the image."""
    if isinstance(found, Held):
        return found.v
    if isinstance(found, FunctionType | Method) or hasattr(type(found), "behavior"):
        return found
    raise ValueError(found)


def _metaclass(rest: str, heap: Heap) -> Any:
    subject = heap.find(_oid(rest))
    if not isinstance(subject, ClassObject):
        raise ValueError(rest)  # noqa: TRY004 - the id is wrong, not the program
    return subject.metaclass


def _immediate_id(value: Any) -> str:
    """The id of a value without identity."""
    if type(value) is int:
        # Beyond 512 bits the text is too long anyway, and making it takes quadratic time.
        return (
            f"i:{value}" if value.bit_length() <= 4 * OBJECT_ID_CHARACTERS_MAX else "i" * (OBJECT_ID_CHARACTERS_MAX + 1)
        )
    if type(value) is float:
        return f"f:{value!r}"
    if type(value) is Symbol:
        return f"s:#{value.name}"
    if type(value) is Character:
        return f"c:{value.code}"
    return next(text for text, named in _NAMED.items() if named is value)


def _oid(text: str) -> int:
    """The number of an oid in its one spelling."""
    if not (text.isascii() and text.isdecimal()) or text[0] == "0":
        raise ValueError(text)
    return int(text)


def _read_symbol(rest: str, _: Heap) -> Symbol:
    if rest[:1] != "#":
        raise ValueError(rest)
    return Symbol.intern(rest[1:])


def _read_character(rest: str, _: Heap) -> Character:
    if not 0 <= int(rest) <= _CODE_POINT_MAX:
        raise ValueError(rest)
    return Character.of(int(rest))


def _refuse(rest: str, _: Heap) -> Any:
    raise ValueError(rest)


#: Tag of an id -> reader of what follows the colon.
_READERS: Final[dict[str, Callable[[str, Heap], Any]]] = {
    "i": lambda rest, _: int(rest),
    "f": lambda rest, _: float(rest),
    "s": _read_symbol,
    "c": _read_character,
    "k": lambda rest, heap: heap.decode((rest,)),
    "m": _metaclass,
}
