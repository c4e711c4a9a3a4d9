"""Values of the language as Python objects: layouts of heap objects, and the immediates that are not Python's own.

| Smalltalk              | Python                                                                    |
|------------------------|---------------------------------------------------------------------------|
| nil                    | `None`                                                                    |
| true, false            | the singletons `TRUE`, `FALSE`: Python's bools are numbers, these are not |
| integers, floats       | `int`, `float`                                                            |
| blocks                 | Python functions made by generated code                                   |
| symbols, characters    | interned, immutable `Symbol`, `Character`; shared by all sessions         |
| every other object     | an instance of a flat subclass of `layout(kind, capacity)`                |

A heap object has `oid` (0 until it is persisted or its identity hash was asked for) and `dirty` (True while new or
already marked; False when clean), its instance variables in the slots `i0`, `i1`, ..., and at most one payload slot
named by its kind. No heap class defines a Python operator: arithmetic on a wrong guess always raises TypeError.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Final
from weakref import WeakValueDictionary

#: Instance variables a layout offers; a class takes the smallest that fits, so that most reshapes are class swaps.
CAPACITIES: Final = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256)

#: Payload slot of each kind and the expression of its empty value.
PAYLOADS: Final = {
    "plain": None,
    "items": ("items", "[]"),
    "bytes": ("data", "bytearray()"),
    "text": ("text", "''"),
    "map": ("map", "{}"),
}


class Object:
    """Root of all heap objects."""

    __slots__ = ("dirty", "oid")
    #: The Smalltalk class of the instances, set on every concrete Python class.
    behavior: ClassVar[Any]
    #: Makes an instance, see `instance_class`; set on every concrete Python class.
    make: ClassVar[Any]

    dirty: bool
    oid: int


class Box(Object):
    """A captured variable that is assigned: shared by the method and the blocks that see it."""

    __slots__ = ("v",)

    v: Any


def new_box(v: Any = None) -> Box:
    """Make a box; a function instead of a constructor, as in `instance_class`."""
    box = Box()
    box.oid = 0
    box.dirty = True
    box.v = v
    return box


class Binding(Object):
    """A named variable outside methods: workspace variable, class variable, entry of `Smalltalk`."""

    __slots__ = ("name", "v")

    def __init__(self, name: str, v: Any = None) -> None:
        self.oid = 0
        self.dirty = True
        self.name = name
        self.v = v


class Home(Object):
    """The activation that a block's `^` returns from; `active` ends with it."""

    __slots__ = ("active",)

    active: bool


def new_home() -> Home:
    """Make the home of an activation that begins."""
    home = Home()
    home.oid = 0
    home.dirty = True
    home.active = True
    return home


class TrueObject:
    """The class of `true`."""

    __slots__ = ()
    #: Its truth for Python; no other object but false has the attribute.
    holds: ClassVar = True

    def __repr__(self) -> str:
        return "TRUE"


class FalseObject:
    """The class of `false`."""

    __slots__ = ()
    #: Its truth for Python.
    holds: ClassVar = False

    def __repr__(self) -> str:
        return "FALSE"


TRUE: Final = TrueObject()
FALSE: Final = FalseObject()


class Symbol:
    """An interned name; equal names are the same object."""

    __slots__ = ("__weakref__", "name")
    _table: ClassVar[WeakValueDictionary[str, Symbol]] = WeakValueDictionary()

    name: str

    @classmethod
    def intern(cls, name: str) -> Symbol:
        """The symbol of that name."""
        symbol = cls._table.get(name)
        if symbol is None:
            symbol = cls()
            symbol.name = name
            cls._table[name] = symbol
        return symbol

    def __repr__(self) -> str:
        return f"#{self.name}"


class Character:
    """One Unicode code point; equal code points are the same object. `letter` is it as text."""

    __slots__ = ("__weakref__", "code", "letter")
    _table: ClassVar[WeakValueDictionary[int, Character]] = WeakValueDictionary()

    code: int
    letter: str

    @classmethod
    def of(cls, code: int) -> Character:
        """The character of that code point."""
        character = cls._table.get(code)
        if character is None:
            character = cls()
            character.code = code
            character.letter = chr(code)
            cls._table[code] = character
        return character

    def __repr__(self) -> str:
        return f"${chr(self.code)}"


#: Latin-1 characters live as long as the process: most text is made of them.
_LATIN1: Final = tuple(Character.of(code) for code in range(256))


#: The characters of Latin-1 by their text.
CHARACTERS: Final = {chr(each.code): each for each in _LATIN1}


def capacity_for(count: int) -> int:
    """The smallest capacity that holds `count` instance variables.

    Raises:
        ValueError: more variables than the largest layout offers.
    """
    for capacity in CAPACITIES:
        if capacity >= count:
            return capacity
    raise ValueError(f"a class may have at most {CAPACITIES[-1]} instance variables, not {count}")


@cache
def layout(kind: str, capacity: int) -> type[Object]:
    """The base class of all objects of that kind with that many variable slots.

    Siblings made with `instance_class` from one layout may swap `__class__`. Its `makers` answers the functions `make`
    and `new` of a subclass; called by itself a class makes an object whose slots are not set.
    """
    payload = PAYLOADS[kind]
    slots = tuple(f"i{k}" for k in range(capacity)) + ((payload[0],) if payload else ())
    stores = ["  o = python_type()", "  o.oid = 0", "  o.dirty = True", *(f"  o.i{k} = None" for k in range(capacity))]
    given = [f"  o.{payload[0]} = {payload[1]} if payload is None else payload"] if payload else []
    empty = [f"  o.{payload[0]} = {payload[1]}"] if payload else []
    lines = [
        "def makers(python_type):",
        f" def make({'payload=None' if payload else ''}):",
        *stores,
        *given,
        "  return o",
    ]
    lines += [" def new(_class):", *stores, *empty, "  return o", " return make, new"]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)  # noqa: S102 - fixed text made above; unrolled stores are twice as fast as a loop
    body = {"__slots__": slots, "makers": staticmethod(namespace["makers"]), "kind": kind, "capacity": capacity}
    return type(f"{kind.capitalize()}{capacity}", (Object,), body)


def instance_class(name: str, kind: str, count: int, base: type | None = None) -> type[Object]:
    """A new Python class for the instances of one Smalltalk class with `count` instance variables.

    Its function `make` makes an empty object with every variable nil; the payload may be given:
    `array_class.make([1, 2])`. Its function `new` is the method of that name: it takes the class and ignores it.
    Functions instead of a constructor: CPython calls them three times as fast.

    Args:
        name: of the class.
        kind: of the payload.
        count: how many instance variables there are.
        base: what it inherits from beside its layout: a class without slots.
    """
    bases = (layout(kind, capacity_for(count)),)
    made: Any = type(name, bases if base is None else (base, *bases), {"__slots__": ()})
    make, new = made.makers(made)
    made.make, made.new = staticmethod(make), staticmethod(new)
    return made  # type: ignore[no-any-return]  # dynamic classes have dynamic attributes
