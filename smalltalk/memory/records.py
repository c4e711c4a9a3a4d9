"""Plain records: what each kind of object looks like to storage, and the coding of single values.

A record is `(class_ref, slots, payload)`; storage knows no more than that, and which values are references.

| class_ref      | object                             | slots                                  | payload             |
|----------------|------------------------------------|----------------------------------------|---------------------|
| kernel class   | of that class                      | instance variables, inherited first    | by layout, below    |
| oid of %Shape  | of a user class                    | the variables that the shape names     | by layout, below    |
| `%Binding`     | workspace, global, class variable  | name, value                            |                     |
| `%Box`         | captured variable                  | value                                  |                     |
| `%Home`        | activation that a `^` leaves       | active                                 |                     |
| `%Block`       | block                              | %Unit, number of the block in it       | captured values     |
| `%Unit`        | source that blocks were written in | see `blocks.py`                        | names               |
| `%Context`     | activation                         | see `contexts.py`, also for `%Handler` | named values        |
|                |                                    | `%Signal`, `%Pending` and `%Stack`     |                     |
| `%Class`       | user class                         | see `classes.py`                       | class-side values   |
| `%Method`      | method of the session              | selector, category, source, class      |                     |
| `%Shape`       | variables of a class at one time   | class                                  | names               |
| `%Patch`       | changes to a kernel class          | see `patches.py`                       |                     |
| `%Table`       | durable list                       | name                                   | pages               |
| `%Page`        | part of one                        |                                        | elements            |
| `%Root`        | what everything hangs from         | see `root.py`                          |                     |
| `%Held`        | long number that needed an id      | value                                  |                     |
| `%Inspector`   | inspector                          | see `inspection.py`                    | steps               |
| `%Step`        | place of its path                  | label, value                           |                     |
| `%View`        | view that a user defined           | name, code, class                      |                     |

| layout | payload                                                                                             |
|--------|-----------------------------------------------------------------------------------------------------|
| plain  | None                                                                                                |
| items  | tuple of values                                                                                     |
| bytes  | bytes                                                                                               |
| text   | str; bytes (UTF-8 with surrogates passed) when it holds lone surrogates, which plain UTF-8 has not  |
| map    | tuple `(form, where, key, value, where, key, value, ...)`, or `(form, where, element, ...)`         |

A map's `form` is the symbol `entries` (dictionaries) or `elements` (sets). Its order is kept. `where` says under which
Python key the entry stands: nil: under the key itself; true: under the name of the symbol that is the key; else the
value itself, or `("hash", hash, n)` for keys whose class defines `hash` in Smalltalk.

| value                               | coded as                                                        |
|-------------------------------------|-----------------------------------------------------------------|
| nil, integer, float                 | itself                                                          |
| true, false                         | True, False                                                     |
| symbol                              | str                                                             |
| character                           | `(code,)`                                                       |
| kernel class, its metaclass         | `("Array",)`, `("Array class",)`                                |
| metaclass of a user class           | `("class", reference)`                                          |
| heap object, block, user class      | `(oid, class_ref)`, a reference                                 |
| several, made one after the other   | `(first oid, class_ref, count)`, a run, in items; see `runs.py` |
| symbol with lone surrogates         | `("symbol", bytes)`                                             |
| text of a do-it's string literal    | `("text", str or bytes)`: blocks and contexts of do-its hold it |

Kernel classes only ever append instance variables, so a record of an older server fills the first ones and the rest
are nil. User classes change freely: a record names its shape, and variables find their place by name.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

from ..runtime.objects import FALSE, TRUE, Character, FalseObject, Symbol, TrueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ClassRef: TypeAlias = str | int
Value: TypeAlias = Any
Record: TypeAlias = tuple[ClassRef, tuple[Value, ...], Value]
#: A payload too long to be coded at one go: lists of the values that follow each other, coded as they are asked for.
Pieces: TypeAlias = "Generator[list[Value], None, None]"
#: Live value -> plain value, and back.
Encode: TypeAlias = "Callable[[Any], Value]"
Decode: TypeAlias = "Callable[[Value], Any]"


class RecordSource(Protocol):
    """Where a session's records are read from, one at a time, when an object is first touched."""

    @property
    def next_oid(self) -> int:
        """The smallest id not given yet."""

    def record(self, oid: int) -> Record | None:
        """Return the record of an object, None if there is none."""


class Delta(NamedTuple):
    """What changed since the last drain: new and changed records, each id once, in the drain's packing."""

    next_oid: int
    records: Any


def plain_text(text: str) -> str | bytes:
    """A text as storage can keep it: Smalltalk strings may hold lone surrogates, UTF-8 may not."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def live_text(plain: str | bytes) -> str:
    """The text that `plain_text` coded."""
    return plain if isinstance(plain, str) else plain.decode("utf-8", "surrogatepass")


def _itself(value: Any) -> Value:
    """Nil and numbers are plain already."""
    return value


def _encode_symbol(symbol: Symbol) -> Value:
    """A symbol is its name."""
    plain = plain_text(symbol.name)
    return plain if isinstance(plain, str) else ("symbol", plain)


def _encode_text(text: str) -> Value:
    """The text that a string literal of a do-it is made of, which its blocks take along."""
    return "text", plain_text(text)


#: Coding of values that are no references, by Python type.
ENCODE_IMMEDIATE: Final[dict[type, Encode]] = {
    type(None): _itself,
    int: _itself,
    float: _itself,
    TrueObject: lambda _: True,
    FalseObject: lambda _: False,
    Symbol: _encode_symbol,
    str: _encode_text,
    Character: lambda character: (character.code,),
}

#: Decoding of plain values that are no tuples, by Python type.
DECODE_IMMEDIATE: Final[dict[type, Decode]] = {
    type(None): _itself,
    int: _itself,
    float: _itself,
    bool: lambda plain: TRUE if plain else FALSE,
    str: Symbol.intern,
}


def is_immediate(value: Any) -> bool:
    """Whether a live value has no identity of its own, so that records hold it in place."""
    return type(value) in ENCODE_IMMEDIATE


def is_durable_reference(value: Any) -> bool:
    """Whether a live value is a block or a heap object: something that records refer to."""
    return type(value) is FunctionType or hasattr(type(value), "dirty")
